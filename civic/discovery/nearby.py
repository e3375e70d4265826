"""What lies around a point, by cells: the cost is that of what is near, not of what is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, tuple_, union_all
from sqlalchemy.orm import Session

from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.discovery.counts import ALL_LEVEL, LEVELS, PLACED, UNPLACED
from civic.discovery.filters import ContributionFilter, category_ids
from civic.discovery.models import MapCount
from civic.places.geometry import (
    CELL_LEVEL,
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

MOST_TILES = 9
"""A box is covered by so many tiles at most: one arm of the statement each."""


def around(
    session: Session,
    position: Position,
    radius_m: float,
    *conditions: ColumnElement[bool],
    columns: Sequence[Any] = (),
    most: int | None = None,
) -> list[tuple[float, Row[Any]]]:
    """Return (metres, row) of what is published within ``radius_m``, the nearest first.

    Rows have ``id``, ``lat``, ``lon`` and then ``columns``. ``most`` bounds what is read, the
    youngest first: a heap of thousands at one place does not slow a page down.
    """
    box = bounding_box(position, radius_m)
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


@dataclass(frozen=True, slots=True)
class Density:
    """What the counts say around a point: how many there are in all, and within which radius."""

    total: int
    radius_m: float


def density(
    session: Session, asked: ContributionFilter, position: Position, wanted: int
) -> Density:
    """Return how many there are in all and a radius (metres) that should hold ``wanted`` of them.

    Reads the counts of the map, one query whatever is stored: kind, category and status type are
    looked at, nothing else. With too few nearby, the widest radius the counts know.
    """
    cell = morton_cell(position.lat, position.lon)
    pairs = [(ALL_LEVEL, PLACED), (ALL_LEVEL, UNPLACED)]
    pairs += [(level, code) for level in LEVELS for code in _neighbourhood(cell, level)]
    ids = category_ids(session, asked.categories) if asked.categories else [0]
    statement = (
        select(MapCount.level, func.sum(MapCount.n))
        .where(
            MapCount.category_id.in_(ids),
            MapCount.kind.in_(asked.kinds),
            tuple_(MapCount.level, MapCount.cell).in_(pairs),
        )
        .group_by(MapCount.level)
    )
    if asked.status_types:
        statement = statement.where(MapCount.status_type.in_(asked.status_types))
    counts = {row[0]: int(row[1]) for row in session.execute(statement)}
    level = max((at for at in LEVELS if counts.get(at, 0) >= wanted), default=min(LEVELS))
    return Density(counts.get(ALL_LEVEL, 0), _width_m(cell, level))


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
