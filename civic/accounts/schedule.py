"""How long accounts are kept: two years without a visit, then a warning, then erasure (CNIL)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from civic.accounts import signals
from civic.accounts.actor import SYSTEM
from civic.accounts.models import Account, AccountSession, CapabilityToken, RoleGrant, SignInCode
from civic.accounts.networks import forget_networks
from civic.accounts.operations import erase_account
from civic.accounts.operations.guessing import forget_old_failures, tell_owners
from civic.accounts.security import forget_events
from civic.database import utcnow
from civic.tasks.schedule import daily, every

INACTIVE_AFTER = timedelta(days=730)
WARNING = timedelta(days=30)
"""How long after the warning an account is erased."""
A_DAY = timedelta(days=1)
SESSIONS_KEPT = timedelta(days=180)
"""How long an ended session is kept: until then its device is not called new."""
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


def apply_retention(session: Session, *, dry_run: bool) -> dict[str, int]:
    """Warn and erase accounts that nobody uses, committing in batches; nothing in a dry run.

    Returns how many accounts are warned and erased, and how many spent codes are forgotten.
    """
    now = utcnow()
    found = find_inactive(session, now)
    spent = SignInCode.expires_at < now - A_DAY
    counts = {
        "warned": len(found.to_warn),
        "erased": len(found.to_erase),
        "codes": session.scalar(select(func.count()).select_from(SignInCode).where(spent)) or 0,
    }
    if not dry_run:
        _warn(session, found.to_warn, now)
        for account_id in found.to_erase:
            erase_account(session, session.get_one(Account, account_id), actor=SYSTEM)
            session.commit()
        session.execute(delete(SignInCode).where(spent))
        session.execute(delete(CapabilityToken).where(CapabilityToken.expires_at < now - A_DAY))
        session.execute(delete(AccountSession).where(_ended_before(now - SESSIONS_KEPT)))
        forget_old_failures(session, now)
        forget_events(session, now)
        session.commit()
    return counts


@daily(at="03:00")
def retain(session: Session) -> None:
    """Do what the rule says, every night."""
    apply_retention(session, dry_run=False)


@daily(at="03:10")
def forget_old_networks(session: Session) -> None:
    """Remove what ties a month-old text to the network that it came from."""
    forget_networks(session)


@every(minutes=5)
def tell_of_guessing(session: Session) -> None:
    """Tell owners whose password is being guessed.

    Not while it is tried: how long an answer takes must not say who has an account.
    """
    tell_owners(session)


def _ended_before(moment: datetime) -> ColumnElement[bool]:
    return or_(AccountSession.ended_at < moment, AccountSession.expires_at < moment)


def _warn(session: Session, account_ids: list[int], now: datetime) -> None:
    for number, account_id in enumerate(account_ids, start=1):
        account = session.get_one(Account, account_id)
        account.inactivity_warned_at = now
        session.flush()
        signals.inactivity_found.send(session, account=account, erase_at=now + WARNING)
        if number % BATCH == 0:
            session.commit()
    session.commit()


def _last_seen() -> ColumnElement[datetime]:
    return func.coalesce(Account.last_seen_at, Account.created_at)
