"""How the map reads its tables: which layers, which indexes, which ranges."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, false, func, select, union_all
from sqlalchemy.orm import Session

from civic.contributions.map_layers import Column, MapLayer, map_layers
from civic.counting.counts import (
    ALL_LEVEL,
    BY_DAYS,
    BY_FACET,
    BY_KIND,
    Grouping,
    day_of,
    start_of,
)
from civic.counting.models import MapCount, MapFacetCount, MapPeriodCount
from civic.database.tables import hidden_from_planner
from civic.finding.filters import ContributionFilter, conditions, period_bounds
from civic.finding.names import names_of

DEEP = 14
"""From this tile zoom on a tile holds less than a filter finds."""


Moments: TypeAlias = tuple[datetime, datetime]
"""From the first moment on, up to the second and without it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of the counts that hold what is asked: those of a grouping that meet conditions.

    ``moments`` are when it happened, where that is what the rows are chosen by.
    """

    grouping: Grouping
    conditions: tuple[ColumnElement[bool], ...]
    moments: tuple[Moments, ...] = ()

    def level_for(self, level: int) -> int | None:
        """Return the zoom of the rows to read for cells of zoom ``level``; None: too deep."""
        return next((known for known in self.grouping.levels if known >= level), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the counts know of a filter. The parts and what happened in the ``rest`` add up."""

    parts: tuple[Kept, ...]
    rest: tuple[Moments, ...] = ()

    def at(self, level: int) -> "Answer | None":
        """Return what they know of cells of zoom ``level``; None when they know nothing."""
        kept = tuple(part for part in self.parts if part.level_for(level) is not None)
        lost = [moments for part in self.parts if part not in kept for moments in part.moments]
        rest = _joined([*self.rest, *lost])
        return Answer(kept, rest) if kept or not rest else None


def known_to_counts(session: Session, asked: ContributionFilter) -> Answer | None:
    """Return where the counts hold what ``asked`` says (the view aside); None: they do not.

    They know every kind and status type by any mix of category, area, department and status, or by
    days. They know no words.
    """
    asked = asked.content()
    if not is_in_counts(asked):
        return None
    if _is_of_days(asked):
        begin, end = period_bounds(session, asked)
        known_first, known_end = _known_days(session)
        # Nothing lies beyond what they know: a period without an end is no longer than that.
        return _of_period(asked, max(begin, start_of(known_first)), min(end, start_of(known_end)))
    if replace(asked, kinds=(), status_types=()).is_empty:
        return Answer((Kept(BY_KIND, _of_kind(MapCount, asked)),))
    found = _of_kind(MapFacetCount, asked) + _of_facets(session, asked)
    return Answer((Kept(BY_FACET, found),))


def is_in_counts(asked: ContributionFilter) -> bool:
    """Whether the counts know what ``asked`` says, the view aside."""
    if asked.text:
        return False
    alone = replace(asked.content(), kinds=(), status_types=(), period=0, since=None, until=None)
    return alone.is_empty or not _is_of_days(asked)


def _is_of_days(asked: ContributionFilter) -> bool:
    return bool(asked.period or asked.since or asked.until)


def _of_kind(model: Any, asked: ContributionFilter) -> tuple[ColumnElement[bool], ...]:
    found: list[ColumnElement[bool]] = []
    if asked.kinds:
        found.append(model.kind.in_(asked.kinds))
    if asked.status_types:
        found.append(model.status_type.in_(asked.status_types))
    return tuple(found)


def _of_facets(session: Session, asked: ContributionFilter) -> tuple[ColumnElement[bool], ...]:
    names, row = names_of(session), MapFacetCount
    # Without a category all of them are named: the rest of the key stays usable.
    categories = (
        names.category_ids(asked.categories) if asked.categories else [0, *names.categories]
    )
    found: list[ColumnElement[bool]] = [row.category_id.in_(categories)]
    if asked.area:
        found.append(row.area_id.in_(names.area_ids(asked.area)))
    if asked.department:
        department = names.department(asked.department)
        found.append(false() if department is None else row.department_id == department.id)
    if asked.statuses:
        found.append(row.status.in_(asked.statuses))
    return tuple(found)


def _known_days(session: Session) -> tuple[int, int]:
    """Return the first day that the counts know, and the day after the last."""
    length, longest = next(iter(BY_DAYS.items()))
    first_day = MapPeriodCount.first_day
    blocks = (MapPeriodCount.level == ALL_LEVEL, *longest.narrow)
    # Two questions, so that each is one step in the key.
    oldest = select(func.min(first_day)).where(*blocks).scalar_subquery()
    youngest = select(func.max(first_day)).where(*blocks).scalar_subquery()
    first, last = session.execute(select(oldest, youngest)).one()
    return (0, 0) if first is None else (first, last + length)


