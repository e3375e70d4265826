"""What the page of a contribution asks of several capabilities at once, to spare queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Row,
    Select,
    bindparam,
    exists,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from civic.contributions.models import IS_IN_FORCE, HistoryEntry, StatusChange
from civic.follows.models import Follow
from civic.taxonomy.models import Department
from civic.votes.models import Vote

PUBLIC_FIELDS = ("title", "body", "category", "department", "place", "photos", "answers")


@dataclass(frozen=True, slots=True)
class Ties:
    """How one person is tied to one contribution."""

    has_voted: bool = False
    is_following: bool = False


@dataclass(frozen=True, slots=True)
class Happening:
    """A status change (``field`` is empty), or a public line of the history."""

    id: int
    at: datetime
    actor_id: int | None
    field: str
    to: str
    party: str
    department: str | None
    department_en: str | None
    is_automatic: bool
    sentence: str
    reason: str
    recipient: str
    verified_by: str


def get_ties(session: Session, contribution_id: int, account_id: int | None) -> Ties:
    """Return how the account is tied to the contribution, in one query."""
    if account_id is None:
        return Ties()
    asked = {"here": contribution_id, "account": account_id}
    has_voted, is_following = session.execute(_ties(), asked).one()
    return Ties(bool(has_voted), bool(is_following))


@cache
def _ties() -> Select[bool, bool]:
    here: BindParameter[int] = bindparam("here")
    account: BindParameter[int] = bindparam("account")
    voted = exists().where(Vote.contribution_id == here, Vote.account_id == account)
    following = exists().where(
        Follow.contribution_id == here, Follow.account_id == account, Follow.is_muted.is_(False)
    )
    return select(voted, following)


def list_happenings(session: Session, contribution_id: int) -> list[Happening]:
    """Return what happened, oldest first, in one query."""
    rows = session.execute(_happenings(), {"here": contribution_id})
    found = [_happening(row) for row in rows]
    return sorted(found, key=lambda one: (one.at, bool(one.field), one.id))


@cache
def _happenings() -> Select[Any]:
    here: BindParameter[int] = bindparam("here")
    steps = (
        select(
            StatusChange.id,
            StatusChange.at.label("at"),
            StatusChange.actor_id,
            literal("").label("field"),
            StatusChange.to_status,
            StatusChange.party,
            Department.name,
            Department.name_en,
            StatusChange.is_automatic,
            StatusChange.sentence,
            StatusChange.reason,
            StatusChange.recipient,
            StatusChange.verified_by,
        )
        .outerjoin(Department, Department.id == StatusChange.department_id)
        .where(StatusChange.contribution_id == here, IS_IN_FORCE)
    )
    history = select(
        HistoryEntry.id,
        HistoryEntry.at,
        HistoryEntry.actor_id,
        HistoryEntry.field,
        HistoryEntry.after,
        null(),
        null(),
        null(),
        HistoryEntry.is_automatic,
        HistoryEntry.why,
        literal(""),
        literal(""),
        literal(""),
    ).where(
        HistoryEntry.contribution_id == here,
        HistoryEntry.is_public,
        HistoryEntry.field.in_(PUBLIC_FIELDS),
    )
    return select(union_all(steps, history).subquery())


def _happening(row: Row[Any]) -> Happening:
    values: Sequence[Any] = row
    return Happening(*values)
