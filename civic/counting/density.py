"""How densely things lie around a point, by the counts of the map."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from civic.counting.counts import ALL_LEVEL, LEVELS, PLACED
from civic.counting.map_data import Kept, known_to_counts
from civic.finding.filters import ContributionFilter
from civic.places.geometry import (
    CELL_LEVEL,
    Position,
    cell_to_tile,
    haversine_m,
    morton_cell,
    parent_cell,
    tile_bounds,
    tile_to_cell,
)


@dataclass(frozen=True, slots=True)
class Density:
    """What the counts say around a point.

    ``total`` is how many have a place anywhere, None where the counts do not know the filter;
    ``radius_m`` should hold as many as were wanted.
    """

    total: int | None
    radius_m: float


def density(
    session: Session, asked: ContributionFilter, position: Position, wanted: int
) -> Density:
    """Return how many there are in all and a radius (metres) that should hold ``wanted`` of them.

    Reads the counts of the map, one query whatever is stored: what they do not know of the filter
    is not looked at. With too few nearby, the widest radius the counts know.
    """
    cell = morton_cell(position.lat, position.lon)
    whole = known_to_counts(session, asked)
    without = replace(asked, text="", period=0, since=None, until=None)
    known = whole or known_to_counts(session, without)
    levels: Counter[int] = Counter()
    for part in known.parts if known else ():
        levels.update(_levels_around(session, part, cell))
    level = max((at for at in LEVELS if levels[at] >= wanted), default=min(LEVELS))
    total = levels[ALL_LEVEL] if whole is not None and not whole.rest else None
    return Density(total, _width_m(cell, level))


def _levels_around(session: Session, part: Kept, cell: int) -> dict[int, int]:
    row: Any = part.grouping.model
    levels = [level for level in LEVELS if level in part.grouping.levels]
    pairs = [(level, code) for level in levels for code in _neighbourhood(cell, level)]
    statement = (
        select(row.level, func.sum(row.n))
        .where(
            tuple_(row.level, row.cell).in_([(ALL_LEVEL, PLACED), *pairs]),
            *part.conditions,
        )
        .group_by(row.level)
    )
    return {level: int(n) for level, n in session.execute(statement)}


def _neighbourhood(cell: int, level: int) -> list[int]:
    """The tile and its eight neighbours, those beyond the edge of the map left out."""
    _, x, y = cell_to_tile(parent_cell(cell, level), level)
    size = 1 << level
    return [
        tile_to_cell(level, (x + dx) % size, y + dy)
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
        if 0 <= y + dy < size
    ]


def _width_m(cell: int, level: int) -> float:
    box = tile_bounds(cell_to_tile(cell >> 2 * (CELL_LEVEL - level), level))
    middle = (box.south + box.north) / 2
    return haversine_m(Position(middle, box.west), Position(middle, box.east))
