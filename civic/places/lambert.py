"""Lambert 93 (EPSG:2154), the projection of French official files, back to degrees.

Constants and algorithm (ALG0004) are those of the IGN's note NTG 71, « Projection cartographique
conique conforme de Lambert ».
"""

import math

from civic.places.geometry import Position

_E = 0.0818191910428158
_N = 0.7256077650532670
_C = 11_754_255.426096
_X, _Y = 700_000.0, 12_655_612.049876
_MERIDIAN = math.radians(3)
_WEST, _EAST, _SOUTH, _NORTH = 0.0, 1_350_000.0, 6_000_000.0, 7_200_000.0
"""Around metropolitan France and Corsica: overseas files use other projections."""


def from_lambert_93(x: float, y: float) -> Position:
    """Return the position of a point in metres; ValueError outside metropolitan France."""
    if not (_WEST <= x <= _EAST and _SOUTH <= y <= _NORTH):
        raise ValueError("not a point of metropolitan France in Lambert 93")
    radius = math.hypot(x - _X, y - _Y)
    isometric = -math.log(radius / _C) / _N
    lat = 2 * math.atan(math.exp(isometric)) - math.pi / 2
    for _ in range(8):
        # Each turn gains some three digits; eight are more than a double holds.
        sine = _E * math.sin(lat)
        stretch = ((1 + sine) / (1 - sine)) ** (_E / 2)
        lat = 2 * math.atan(stretch * math.exp(isometric)) - math.pi / 2
    lon = _MERIDIAN + math.atan2(x - _X, _Y - y) / _N
    return Position(math.degrees(lat), math.degrees(lon))
