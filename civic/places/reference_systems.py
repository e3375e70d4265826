"""From metres of a projection to degrees: the systems of French files, UTM and the web's own.

They all stand on ellipsoids and datums that agree with WGS84 within a metre. Any other system is
left to the package pyproj, where it is installed.

The cone is that of the IGN's note NTG 71 (ALG0004), the cylinder is Krüger's series as the
IOGP's Guidance Note 7-2 has it.
"""

import math
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from civic.places.geometry import Position

LAMBERT_93 = "EPSG:2154"
_AXIS, _FLATTENING = 6_378_137.0, 1 / 298.257222101
_SQUARED = _FLATTENING * (2 - _FLATTENING)
_E = math.sqrt(_SQUARED)
_DEGREES = {"EPSG:4326", "EPSG:4258", "EPSG:4171", "OGC:CRS84"}
_UTM = {
    **{32_600 + zone: (zone, 0) for zone in range(1, 61)},
    **{32_700 + zone: (zone, 10_000_000) for zone in range(1, 61)},
    **{25_800 + zone: (zone, 0) for zone in range(28, 39)},
    # The legal systems overseas: Antilles, Guyane, Saint-Pierre-et-Miquelon, then south.
    5490: (20, 0),
    2972: (22, 0),
    4467: (21, 0),
    2975: (40, 10_000_000),
    4471: (38, 10_000_000),
    3296: (5, 10_000_000),
    3297: (6, 10_000_000),
}
"""By its number: the zone, and the metres that are added to the north."""

Point = Callable[[float, float], Position]


class UnknownSystem(ValueError):
    """Nobody here can compute this system; the message says what to do."""


@cache
def system_of(name: str) -> Point:
    """Return what makes a position of (x, y) in the system ``name``; raises UnknownSystem.

    ``name`` is « EPSG:2154 », or the number alone. What it returns raises ValueError for a point
    that cannot be one of the system.
    """
    spelled = f"EPSG:{name}" if name.isdigit() else name.strip().upper()
    if spelled in _DEGREES:
        return lambda x, y: Position(y, x)
    number = int(spelled.removeprefix("EPSG:")) if spelled[5:].isdigit() else 0
    if number == 2154:
        return _within(_cone(44.0, 49.0, 46.5, 3.0, 700_000, 6_600_000), (0, 1.35e6), (6e6, 7.2e6))
    if 3942 <= number <= 3950:
        zone = number - 3900
        north = (zone - 42) * 1_000_000 + 1_200_000
        return _cone(zone - 0.75, zone + 0.75, float(zone), 3.0, 1_700_000, north)
    if number == 3163:
        return _cone(-(20 + 2 / 3), -(22 + 1 / 3), -21.5, 166.0, 400_000, 300_000)
    if number in _UTM:
        zone, north = _UTM[number]
        return _cylinder(6.0 * zone - 183, north)
    if number in {3857, 900_913}:
        return _web
    return _by_package(spelled)


def _within(point: Point, xs: tuple[float, float], ys: tuple[float, float]) -> Point:
    """Refuse what lies outside: overseas files use other projections."""

    def checked(x: float, y: float) -> Position:
        if not (xs[0] <= x <= xs[1] and ys[0] <= y <= ys[1]):
            raise ValueError("not a point of metropolitan France in Lambert 93")
        return point(x, y)

    return checked


def _isometric(lat: float) -> float:
    sine = _E * math.sin(lat)
    return math.atanh(math.sin(lat)) - _E * math.atanh(sine)


def _latitude(isometric: float) -> float:
    lat = math.atan(math.sinh(isometric))
    for _ in range(8):
        # Each turn gains some three digits; eight are more than a double holds.
        lat = math.atan(math.sinh(isometric + _E * math.atanh(_E * math.sin(lat))))
    return lat


def _cone(
    first: float, second: float, origin: float, meridian: float, east: float, north: float
) -> Point:
    """Lambert's conformal conic projection with two parallels; angles in degrees."""
    phi1, phi2, phi0 = math.radians(first), math.radians(second), math.radians(origin)

    def radius_at(lat: float) -> float:
        return math.cos(lat) / math.sqrt(1 - _SQUARED * math.sin(lat) ** 2)

    n = math.log(radius_at(phi1) / radius_at(phi2)) / (_isometric(phi2) - _isometric(phi1))
    scale = _AXIS * radius_at(phi1) / n * math.exp(n * _isometric(phi1))
    top = north + scale * math.exp(-n * _isometric(phi0))

    def point(x: float, y: float) -> Position:
        radius = math.copysign(math.hypot(x - east, top - y), n)
        angle = math.atan2(math.copysign(1, n) * (x - east), math.copysign(1, n) * (top - y))
        lat = _latitude(-math.log(radius / scale) / n)
        return Position(math.degrees(lat), meridian + math.degrees(angle / n))

    return point


def _cylinder(meridian: float, north: float) -> Point:
    """The transverse Mercator projection of UTM; ``meridian`` in degrees."""
    n = _FLATTENING / (2 - _FLATTENING)
    ring = _AXIS / (1 + n) * (1 + n**2 / 4 + n**4 / 64) * 0.9996
    terms = (
        n / 2 - 2 / 3 * n**2 + 37 / 96 * n**3 - n**4 / 360,
        n**2 / 48 + n**3 / 15 - 437 / 1440 * n**4,
        17 / 480 * n**3 - 37 / 840 * n**4,
        4397 / 161_280 * n**4,
    )

    def point(x: float, y: float) -> Position:
        if not (abs(x - 500_000) < 1_500_000 and abs(y - north) <= 10_000_000):
            raise ValueError("not a point of this zone of UTM")
        xi0, eta0 = (y - north) / ring, (x - 500_000) / ring
        xi, eta = xi0, eta0
        for place, term in enumerate(terms, start=1):
            xi -= term * math.sin(2 * place * xi0) * math.cosh(2 * place * eta0)
            eta -= term * math.cos(2 * place * xi0) * math.sinh(2 * place * eta0)
        on_sphere = math.asin(math.sin(xi) / math.cosh(eta))
        lon = math.atan2(math.sinh(eta), math.cos(xi))
        lat = _latitude(math.atanh(math.sin(on_sphere)))
        return Position(math.degrees(lat), meridian + math.degrees(lon))

    return point


def _web(x: float, y: float) -> Position:
    """The Mercator projection of web maps, on a sphere."""
    lat = math.atan(math.sinh(y / _AXIS))
    return Position(math.degrees(lat), math.degrees(x / _AXIS))


def _by_package(name: str) -> Point:
    try:
        pyproj: Any = import_module("pyproj")
    except ImportError:
        raise UnknownSystem(
            f"{name} needs the package pyproj: « pip install 'pyproj>=3.6' »"
        ) from None
    try:
        transformer = pyproj.Transformer.from_crs(name, "EPSG:4326", always_xy=True)
    except pyproj.exceptions.CRSError:
        raise UnknownSystem(f"{name} is not a coordinate reference system") from None

    def point(x: float, y: float) -> Position:
        lon, lat = transformer.transform(x, y)
        return Position(lat, lon)

    return point
