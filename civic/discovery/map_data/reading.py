"""How the map reads its tables: which layers, which indexes, which ranges."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, union_all
from sqlalchemy.orm import Session

from civic.contributions.map_layers import Column, MapLayer, map_layers
from civic.discovery.counts import (
    BLOCK_DAYS,
    BY_BLOCK,
    BY_DAY,
    BY_FACET,
    BY_KIND,
    Grouping,
    day_of,
    start_of,
)
from civic.discovery.filters import ContributionFilter, period_bounds
from civic.discovery.models import MapCount, MapFacetCount, MapPeriodCount
from civic.discovery.reference import reference_of

MOST_BLOCKS = 400


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of the counts that hold what is asked: those of a grouping that meet conditions."""

    grouping: Grouping
    conditions: tuple[ColumnElement[bool], ...]

    def level_for(self, level: int) -> int | None:
        """Return the zoom of the rows to read for cells of zoom ``level``; None: too deep."""
        return next((known for known in self.grouping.levels if known >= level), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the counts know of a filter. The parts add up.

    ``edges`` are the moments [begin, end) that no part holds: hours at the ends of a period.
    """

    parts: tuple[Kept, ...]
    edges: tuple[tuple[datetime, datetime], ...] = ()


def known_to_counts(session: Session, asked: ContributionFilter) -> Answer | None:
    """Return where the counts hold what ``asked`` says (the view aside); None: they do not.

    They know every kind and status type by any mix of category, area, department and status, or by
    days. They know no words.
    """
    asked = asked.content()
    if asked.text:
        return None
    plain = replace(asked, kinds=(), status_types=())
    is_of_days = bool(asked.period or asked.since or asked.until)
    if plain.is_empty:
        return Answer((Kept(BY_KIND, _of_kind(MapCount, asked)),))
    if not is_of_days:
        found = _of_kind(MapFacetCount, asked) + _of_facets(session, asked)
        return Answer((Kept(BY_FACET, found),))
    if replace(plain, period=0, since=None, until=None).is_empty:
        return _of_period(asked, *period_bounds(session, asked))
    return None


def _of_kind(model: Any, asked: ContributionFilter) -> tuple[ColumnElement[bool], ...]:
    found: list[ColumnElement[bool]] = []
    if asked.kinds:
        found.append(model.kind.in_(asked.kinds))
    if asked.status_types:
        found.append(model.status_type.in_(asked.status_types))
    return tuple(found)


def _of_facets(session: Session, asked: ContributionFilter) -> tuple[ColumnElement[bool], ...]:
    names, row = reference_of(session), MapFacetCount
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


def _of_period(asked: ContributionFilter, begin: datetime, end: datetime) -> Answer:
    """Cut a period into blocks of days, days, and what is left at its two ends."""
    first, last = day_of(begin), day_of(end)
    if begin > start_of(first):
        first += 1
    if first >= last:
        return Answer((), ((begin, end),))
    first_block = -(-first // BLOCK_DAYS) * BLOCK_DAYS
    last_block = max(last // BLOCK_DAYS * BLOCK_DAYS, first_block)
    days = [*range(first, min(first_block, last)), *range(last_block, last)]
    row, of_kind = MapPeriodCount, _of_kind(MapPeriodCount, asked)
    parts = [Kept(BY_DAY, (*BY_DAY.narrow, row.first_day.in_(days), *of_kind))]
    if last_block > first_block:
        parts.append(
            Kept(BY_BLOCK, (*BY_BLOCK.narrow, _between(first_block, last_block), *of_kind))
        )
    edges = [(begin, start_of(first)), (start_of(last), end)]
    return Answer(tuple(parts), tuple(edge for edge in edges if edge[0] < edge[1]))


def _between(first: int, last: int) -> ColumnElement[bool]:
    """Blocks one by one leave the rest of the key usable; a period without an end has too many."""
    blocks = range(first, last, BLOCK_DAYS)
    column = MapPeriodCount.first_day
    return column.in_(blocks) if len(blocks) <= MOST_BLOCKS else column.between(first, last - 1)


def layers_of(asked: ContributionFilter, kinds: Iterable[str] = ()) -> list[MapLayer]:
    """The layers that can hold anything of what is asked."""
    wanted = set(kinds) or set(asked.kinds)
    return [layer for layer in map_layers if not wanted or wanted.intersection(layer.codes())]


def steered(layer: MapLayer, *, by_period: bool = False) -> MapLayer:
    """Return ``layer`` spelt so that only the indexes made for the map answer its conditions.

    Without statistics a planner takes kind or status for rare, and reads a third of the table.
    """
    return replace(
        layer,
        kind=hidden_from_planner(layer.kind),
        status=hidden_from_planner(layer.status),
        status_type=hidden_from_planner(layer.status_type),
        at=layer.at if by_period else hidden_from_planner(layer.at),
    )


def within_edge(
    layer: MapLayer, edge: tuple[datetime, datetime] | None
) -> list[ColumnElement[bool]]:
    """Return the condition of being within the moments [begin, end) of ``edge``, if any."""
    return [] if edge is None else [layer.at >= edge[0], layer.at < edge[1]]


def hidden_from_planner(column: Column) -> Column:
    """Return ``column`` spelt so that no index on it is used."""
    return func.coalesce(column, column)


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
