"""Who hears, and what they heard."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from civic.contributions.models import Contribution, ModerationState
from civic.follows.models import Follow
from civic.notifications.models import Notification, OutgoingEmail
from civic.votes.models import Vote

PAGE = 30
MOST_COUNTED = 99


def audience(
    session: Session, contributions: Iterable[Contribution], *, voters: bool = True
) -> set[int]:
    """Return the accounts of authors, voters and followers, less those who muted it.

    A person is muted only where they muted: having muted one contribution does not keep them from
    hearing about another one they support.
    """
    found: set[int] = set()
    for contribution in contributions:
        rows = session.execute(
            select(Follow.account_id, Follow.is_muted).where(
                Follow.contribution_id == contribution.id
            )
        ).all()
        people = {account_id for account_id, _ in rows}
        if voters:
            voted = select(Vote.account_id).where(Vote.contribution_id == contribution.id)
            people.update(session.scalars(voted))
        if contribution.author_id is not None:
            people.add(contribution.author_id)
        found |= people - {account_id for account_id, is_muted in rows if is_muted}
    return found


def list_notifications(
    session: Session, account_id: int, *, before: int | None = None, limit: int = PAGE
) -> list[Notification]:
    """Return the person's news, the newest first, older than the id ``before``.

    What was hidden meanwhile is left out, except from its author's.
    """
    wanted = (
        select(Notification)
        .outerjoin(Contribution, Contribution.id == Notification.contribution_id)
        .where(Notification.account_id == account_id, _may_still_see(account_id))
        .order_by(Notification.id.desc())
        .limit(limit)
    )
    if before is not None:
        wanted = wanted.where(Notification.id < before)
    return list(session.scalars(wanted))


def count_unread(session: Session, account_id: int) -> int:
    """Return how many news the person has not read, 99 at most: it is asked on every page."""
    unread = (
        select(Notification.id)
        .where(Notification.account_id == account_id, Notification.read_at.is_(None))
        .limit(MOST_COUNTED)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(unread)) or 0


def due_email_ids(session: Session, now: datetime, limit: int) -> list[int]:
    """Return the mails whose time has come, the longest waiting first."""
    return list(
        session.scalars(
            select(OutgoingEmail.id)
            .where(
                OutgoingEmail.sent_at.is_(None),
                OutgoingEmail.failed_at.is_(None),
                OutgoingEmail.next_try_at <= now,
            )
            .order_by(OutgoingEmail.next_try_at, OutgoingEmail.id)
            .limit(limit)
        )
    )


def _may_still_see(account_id: int) -> ColumnElement[bool]:
    return or_(
        Notification.contribution_id.is_(None),
        Contribution.moderation_state == ModerationState.PUBLISHED,
        Contribution.author_id == account_id,
    )
