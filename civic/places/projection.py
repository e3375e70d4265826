"""The map as a picture made by the server, for readers without script: outlines and clusters.

Flat coordinates are pixels of Web Mercator at one zoom, from the picture's upper left corner.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from civic.places.geometry import MAX_LATITUDE, Bounds, Tile

WIDTH, HEIGHT = 720, 520
DEEPEST, SHALLOWEST = 19, 4
_TILE = 256
_NEAREST, _FARTHEST = -2000, 3000

Rings: TypeAlias = tuple[NDArray[np.float64], ...]
"""An outline on the flat world, 0 to 1 eastwards and southwards: one array (n, 2) for each ring."""


@dataclass(frozen=True, slots=True)
class View:
    """What a map shows: its centre in degrees and its zoom."""

    lat: float
    lon: float
    zoom: int

    @classmethod
    def around(cls, bounds: Bounds) -> "View":
        """Return the closest view that shows all of ``bounds``."""
        lat, lon = (bounds.south + bounds.north) / 2, (bounds.west + bounds.east) / 2
        for zoom in range(DEEPEST, SHALLOWEST, -1):
            left, top = _pixels(bounds.north, bounds.west, zoom)
            right, bottom = _pixels(bounds.south, bounds.east, zoom)
            if right - left <= WIDTH * 0.94 and bottom - top <= HEIGHT * 0.94:
                return cls(lat, lon, zoom)
        return cls(lat, lon, SHALLOWEST)

    def moved(self, right: float, down: float) -> "View":
        """Return the view so many parts of the picture to the right and down."""
        x, y = _pixels(self.lat, self.lon, self.zoom)
        lat, lon = _degrees(x + right * WIDTH, y + down * HEIGHT, self.zoom)
        return View(lat, lon, self.zoom)

    def zoomed(self, steps: int) -> "View":
        """Return the view closer by so many zooms."""
        return View(self.lat, self.lon, min(max(self.zoom + steps, SHALLOWEST), DEEPEST))

    def to_args(self) -> dict[str, Any]:
        """Return the query of an address that shows this view."""
        return {"lat": f"{self.lat:.5f}", "lon": f"{self.lon:.5f}", "z": self.zoom}

    @property
    def bounds(self) -> Bounds:
        """What the picture shows, in degrees."""
        x, y = _pixels(self.lat, self.lon, self.zoom)
        north, west = _degrees(x - WIDTH / 2, y - HEIGHT / 2, self.zoom)
        south, east = _degrees(x + WIDTH / 2, y + HEIGHT / 2, self.zoom)
        return Bounds(max(west, -180.0), south, min(east, 180.0), north)

    def tiles(self) -> list[Tile]:
        """Return the data tiles (512 pixels wide) that the picture touches."""
        z = self.zoom - 1
        x, y = _pixels(self.lat, self.lon, self.zoom)
        across = _tiles_between(x - WIDTH / 2, x + WIDTH / 2, z)
        down = _tiles_between(y - HEIGHT / 2, y + HEIGHT / 2, z)
        return [Tile(z, column, row) for column in across for row in down]

    def point(self, lat: float, lon: float) -> tuple[float, float]:
        """Return where a position is in the picture."""
        x, y = _pixels(self.lat, self.lon, self.zoom)
        its_x, its_y = _pixels(lat, lon, self.zoom)
        return round(its_x - x + WIDTH / 2, 1), round(its_y - y + HEIGHT / 2, 1)

    def path(self, rings: Rings) -> str:
        """Return an outline as the data of an SVG path, to the pixel; "" far from the picture."""
        x, y = _pixels(self.lat, self.lon, self.zoom)
        corner = np.array((x - WIDTH / 2, y - HEIGHT / 2))
        parts = []
        for ring in rings:
            # Far outside the picture nobody sees where a line goes.
            points = np.rint(ring * (_TILE << self.zoom) - corner).clip(_NEAREST, _FARTHEST)
            turns = np.ones(len(points), bool)
            turns[1:] = (points[1:] != points[:-1]).any(axis=1)
            points = points[turns].astype(int)
            if len(points) > 2 and np.ptp(points, axis=0).all():
                parts.append("M" + "L".join(f"{x} {y}" for x, y in points.tolist()) + "Z")
        return "".join(parts)


def flat_rings(geometry: dict[str, Any]) -> Rings:
    """Return the rings of a GeoJSON polygon or multipolygon on the flat world."""
    coordinates = geometry.get("coordinates", ())
    polygons = {"MultiPolygon": coordinates, "Polygon": [coordinates]}
    found = polygons.get(geometry.get("type", ""), ())
    return tuple(_flattened(ring) for polygon in found for ring in polygon)


def _flattened(ring: Sequence[Any]) -> NDArray[np.float64]:
    degrees = np.array([position[:2] for position in ring], dtype=float).reshape(-1, 2)
    sine = np.sin(np.radians(degrees[:, 1].clip(-MAX_LATITUDE, MAX_LATITUDE)))
    return np.column_stack(((degrees[:, 0] + 180) / 360, 0.5 - np.arctanh(sine) / (2 * math.pi)))


def _tiles_between(first: float, last: float, z: int) -> range:
    most = (1 << z) - 1
    edge = 2 * _TILE
    return range(min(max(int(first // edge), 0), most), min(max(int(last // edge), 0), most) + 1)


def _pixels(lat: float, lon: float, zoom: int) -> tuple[float, float]:
    world = _TILE << zoom
    sine = math.sin(math.radians(min(max(lat, -MAX_LATITUDE), MAX_LATITUDE)))
    return (
        (lon + 180) / 360 * world,
        (0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)) * world,
    )


def _degrees(x: float, y: float, zoom: int) -> tuple[float, float]:
    world = _TILE << zoom
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / world))))
    return lat, x / world * 360 - 180