def _of_period(asked: ContributionFilter, begin: datetime, end: datetime) -> Answer:
    """Cut a period into blocks of days, and what is left at its two ends."""
    first, last = day_of(begin), day_of(end)
    if begin > start_of(first):
        first += 1
    if first >= last:
        return Answer((), ((begin, end),) if begin < end else ())
    row, of_kind = MapPeriodCount, _of_kind(MapPeriodCount, asked)
    parts: list[Kept] = []
    gaps = [(first, last)]
    for days, grouping in BY_DAYS.items():
        blocks, gaps = _whole_blocks(gaps, days)
        if blocks:
            chosen = row.first_day.in_([day for block in blocks for day in range(*block, days)])
            moments = tuple((start_of(first), start_of(last)) for first, last in blocks)
            parts.append(Kept(grouping, (*grouping.narrow, chosen, *of_kind), moments))
    ends = ((begin, start_of(first)), (start_of(last), end))
    return Answer(tuple(parts), tuple(moments for moments in ends if moments[0] < moments[1]))


_Days: TypeAlias = tuple[int, int]
"""From the first day on, up to the second and without it."""


def _whole_blocks(gaps: Iterable[_Days], days: int) -> tuple[list[_Days], list[_Days]]:
    """Return what of ``gaps`` whole blocks of ``days`` fill, and what is left."""
    filled: list[_Days] = []
    left: list[_Days] = []
    for first, last in gaps:
        begin, end = -(-first // days) * days, last // days * days
        if begin < end:
            filled.append((begin, end))
            left += [gap for gap in ((first, begin), (end, last)) if gap[0] < gap[1]]
        else:
            left.append((first, last))
    return filled, left


def _joined(moments: Iterable[Moments]) -> tuple[Moments, ...]:
    """Join the moments that follow one another."""
    joined: list[Moments] = []
    for begin, end in sorted(moments):
        if joined and joined[-1][1] == begin:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((begin, end))
    return tuple(joined)


def layers_of(asked: ContributionFilter, kinds: Iterable[str] = ()) -> list[MapLayer]:
    """The layers that can hold anything of what is asked."""
    wanted = set(kinds) or set(asked.kinds)
    return [layer for layer in map_layers if not wanted or wanted.intersection(layer.codes())]


_WAYS = {"cell": "cell", "at": "at", "area": "area_id", "id": ""}
"""What :func:`steered` may be told, and the column that it leaves to the planner."""
_INDEXED = frozenset(
    {"kind", "status", "status_type", "cell", "at", "category_id", "area_id", "department_id"}
)


@cache
def steered(layer: MapLayer, *, to: str) -> MapLayer:
    """Return ``layer`` spelt so that no index answers its conditions but those on ``to``.

    ``to`` is "cell", "at", "area" or "id". Without statistics a planner takes kind or status for
    rare, and reads a third of the table.
    """
    others = _INDEXED - {_WAYS[to]}
    hidden: dict[str, Any] = {name: hidden_from_planner(getattr(layer, name)) for name in others}
    return replace(layer, **hidden)


def way_to(asked: ContributionFilter, moments: Moments | None, z: int = 0) -> str:
    """Return which index should find what is asked in tiles of zoom ``z`` (see :func:`steered`).

    What narrows more: some moments, the tile from some depth on, an area.
    """
    if moments is not None:
        return "at"
    if z >= DEEP:
        return "cell"
    if asked.area:
        return "area"
    return "at" if _is_of_days(asked) else "cell"


def conditions_within(
    session: Session, asked: ContributionFilter, moments: Moments | None, layer: MapLayer
) -> list[ColumnElement[bool]]:
    """Return the conditions on ``layer``; ``moments``, if any, instead of the whole period."""
    if moments is None:
        return conditions(session, asked, layer=layer)
    asked = replace(asked, period=0, since=None, until=None)
    begin, end = moments
    return [*conditions(session, asked, layer=layer), layer.at >= begin, layer.at < end]


def in_ranges(base: Select[Any], cell: Column, ranges: list[tuple[int, int]]) -> Any:
    """One arm a range: a long OR makes both planners read the whole table.

    Filled up with empty ranges to a power of two, so that few statements have to be prepared.
    """
    arms = 1 << (len(ranges) - 1).bit_length()
    ranges = ranges + [(1, 0)] * (arms - len(ranges))
    parts = [base.where(cell.between(first, last)) for first, last in ranges]
    return parts[0] if len(parts) == 1 else union_all(*parts)


def merged_ranges(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join the ranges that follow one another."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and merged[-1][1] + 1 == first:
            merged[-1] = merged[-1][0], last
        else:
            merged.append((first, last))
    return merged
