"""How long accounts are kept: two years without a visit, then a warning, then erasure (CNIL)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from civic.accounts import signals
from civic.accounts.actor import SYSTEM
from civic.accounts.models import Account, RoleGrant, SignInCode
from civic.accounts.operations import erase_account
from civic.database import utcnow
from civic.tasks.schedule import daily

INACTIVE_AFTER = timedelta(days=730)
WARNING = timedelta(days=30)
"""How long after the warning an account is erased."""
BATCH = 100


@dataclass(frozen=True, slots=True)
class Retention:
    """What the rule would do now: the ids to warn, and the ids to erase."""

    to_warn: list[int] = field(default_factory=list)
    to_erase: list[int] = field(default_factory=list)


def find_inactive(session: Session, now: datetime | None = None) -> Retention:
    """Return whom the rule concerns at ``now``, changing nothing: the dry run.

    Who holds a role is left alone: the administration takes roles back first.
    """
    now = now or utcnow()
    unused = (
        Account.erased_at.is_(None),
        Account.email.is_not(None),
        _last_seen() < now - INACTIVE_AFTER,
        ~select(RoleGrant.id).where(RoleGrant.account_id == Account.id).exists(),
    )
    warn = select(Account.id).where(*unused, Account.inactivity_warned_at.is_(None))
    erase = select(Account.id).where(*unused, Account.inactivity_warned_at < now - WARNING)
    return Retention(
        to_warn=list(session.scalars(warn.order_by(Account.id))),
        to_erase=list(session.scalars(erase.order_by(Account.id))),
    )


@daily(at="03:00")
def retain(session: Session) -> None:
    """Warn and erase accounts that nobody uses; forget codes that nobody can use any more."""
    now = utcnow()
    found = find_inactive(session, now)
    for number, account_id in enumerate(found.to_warn, start=1):
        account = session.get_one(Account, account_id)
        account.inactivity_warned_at = now
        session.flush()
        signals.inactivity_found.send(session, account=account, erase_at=now + WARNING)
        if number % BATCH == 0:
            session.commit()
    session.commit()
    for account_id in found.to_erase:
        erase_account(session, session.get_one(Account, account_id), actor=SYSTEM)
        session.commit()
    session.execute(delete(SignInCode).where(SignInCode.expires_at < now - timedelta(days=1)))


def _last_seen() -> ColumnElement[datetime]:
    return func.coalesce(Account.last_seen_at, Account.created_at)
