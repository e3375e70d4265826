"""What lies around a point, by cells: the cost is that of what is near, not of what is stored."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, not_, or_, select, union_all
from sqlalchemy.orm import Session

from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.places.geometry import Bounds, Position, bounding_box, cover, cover_level, haversine_m

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
