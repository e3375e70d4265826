"""An outline of the town from its addresses, where nobody has a better one."""

import math
from collections.abc import Iterable

import shapely
from shapely.geometry.base import BaseGeometry

from civic.places.geometry import EARTH_RADIUS_M, Position, clean_outline

AROUND_M = 250.0
"""How far the town reaches beyond its outermost addresses."""
FINENESS_M = 60.0
RATIO = 0.15
"""0 follows every gap between addresses, 1 is convex."""
FEWEST = 3
_METRES_A_DEGREE = math.radians(EARTH_RADIUS_M)


def hull_of(positions: Iterable[Position]) -> BaseGeometry:
    """Return a concave hull around ``positions``, a little wider than they lie.

    ValueError where there are too few of them. Works in metres around their middle, so that it is
    as wide to the east as to the north.
    """
    listed = list(positions)
    if len(listed) < FEWEST:
        raise ValueError("too few addresses to draw an outline around")
    south = sum(position.lat for position in listed) / len(listed)
    narrowing = math.cos(math.radians(south))

    def in_metres(position: Position) -> tuple[float, float]:
        return (
            round(position.lon * narrowing * _METRES_A_DEGREE / FINENESS_M) * FINENESS_M,
            round(position.lat * _METRES_A_DEGREE / FINENESS_M) * FINENESS_M,
        )

    points = shapely.multipoints(sorted({in_metres(position) for position in listed}))
    hull = shapely.concave_hull(points, ratio=RATIO).buffer(AROUND_M, quad_segs=4)
    scale = [1 / (narrowing * _METRES_A_DEGREE), 1 / _METRES_A_DEGREE]
    degrees = shapely.transform(hull.simplify(FINENESS_M / 2), lambda xy: xy * scale)
    return clean_outline(degrees)
