"""What lies around a point, by cells: the cost is that of what is near, not of what is stored."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Row, func, not_, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.discovery.counts import ALL_LEVEL, LEVELS, PLACED
from civic.discovery.filters import ContributionFilter
from civic.discovery.map_data import Kept, known_to_counts
from civic.places.geometry import (
    CELL_LEVEL,
    Bounds,
    Position,
    bounding_box,
    cell_to_tile,
    cover,
    cover_level,
    haversine_m,
    morton_cell,
    parent_cell,
    tile_bounds,
    tile_to_cell,
)

IN_CIRCLE = 0.7
"""A square with half its side so many times the radius lies within the circle."""
MOST_TILES = 9
"""A box is covered by so many tiles at most: one arm of the statement each."""


def around(
    session: Session,
    position: Position,
    radius_m: float,
    *conditions: ColumnElement[bool],
    columns: Sequence[Any] = (),
    most: int | None = None,
    beyond_m: float = 0.0,
) -> list[tuple[float, Row[Any]]]:
    """Return (metres, row) of what is published within ``radius_m``, the nearest first.

    Rows have ``id``, ``lat``, ``lon`` and then ``columns``. ``most`` bounds what is read, the
    youngest first: a heap of thousands at one place does not slow a page down. Much of what is
    nearer than ``beyond_m`` is left out, and nothing that is farther.
    """
    box = bounding_box(position, radius_m)
    if beyond_m > 0:
        conditions = (*conditions, _is_outside(bounding_box(position, beyond_m * IN_CIRCLE)))
    arms = []
    for first, last in cover(box, cover_level(box, MOST_TILES)):
        arm = select(Contribution.id, Contribution.lat, Contribution.lon, *columns).where(
            IS_PUBLISHED,
            Contribution.cell.between(first, last),
            Contribution.lat.between(box.south, box.north),
            *conditions,
        )
        if most is not None:
            arm = arm.order_by(Contribution.id.desc()).limit(most)
            arms.append(select(arm.subquery()))
        else:
            arms.append(arm)
    rows = session.execute(union_all(*arms) if len(arms) > 1 else arms[0]).all()
    found = [(haversine_m(position, Position(row[1], row[2])), row) for row in rows]
    inside = [pair for pair in found if pair[0] <= radius_m]
    return sorted(inside, key=lambda pair: (pair[0], pair[1][0]))


def _is_outside(box: Bounds) -> ColumnElement[bool]:
    return or_(
        not_(Contribution.lat.between(box.south, box.north)),
        not_(Contribution.lon.between(box.west, box.east)),
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
