"""The one queue of what is held or flagged, the oldest promise first."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Subquery, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from civic.calendar import add_working_days
from civic.comments.models import Comment
from civic.contributions.models import Contribution, ModerationState
from civic.database import utcnow
from civic.database.keyset import follows
from civic.flags.models import Flag
from civic.moderation.models import Appeal, AppealLevel, Hold
from civic.places.models import Town
from civic.places.queries import holiday_region

PROMISED_DAYS = 2
"""Working days within which somebody looks at what is held or flagged."""
PAGE = 20

Key = tuple[datetime, int, int]
"""Where a page ends: since when, which contribution, which comment (0: none)."""


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What to show. ``what`` is held or flagged, ``days`` the least age; empty: everything."""

    what: str = ""
    kind: str = ""
    days: int = 0


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One thing to decide about: a contribution, or one of its comments."""

    contribution: Contribution
    comment: Comment | None
    since: datetime
    promised_at: datetime | None
    holds: list[Hold] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """Its place in the queue."""
        return (self.since, self.contribution.id, self.comment.id if self.comment else 0)

    @property
    def text(self) -> str:
        """What was written."""
        return self.comment.body if self.comment else self.contribution.body

    @property
    def state(self) -> ModerationState:
        """Whether the public sees it at the moment."""
        return (self.comment or self.contribution).moderation_state

    @property
    def weight(self) -> float:
        """The sum of the weights of its flags."""
        return sum(flag.weight for flag in self.flags)

    @property
    def is_late(self) -> bool:
        """Whether the promise is past."""
        return self.promised_at is not None and self.promised_at < utcnow()


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page; ``following`` is the key to ask the next one with, None on the last."""

    items: list[QueueItem]
    following: Key | None


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How much waits. What is both held and flagged counts in both."""

    waiting: int
    held: int
    flagged: int
    appeals: int


def list_queue(
    session: Session, filters: QueueFilters, *, after: Key | None = None, limit: int = PAGE
) -> QueuePage:
    """Return the page of the queue that follows ``after``, in a fixed number of statements."""
    waiting = _waiting()
    query = select(waiting).order_by(waiting.c.since, waiting.c.contribution_id, waiting.c.comment)
    if filters.what == "held":
        query = query.where(waiting.c.held > 0)
    elif filters.what == "flagged":
        query = query.where(waiting.c.flagged > 0)
    if filters.kind:
        query = query.join(Contribution, Contribution.id == waiting.c.contribution_id)
        query = query.where(Contribution.kind == filters.kind)
    if filters.days:
        query = query.where(waiting.c.since <= utcnow() - timedelta(days=filters.days))
    if after is not None:
        order = (waiting.c.since, waiting.c.contribution_id, waiting.c.comment)
        query = query.where(follows(order, after))
    rows = session.execute(query.limit(limit + 1)).all()
    items = _load(session, [(row.since, row.contribution_id, row.comment) for row in rows[:limit]])
    following = items[-1].key if len(rows) > limit and items else None
    return QueuePage(items, following)


def find_item(
    session: Session, contribution_id: int, comment_id: int | None = None
) -> QueueItem | None:
    """Return one thing to decide about, waiting or not; None when there is no such thing."""
    items = _load(session, [(None, contribution_id, comment_id or 0)])
    return items[0] if items else None


def count_queue(session: Session) -> QueueCounts:
    """Count what waits, in one statement."""
    waiting = _waiting()
    open_appeals = select(func.count(Appeal.id)).where(
        Appeal.level == AppealLevel.MODERATION, Appeal.decided_at.is_(None)
    )
    row = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((waiting.c.held > 0, 1), else_=0)), 0),
            func.coalesce(func.sum(case((waiting.c.flagged > 0, 1), else_=0)), 0),
            open_appeals.scalar_subquery(),
        ).select_from(waiting)
    ).one()
    return QueueCounts(*(int(count) for count in row))


def _waiting() -> Subquery:
    parts = [
        select(
            model.contribution_id,
            model.comment_id,
            model.at,
            literal(int(model is Hold)).label("held"),
            literal(int(model is Flag)).label("flagged"),
        ).where(is_open)
        for model, is_open in (
            (Hold, Hold.released_at.is_(None)),
            (Flag, Flag.resolved_at.is_(None)),
        )
    ]
    each = union_all(*parts).subquery()
    comment = func.coalesce(each.c.comment_id, 0)
    return (
        select(
            each.c.contribution_id,
            comment.label("comment"),
            func.min(each.c.at).label("since"),
            func.sum(each.c.held).label("held"),
            func.sum(each.c.flagged).label("flagged"),
        )
        .group_by(each.c.contribution_id, comment)
        .subquery()
    )


def _load(session: Session, keys: Iterable[tuple[datetime | None, int, int]]) -> list[QueueItem]:
    keys = list(keys)
    ids = {contribution_id for _, contribution_id, _ in keys}
    comment_ids = {comment for _, _, comment in keys if comment}
    is_for_moderators = Contribution.moderation_state != ModerationState.PRIVATE
    found = session.scalars(
        select(Contribution).where(Contribution.id.in_(ids), is_for_moderators)
    ).unique()
    contributions = {one.id: one for one in found}
    comments: dict[int, Comment] = {}
    if comment_ids:
        said = session.scalars(select(Comment).where(Comment.id.in_(comment_ids)))
        comments = {one.id: one for one in said}
    holds: dict[tuple[int, int], list[Hold]] = defaultdict(list)
    flags: dict[tuple[int, int], list[Flag]] = defaultdict(list)
    open_holds = select(Hold).where(Hold.contribution_id.in_(ids), Hold.released_at.is_(None))
    for hold in session.scalars(open_holds.order_by(Hold.id)):
        holds[hold.contribution_id, hold.comment_id or 0].append(hold)
    open_flags = select(Flag).where(Flag.contribution_id.in_(ids), Flag.resolved_at.is_(None))
    for flag in session.scalars(open_flags.order_by(Flag.id)):
        flags[flag.contribution_id, flag.comment_id or 0].append(flag)
    town = session.get(Town, 1)
    items = []
    for since, contribution_id, comment_id in keys:
        contribution, comment = contributions.get(contribution_id), comments.get(comment_id)
        if contribution is None or (comment_id and not _belongs(comment, contribution)):
            continue
        key = (contribution_id, comment_id)
        times = [*(hold.at for hold in holds[key]), *(flag.at for flag in flags[key])]
        written = comment.created_at if comment else contribution.submitted_at
        begun = since or min(times, default=written)
        items.append(
            QueueItem(
                contribution=contribution,
                comment=comment,
                since=begun,
                promised_at=_promise(begun, town) if times else None,
                holds=holds[key],
                flags=flags[key],
            )
        )
    return items


def _belongs(comment: Comment | None, contribution: Contribution) -> bool:
    return comment is not None and comment.contribution_id == contribution.id


def _promise(since: datetime, town: Town | None) -> datetime:
    return add_working_days(
        since,
        PROMISED_DAYS,
        zone=ZoneInfo(town.zone if town else "Europe/Paris"),
        region=holiday_region(town),
    )
