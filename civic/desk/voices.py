"""What was said about a case, by residents and by the town, and what waits for an answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.comments.models import Comment
from civic.contributions.kinds import kinds
from civic.contributions.models import (
    IS_IN_FORCE,
    Audience,
    Contribution,
    ModerationState,
    StatusChange,
)
from civic.contributions.workflow import Party
from civic.messages.models import Direction, Message

MOST_COMMENTS = 50
RESIDENTS = (Party.AUTHOR, Party.SUPPORTER)
TOWN = (Party.AGENT, Party.MEDIATOR)


@dataclass(frozen=True, slots=True)
class Voice:
    """One thing that somebody said. ``what``: step, comment or private; ``who``: a name, or ""."""

    at: datetime
    what: str
    body: str
    is_towns: bool
    is_authors: bool = False
    who: str = ""


@dataclass(slots=True)
class Signs:
    """What a case shows in a list: whether its author has the last word, and the comments."""

    spoke_at: datetime | None = None
    answered_at: datetime | None = None
    commented_at: datetime | None = None
    comments: int = 0

    @property
    def has_answer(self) -> bool:
        """Whether the author has said something that the town has not answered since."""
        return _is_after(self.spoke_at, self.answered_at)

    @property
    def has_new_comment(self) -> bool:
        """Whether a resident has commented since the town said something last."""
        return _is_after(self.commented_at, self.answered_at)


def list_voices(session: Session, contribution: Contribution) -> list[Voice]:
    """Return what was said, the latest first: sentences of residents, questions, comments, letters.

    Of the comments the fifty latest.
    """
    voices = [*_steps(session, contribution), *_comments(session, contribution)]
    private = and_(Message.contribution_id == contribution.id, Message.audience == Audience.AUTHOR)
    rows = session.execute(
        select(Message.at, Message.body, Message.direction, Account.display_name)
        .outerjoin(Account, Account.id == Message.author_id)
        .where(private)
    )
    voices += [
        Voice(
            at=at,
            what="private",
            body=body,
            is_towns=direction is Direction.OUT,
            is_authors=direction is Direction.IN,
            who=name if direction is Direction.OUT else "",
        )
        for at, body, direction, name in rows
    ]
    return sorted(voices, key=lambda voice: voice.at, reverse=True)


def signs_of(session: Session, cases: Iterable[Contribution]) -> dict[int, Signs]:
    """Return the signs of each case, in three statements whatever their number."""
    signs = {one.id: Signs() for one in cases}
    of = StatusChange.contribution_id.in_(signs)
    spoke = and_(StatusChange.party == Party.AUTHOR, StatusChange.sentence != "")
    steps = _latest(
        session,
        StatusChange.contribution_id,
        StatusChange.at,
        spoke,
        StatusChange.party.in_(TOWN),
        where=and_(of, StatusChange.from_status.is_not(None), IS_IN_FORCE),
    )
    written = and_(Message.contribution_id.in_(signs), Message.audience == Audience.AUTHOR)
    letters = _latest(
        session,
        Message.contribution_id,
        Message.at,
        Message.direction == Direction.IN,
        Message.direction == Direction.OUT,
        where=written,
    )
    for id, spoke_at, answered_at, _count in (*steps, *letters):
        signs[id].spoke_at = _later(signs[id].spoke_at, spoke_at)
        signs[id].answered_at = _later(signs[id].answered_at, answered_at)
    comments = _latest(
        session,
        Comment.contribution_id,
        Comment.created_at,
        Comment.department_id.is_(None),
        Comment.department_id.is_not(None),
        where=and_(
            Comment.contribution_id.in_(signs),
            Comment.moderation_state == ModerationState.PUBLISHED,
        ),
    )
    for id, commented_at, answered_at, count in comments:
        signs[id].commented_at, signs[id].comments = commented_at, count
        signs[id].answered_at = _later(signs[id].answered_at, answered_at)
    return signs


def _latest(
    session: Session,
    key: Any,
    at: Any,
    first: ColumnElement[bool],
    second: ColumnElement[bool],
    *,
    where: ColumnElement[bool],
) -> Sequence[Any]:
    """Return for each key: when the first and the second sort came last, how many of the first."""
    return session.execute(
        select(
            key,
            func.max(case((first, at))),
            func.max(case((second, at))),
            func.count(case((first, 1))),
        )
        .where(where)
        .group_by(key)
    ).all()


def _steps(session: Session, contribution: Contribution) -> Iterable[Voice]:
    asking = [s.code for kind in kinds for s in kind.workflow.statuses if s.stops_clock]
    rows = session.execute(
        select(StatusChange.at, StatusChange.sentence, StatusChange.party).where(
            StatusChange.contribution_id == contribution.id,
            StatusChange.sentence != "",
            or_(StatusChange.party.in_(RESIDENTS), StatusChange.to_status.in_(asking)),
            IS_IN_FORCE,
        )
    )
    for at, sentence, party in rows:
        yield Voice(
            at=at,
            what="step",
            body=sentence,
            is_towns=party not in RESIDENTS,
            is_authors=party is Party.AUTHOR,
        )


def _comments(session: Session, contribution: Contribution) -> Iterable[Voice]:
    rows = session.execute(
        select(
            Comment.created_at,
            Comment.body,
            Comment.department_id,
            Comment.author_id,
            Account.display_name,
        )
        .outerjoin(Account, Account.id == Comment.author_id)
        .where(
            Comment.contribution_id == contribution.id,
            Comment.moderation_state == ModerationState.PUBLISHED,
        )
        .order_by(Comment.id.desc())
        .limit(MOST_COMMENTS)
    )
    for at, body, department_id, author_id, name in rows:
        yield Voice(
            at=at,
            what="comment",
            body=body,
            is_towns=department_id is not None,
            is_authors=author_id is not None and author_id == contribution.author_id,
            who=name or "",
        )


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(filter(None, (one, other)), default=None)


def _is_after(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)
