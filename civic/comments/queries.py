"""Reading what was said: threads in an order, page by page, and what the heat wants to know."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from civic.accounts.models import Account
from civic.comments.models import Comment, CommentVote, Stance
from civic.contributions.hotness import COMMENT_WEIGHT
from civic.contributions.models import IS_PUBLISHED, Contribution, ModerationState
from civic.database.keyset import follows
from civic.errors import require
from civic.i18n import N_
from civic.taxonomy.models import Department

THREADS_A_PAGE = 20


class CommentSort(StrEnum):
    """The orders that a reader can ask for; answers of the town come first in each."""

    BEST = "best"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Said:
    """One comment as a page shows it; ``judged`` is what the reader found (None: nothing)."""

    id: int
    parent_id: int | None
    author_id: int | None
    author_name: str | None
    department_name: str | None
    department_name_en: str | None
    body: str
    stance: Stance
    moderation_state: ModerationState
    created_at: datetime
    edited_at: datetime | None
    helpful_count: int
    unhelpful_count: int
    score: float
    judged: bool | None

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it."""
        return self.moderation_state is ModerationState.PUBLISHED

    @property
    def is_official(self) -> bool:
        """Whether a department says it."""
        return self.department_name is not None


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment and the answers to it, oldest first."""

    first: Said
    replies: list[Said] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Some threads; ``after`` is where the next ones begin (empty: there are none)."""

    threads: list[Thread]
    after: str = ""


def list_threads(
    session: Session,
    contribution_id: int,
    *,
    reader_id: int | None = None,
    sort: CommentSort = CommentSort.BEST,
    after: str = "",
    limit: int = THREADS_A_PAGE,
) -> ThreadPage:
    """Return ``limit`` threads with all their answers, in one query.

    The reader also sees their own comments that are held. A comment that was taken away stays as
    a place, without its words, while somebody has answered it. ``after`` is a cursor of the page
    before; one that makes no sense means the first page.
    """
    start = _parsed(sort, after)
    asked: dict[str, Any] = {"here": contribution_id, "reader": reader_id, "most": limit + 1}
    asked |= dict(zip(_START, start, strict=True)) if start else {}
    found: list[Said] = []
    places: dict[int, int] = {}
    for row in session.execute(_page(sort, has_start=start is not None), asked):
        place, said = _said(row)
        found.append(said)
        if said.parent_id is None:
            places[said.id] = place
    replies: dict[int, list[Said]] = defaultdict(list)
    for said in sorted(found, key=lambda said: (said.created_at, said.id)):
        if said.parent_id is not None:
            replies[said.parent_id].append(said)
    firsts = sorted((s for s in found if s.parent_id is None), key=lambda said: places[said.id])
    page = [Thread(said, replies[said.id]) for said in firsts[:limit]]
    return ThreadPage(page, _cursor(sort, page[-1].first) if len(firsts) > limit else "")


def get_comment(session: Session, comment_id: int) -> Comment:
    """Return one comment; raises NotFound."""
    return require(session.get(Comment, comment_id), N_("Ce commentaire n’existe pas."))


def list_public_after(session: Session, last: int, limit: int) -> Sequence[Any]:
    """Return up to ``limit`` comments that everybody may read, by id, those after ``last``.

    Without who wrote them; ``parent_id`` is that of a comment that everybody may read.
    """
    parent = aliased(Comment)
    shown = parent.moderation_state == ModerationState.PUBLISHED
    statement = (
        select(
            Comment.id,
            Contribution.reference,
            parent.id.label("parent_id"),
            Comment.body,
            Comment.stance,
            Comment.department_id,
            Comment.created_at,
            Comment.helpful_count,
            Comment.unhelpful_count,
        )
        .join_from(
            Comment, Contribution, and_(Contribution.id == Comment.contribution_id, IS_PUBLISHED)
        )
        .outerjoin(parent, and_(parent.id == Comment.parent_id, shown))
        .where(Comment.id > last, Comment.moderation_state == ModerationState.PUBLISHED)
        .order_by(Comment.id)
        .limit(limit)
    )
    return session.execute(statement).all()


