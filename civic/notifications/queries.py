"""Who hears, and what they heard."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from civic.accounts.actor import Role
from civic.accounts.models import Account, RoleGrant
from civic.contributions.models import Contribution, ModerationState
from civic.database import utcnow
from civic.follows.models import Follow
from civic.notifications.events import EVENTS, STAFF_GROUPS, Event
from civic.notifications.models import Notification, OutgoingEmail
from civic.votes.models import Vote

PAGE = 30
MOST_COUNTED = 99
AN_HOUR = timedelta(hours=1)
FURTHEST = timedelta(days=2)
MOST_AN_HOUR = 20
"""News that come at once to one address in an hour; what is beyond comes gathered."""
_OF_STAFF = [event.code for event in EVENTS.values() if event.group in STAFF_GROUPS]
_CHOSEN = [event.code for event in EVENTS.values() if event.group]


def list_audience(
    session: Session, contributions: Iterable[Contribution], *, voters: bool = True
) -> set[int]:
    """Return the accounts of authors, voters and followers, less those who muted it.

    A person is muted only where they muted: having muted one contribution does not keep them from
    hearing about another one they support.
    """
    authors = {one.id: one.author_id for one in contributions}
    told = {(id, author_id) for id, author_id in authors.items() if author_id is not None}
    muted: set[tuple[int, int]] = set()
    for id, account_id, is_muted in session.execute(
        select(Follow.contribution_id, Follow.account_id, Follow.is_muted).where(
            Follow.contribution_id.in_(authors)
        )
    ):
        (muted if is_muted else told).add((id, account_id))
    if voters:
        voted = select(Vote.contribution_id, Vote.account_id)
        found = session.execute(voted.where(Vote.contribution_id.in_(authors)))
        told.update((id, account_id) for id, account_id in found)
    return {account_id for _, account_id in told - muted}


def list_holders(session: Session, *roles: Role, near: Contribution | None = None) -> list[Account]:
    """Return who holds one of ``roles`` and may act.

    With ``near``, grants that are narrowed to another department are left out.
    """
    grants = select(RoleGrant.account_id).where(RoleGrant.role.in_(roles))
    if near is not None:
        department = RoleGrant.department_id
        grants = grants.where(or_(department.is_(None), department == near.department_id))
    return list(
        session.scalars(
            select(Account)
            .where(
                Account.id.in_(grants),
                Account.erased_at.is_(None),
                or_(Account.suspended_until.is_(None), Account.suspended_until <= utcnow()),
            )
            .order_by(Account.id)
        )
    )


def is_authors(session: Session, contribution_id: int, account_id: int) -> bool:
    """Whether the contribution is this account's, which was not erased."""
    own = (
        select(Contribution.id)
        .join(Account, Account.id == Contribution.author_id)
        .where(
            Contribution.id == contribution_id,
            Account.id == account_id,
            Account.erased_at.is_(None),
        )
    )
    return session.scalar(own) is not None


def list_notifications(
    session: Session, account_id: int, *, before: int | None = None, limit: int = PAGE
) -> list[Notification]:
    """Return the person's news, the newest first, older than the id ``before``.

    What is not public is left out, except for its author, and for the staff what it heard as such.
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
        .outerjoin(Contribution, Contribution.id == Notification.contribution_id)
        .where(
            Notification.account_id == account_id,
            Notification.read_at.is_(None),
            _may_still_see(account_id),
        )
        .limit(MOST_COUNTED)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(unread)) or 0


def list_badges(
    session: Session, account_id: int, cases: Iterable[Contribution]
) -> dict[int, list[Event]]:
    """Return what the person was told of each case and has not read, since its last step.

    Only what has a badge, by the id of the case, the oldest first. In one statement.
    """
    unread = (
        select(Contribution.id, Notification.event)
        .join(Notification, Notification.contribution_id == Contribution.id)
        .where(
            Contribution.id.in_([case.id for case in cases]),
            Notification.account_id == account_id,
            Notification.read_at.is_(None),
            Notification.at >= Contribution.status_since,
        )
        .order_by(Notification.id)
    )
    found: dict[int, list[Event]] = {}
    for contribution_id, code in session.execute(unread):
        told = found.setdefault(contribution_id, [])
        if EVENTS[code].badge and EVENTS[code] not in told:
            told.append(EVENTS[code])
    return found


def list_thread(session: Session, mail: OutgoingEmail) -> list[str]:
    """Return the Message-IDs of the mails about the same to the same reader before ``mail``."""
    if not mail.thread:
        return []
    earlier = (
        select(OutgoingEmail.message_id)
        .where(
            OutgoingEmail.recipient == mail.recipient,
            OutgoingEmail.thread == mail.thread,
            OutgoingEmail.id < mail.id,
            OutgoingEmail.failed_at.is_(None),
        )
        .order_by(OutgoingEmail.id)
    )
    return list(session.scalars(earlier))


def list_flooded(session: Session, addresses: Sequence[str]) -> set[str]:
    """Return to which of ``addresses`` as many news as an hour takes at once have been written."""
    flooded: set[str] = set()
    for start in range(0, len(addresses), 500):
        written = (
            select(OutgoingEmail.recipient)
            .where(
                OutgoingEmail.recipient.in_(addresses[start : start + 500]),
                OutgoingEmail.template.in_(_CHOSEN),
                OutgoingEmail.created_at > utcnow() - AN_HOUR,
            )
            .group_by(OutgoingEmail.recipient)
            .having(func.count() >= MOST_AN_HOUR)
        )
        flooded.update(session.scalars(written))
    return flooded


def is_due(now: datetime) -> ColumnElement[bool]:
    """Match the mails whose time has come.

    No mail waits for more than a day: what is further ahead was written while a clock was.
    """
    at = OutgoingEmail.next_try_at
    return or_(at <= now, at > now + FURTHEST)


def list_due_email_ids(session: Session, now: datetime, limit: int) -> list[int]:
    """Return the mails whose time has come, the longest waiting first.

    One about a matter of which its reader is to hear something older first waits for that: news
    of an act that can be undone leave later than those of what came after it.
    """
    before = aliased(OutgoingEmail)
    hears_of_it_later = exists().where(
        before.recipient == OutgoingEmail.recipient,
        before.thread == OutgoingEmail.thread,
        before.thread != "",
        before.id < OutgoingEmail.id,
        before.sent_at.is_(None),
        before.failed_at.is_(None),
        before.tries == 0,
        before.next_try_at > now,
        before.next_try_at <= now + FURTHEST,
    )
    return list(
        session.scalars(
            select(OutgoingEmail.id)
            .where(
                OutgoingEmail.sent_at.is_(None),
                OutgoingEmail.failed_at.is_(None),
                is_due(now),
                not_(hears_of_it_later),
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
        and_(
            Notification.event.in_(_OF_STAFF),
            exists().where(RoleGrant.account_id == account_id),
        ),
    )
