"""Who still may hear when a mail leaves: roles, suspensions, what is public have changed since."""

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.accounts.session import actor_of
from civic.contributions.models import Contribution
from civic.contributions.policies import is_in_charge
from civic.database import utcnow
from civic.notifications.cases import is_verified
from civic.notifications.events import STAFF_GROUPS
from civic.notifications.models import OutgoingEmail

A_DAY = timedelta(days=1)
MOST_UNVERIFIED = 3
"""Mails that a mailbox is sent in a day before its owner has shown that it is theirs."""
_ROLES = {"held": Role.MODERATOR, "flagged": Role.MODERATOR, "appeals": Role.MEDIATOR}


def may_leave(session: Session, mail: OutgoingEmail) -> bool:
    """Whether ``mail`` is still for its reader; what a digest may not say any more is taken out."""
    account_id = mail.data.get("account_id")
    account = session.get(Account, account_id) if account_id else None
    if "lines" in mail.data:
        kept = [line for line in mail.data["lines"] if may_hear(session, account, line, mail.data)]
        mail.data = {**mail.data, "lines": kept}
        return bool(kept)
    return account_id is None or may_hear(session, account, mail.data, mail.data)


def is_too_much(session: Session, mail: OutgoingEmail) -> bool:
    """Whether the mailbox, whose owner has not shown that it is theirs, has had its mails today.

    Anybody can type an address: what is beyond is on the page of the receipt, or waits (goes_on).
    """
    if not mail.thread or mail.data.get("department_id") or is_verified(session, mail.recipient):
        return False
    local, _, domain = mail.recipient.partition("@")
    box = local.partition("+")[0]
    same = or_(
        OutgoingEmail.recipient == f"{box}@{domain}",
        and_(
            OutgoingEmail.recipient.startswith(f"{box}+", autoescape=True),
            OutgoingEmail.recipient.endswith(f"@{domain}", autoescape=True),
        ),
    )
    sent = select(func.count(OutgoingEmail.id)).where(
        same, OutgoingEmail.thread != "", OutgoingEmail.sent_at > utcnow() - A_DAY
    )
    return (session.scalar(sent) or 0) >= MOST_UNVERIFIED


def goes_on(session: Session, mail: OutgoingEmail) -> bool:
    """Whether the mailbox has had a mail about the same before, and waits for more."""
    earlier = select(OutgoingEmail.id).where(
        OutgoingEmail.recipient == mail.recipient,
        OutgoingEmail.thread == mail.thread,
        OutgoingEmail.sent_at.is_not(None),
    )
    return session.scalar(earlier.limit(1)) is not None


def may_hear(
    session: Session, account: Account | None, data: dict[str, Any], mail: dict[str, Any]
) -> bool:
    """Whether a person, or the mailbox that ``mail`` goes to, may be told ``data`` now."""
    contribution = _contribution(session, data)
    group = data.get("group")
    if account is None:
        return bool(mail.get("department_id")) and (
            contribution is None or contribution.department_id == mail["department_id"]
        )
    if account.erased_at is not None:
        return False
    if group is None:
        return True
    is_own = contribution is not None and contribution.author_id == account.id
    if account.is_suspended and not (is_own and group == "status"):
        return False
    if group == "deadlines":
        return not account.roles.isdisjoint({Role.AGENT, Role.ADMINISTRATOR})
    if group in STAFF_GROUPS:
        return _works_on(account, str(group), contribution, stands_in=bool(data.get("nobody")))
    return contribution is None or contribution.is_public or is_own


def _works_on(
    account: Account, group: str, contribution: Contribution | None, *, stands_in: bool
) -> bool:
    if stands_in:
        return Role.ADMINISTRATOR in account.roles
    if group in _ROLES:
        return _ROLES[group] in account.roles
    return contribution is not None and is_in_charge(actor_of(account), contribution)


def _contribution(session: Session, data: dict[str, Any]) -> Contribution | None:
    reference = data.get("reference")
    if not reference:
        return None
    return session.scalars(
        select(Contribution).where(Contribution.reference == reference)
    ).one_or_none()