def list_supports(session: Session, contribution_id: int) -> list[tuple[datetime, float]]:
    """Return when each public comment came and what it weighs, for the heat."""
    moments = session.scalars(
        select(Comment.created_at).where(
            Comment.contribution_id == contribution_id,
            Comment.moderation_state == ModerationState.PUBLISHED,
        )
    )
    return [(at, COMMENT_WEIGHT) for at in moments]


_START = ("start_group", "start_value", "start_id")
"""What the key of the first comment not to show again is called."""


def _visible(comment: type[Comment]) -> ColumnElement[bool]:
    own = and_(
        comment.author_id == bindparam("reader"), comment.moderation_state == ModerationState.HELD
    )
    return or_(comment.moderation_state == ModerationState.PUBLISHED, own)


def _threads(sort: CommentSort, *, has_start: bool) -> CTE:
    reply = aliased(Comment)
    is_answered = exists().where(
        reply.parent_id == Comment.id, reply.moderation_state == ModerationState.PUBLISHED
    )
    key = _key(sort)
    order = [column.asc() if sort is CommentSort.OLDEST else column.desc() for column in key]
    query = select(Comment.id, func.row_number().over(order_by=order).label("place")).where(
        Comment.contribution_id == bindparam("here"),
        Comment.parent_id.is_(None),
        or_(_visible(Comment), is_answered),
    )
    if has_start:
        values: list[ColumnElement[Any]] = [
            bindparam(name, type_=column.type) for name, column in zip(_START, key, strict=True)
        ]
        query = query.where(follows(key, values, descending=sort is not CommentSort.OLDEST))
    return query.order_by(*order).limit(bindparam("most", type_=Integer)).cte("thread")


@cache
def _page(sort: CommentSort, *, has_start: bool) -> Select[Any]:
    threads, reply = _threads(sort, has_start=has_start), aliased(Comment)
    shown = union_all(
        select(threads.c.id, threads.c.place),
        select(reply.id, literal(0).label("place"))
        .join(threads, reply.parent_id == threads.c.id)
        .where(_visible(reply)),
    ).subquery("shown")
    return (
        select(
            shown.c.place,
            Comment.id,
            Comment.parent_id,
            Comment.author_id,
            Account.display_name,
            Department.name,
            Department.name_en,
            Comment.body,
            Comment.stance,
            Comment.moderation_state,
            Comment.created_at,
            Comment.edited_at,
            Comment.helpful_count,
            Comment.unhelpful_count,
            Comment.score,
            CommentVote.is_helpful,
        )
        .join(shown, shown.c.id == Comment.id)
        .outerjoin(Account, Account.id == Comment.author_id)
        .outerjoin(Department, Department.id == Comment.department_id)
        .outerjoin(
            CommentVote,
            and_(
                CommentVote.comment_id == Comment.id,
                CommentVote.account_id == bindparam("reader"),
            ),
        )
    )


def _said(row: Row[Any]) -> tuple[int, Said]:
    values: Sequence[Any] = row
    return values[0], Said(*values[1:])


def _key(sort: CommentSort) -> list[ColumnElement[Any]]:
    official: ColumnElement[int] = case((Comment.department_id.is_not(None), 1), else_=0)
    if sort is CommentSort.BEST:
        return [official, Comment.score.expression, Comment.id.expression]
    if sort is CommentSort.NEWEST:
        return [official, Comment.created_at.expression, Comment.id.expression]
    return [1 - official, Comment.created_at.expression, Comment.id.expression]


def _cursor(sort: CommentSort, last: Said) -> str:
    official = int(last.is_official)
    if sort is CommentSort.OLDEST:
        official = 1 - official
    middle = repr(last.score) if sort is CommentSort.BEST else last.created_at.isoformat()
    return f"{official}_{middle}_{last.id}"


def _parsed(sort: CommentSort, after: str) -> tuple[int, float | datetime, int] | None:
    """Return the key that a cursor names; None for none, and for one that was tampered with."""
    try:
        official, middle, comment_id = after.split("_")
        start: float | datetime
        if sort is CommentSort.BEST:
            start = float(middle)
            if not math.isfinite(start):
                return None
        else:
            start = datetime.fromisoformat(middle)
            if start.tzinfo is None:
                return None
        key = (int(official), start, int(comment_id))
    except ValueError:
        return None
    return key if key[0] in {0, 1} and 0 <= key[2] < 2**63 else None
