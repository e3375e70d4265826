"""What lies around a point, by cells: the cost is that of what is near, not of what is stored."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, tuple_, union_all
from sqlalchemy.orm import Session

from civic.contributions.models import IS_PUBLISHED, Contribution
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


def radius_holding(
    session: Session, position: Position, wanted: int, levels: Sequence[int]
) -> float:
    """Return a radius in metres that holds ``wanted`` things or all there are nearby.

    A guess from the counts of the map around the point, one query whatever is stored.
    """
    cell = morton_cell(position.lat, position.lon)
    pairs = {(level, code): level for level in levels for code in _neighbourhood(cell, level)}
    rows = session.execute(
        select(MapCount.level, func.sum(MapCount.n))
        .where(
            MapCount.category_id == 0,
            tuple_(MapCount.level, MapCount.cell).in_(list(pairs)),
        )
        .group_by(MapCount.level)
    )
    counts = {row[0]: int(row[1]) for row in rows}
    for level in sorted(levels, reverse=True):
        if counts.get(level, 0) >= wanted:
            return _width_m(cell, level)
    return _width_m(cell, min(levels))


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
