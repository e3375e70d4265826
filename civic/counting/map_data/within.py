"""How many things lie in a box: exactly, at the cost of its edge."""

from typing import Any

from sqlalchemy import FromClause, Select, func, literal_column, select
from sqlalchemy.orm import Session

from civic.counting.counts import LEVELS
from civic.counting.map_data.reading import (
    Answer,
    Moments,
    conditions_within,
    known_to_counts,
    layers_of,
    merged_ranges,
    steered,
)
from civic.database.tables import ranges_table
from civic.finding.filters import ContributionFilter, inside
from civic.places.geometry import (
    CELL_LEVEL,
    Bounds,
    cell_range,
    cell_to_tile,
    morton_cell,
    parent_cell,
    tile_to_cell,
)

MOST_ACROSS = 40
"""A box is cut in at most so many cells a side: those along its edge are counted one by one."""
WORTH_IT = 4


def count_within(session: Session, asked: ContributionFilter, box: Bounds) -> int | None:
    """Return how many things of ``asked`` lie in ``box``, edges included.

    None where the counts do not help: for what they do not know, a box that is a few cells wide or
    one across the antimeridian.
    """
    known = known_to_counts(session, asked)
    level = _level_of(box)
    here = known.at(level) if known is not None and level else None
    if here is None:
        return None
    inner, edge = _cut(box, level)
    return (
        _kept(session, here, level, inner)
        + sum(_live(session, asked, moments, inner, None) for moments in here.rest)
        + _live(session, asked, None, edge, box)
    )


def _corners(box: Bounds, level: int) -> tuple[range, range]:
    """Return the columns and rows of the tiles of zoom ``level`` that ``box`` touches."""
    first = cell_to_tile(parent_cell(morton_cell(box.north, box.west), level), level)
    last = cell_to_tile(parent_cell(morton_cell(box.south, box.east), level), level)
    return range(first.x, last.x + 1), range(first.y, last.y + 1)


def _level_of(box: Bounds) -> int:
    if box.west > box.east:
        return 0
    for level in reversed(LEVELS):
        columns, rows = _corners(box, level)
        if max(len(columns), len(rows)) <= MOST_ACROSS:
            return level if min(len(columns), len(rows)) >= WORTH_IT else 0
    return 0


_Ranges = list[tuple[int, int]]
"""From the first to the last cell of zoom 20."""


def _cut(box: Bounds, level: int) -> tuple[_Ranges, _Ranges]:
    """Return what is wholly inside ``box`` and what its edge goes through."""
    columns, rows = _corners(box, level)
    inner: list[int] = []
    edge: list[int] = []
    for x in columns:
        for y in rows:
            is_edge = x in {columns[0], columns[-1]} or y in {rows[0], rows[-1]}
            (edge if is_edge else inner).append(tile_to_cell(level, x, y))
    return (
        merged_ranges(cell_range(code, level) for code in inner),
        merged_ranges(cell_range(code, level) for code in edge),
    )


def _kept(session: Session, here: Answer, level: int, ranges: _Ranges) -> int:
    found = 0
    for part in here.parts if ranges else ():
        row: Any = part.grouping.model
        stored = part.level_for(level)
        shift = 2 * (CELL_LEVEL - (stored or level))
        table = ranges_table(session, [(first >> shift, last >> shift) for first, last in ranges])
        inside_it = row.cell.between(table.c.first, table.c.last)
        counted = select(func.sum(row.n)).where(row.level == stored, inside_it, *part.conditions)
        found += _summed(session, table, counted)
    return found


def _live(
    session: Session,
    asked: ContributionFilter,
    moments: Moments | None,
    ranges: _Ranges,
    box: Bounds | None,
) -> int:
    found = 0
    for layer in layers_of(asked) if ranges else ():
        table = ranges_table(session, ranges)
        way = steered(layer, to="cell" if moments is None else "at")
        is_here = way.cell.between(table.c.first, table.c.last)
        counted = select(func.count()).select_from(layer.model)
        counted = counted.where(*conditions_within(session, asked.content(), moments, way))
        if box is not None:
            counted = counted.where(inside(box, layer))
        if moments is None:
            found += _summed(session, table, counted.where(is_here))
        else:
            in_any: Select[Any] = select(literal_column("1")).select_from(table).where(is_here)
            in_any = in_any.correlate(layer.model.__table__)
            found += session.scalar(counted.where(in_any.exists())) or 0
    return found


def _summed(session: Session, ranges: FromClause, counted: Select[Any]) -> int:
    """Add up what is ``counted`` in each of ``ranges``, one after the other by the index of cells.

    Asked as a join it would be for the planner to choose, and one of them reads the whole table.
    """
    each = counted.correlate(ranges).scalar_subquery()
    return int(session.scalar(select(func.sum(each)).select_from(ranges)) or 0)
