"""Counters and heat, changed together in SQL so that concurrent writers lose nothing."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, bindparam, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from civic.contributions.hotness import SUBMISSION_WEIGHT, hot_after, hot_without
from civic.contributions.models import Contribution

Supports = Callable[[Session, int], Iterable[tuple[datetime, float]]]
"""Returns when each support of the contribution with this id came, and what it weighs."""

_TABLE = cast("Table", Contribution.__table__)
_HEATING = update(_TABLE).where(_TABLE.c.id == bindparam("here")).values(hot=bindparam("heat"))
_STANDING = ("status", "status_type", "moderation_state", "duplicate_of_id", "is_locked")
_sources: list[Supports] = []


def add_source(supports: Supports) -> None:
    """Let a capability say which supports of a contribution it keeps."""
    if supports not in _sources:
        _sources.append(supports)


def count_up(
    session: Session, contribution: Contribution, counter: str, at: datetime, weight: float
) -> None:
    """Add one to ``counter`` and the heat of a support of ``weight`` that came at ``at``.

    The row is ours from then on, and ``contribution`` says where it stands now: whoever was let in
    by what was read before can be asked again.
    """
    hot = _add(session, contribution, counter, 1)
    _set_hot(session, contribution, hot_after(hot, at, weight))


def count_down(session: Session, contribution: Contribution, counter: str) -> None:
    """Take one from ``counter`` and make the heat anew; the support's row is gone already."""
    _add(session, contribution, counter, -1)
    remake_heat(session, contribution)


def remake_heat(session: Session, contribution: Contribution) -> None:
    """Make the heat anew from the submission and all supports that are left."""
    supports = [(contribution.submitted_at, SUBMISSION_WEIGHT)]
    for source in _sources:
        supports += source(session, contribution.id)
    _set_hot(session, contribution, hot_without(supports) or 0.0)


def store_heats(session: Session, heats: Mapping[int, float]) -> None:
    """Write the heat of contributions by their ids; objects in memory do not hear of it."""
    rows = [{"here": id, "heat": heat} for id, heat in heats.items()]
    session.connection().execute(_HEATING, rows)


def _add(session: Session, contribution: Contribution, counter: str, by: int) -> float:
    """Change the counter; the row is ours until the end of the transaction. Returns its heat."""
    # What is returned is what the last writer left, not what this session has read before.
    row = session.execute(_addition(counter), {"here": contribution.id, "more": by}).one()
    for name, value in zip((counter, *_STANDING), row[1:], strict=True):
        set_committed_value(contribution, name, value)
    return float(row[0])


def _set_hot(session: Session, contribution: Contribution, hot: float) -> None:
    store_heats(session, {contribution.id: hot})
    set_committed_value(contribution, "hot", hot)


@cache
def _addition(counter: str) -> Any:
    column = _TABLE.c[counter]
    changed = update(_TABLE).where(_TABLE.c.id == bindparam("here"))
    return changed.values({column: column + bindparam("more")}).returning(
        _TABLE.c.hot, column, *(_TABLE.c[name] for name in _STANDING)
    )
