"""Positions on the Earth, the cells that index them, and the areas that hold them.

A cell is the z-order (Morton) code of a Web-Mercator tile: the bits of x and y take turns. The cell
of zoom 20 (some 25 m in France) fits a signed 64-bit integer, its parent at zoom z is
`cell >> 2 * (20 - z)`, and so everything inside a tile of any zoom is one range of integers, which
an ordinary index of any database answers.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import shapely
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry

CELL_LEVEL = 20
EARTH_RADIUS_M = 6_371_008.8
MAX_LATITUDE = 85.05112877980659  # where the square of Web Mercator ends
MAX_COVER_TILES = 65_536


@dataclass(frozen=True, slots=True)
class Position:
    """A point in WGS84 degrees. ValueError when it is not on the Earth."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        # Written so that NaN fails too.
        if not -90 <= self.lat <= 90:
            raise ValueError(f"latitude must be between -90 and 90, not {self.lat}")
        if not -180 <= self.lon <= 180:
            raise ValueError(f"longitude must be between -180 and 180, not {self.lon}")


class Bounds(NamedTuple):
    """A box in degrees, in the order of GeoJSON. `west > east` crosses the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lat: float, lon: float) -> bool:
        """Say whether a point is inside or on the edge."""
        if not self.south <= lat <= self.north:
            return False
        if self.west <= self.east:
            return self.west <= lon <= self.east
        return lon >= self.west or lon <= self.east


class Tile(NamedTuple):
    """A Web-Mercator tile: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int


# ---------------------------------------------------------------------------------------- cells


def morton_cell(lat: float, lon: float) -> int:
    """Return the cell of a position at zoom 20. Beyond 85.05° it is that of the map's edge."""
    x, y = _tile_at(lat, lon, CELL_LEVEL)
    return _interleave(x, y)


def parent_cell(cell: int, level: int) -> int:
    """Return the code, at zoom `level`, of the tile that holds a cell of zoom 20."""
    return cell >> 2 * (CELL_LEVEL - level)


def cell_range(cell: int, level: int) -> tuple[int, int]:
    """Return the first and the last zoom-20 cells inside `cell`, a code of zoom `level`."""
    shift = 2 * (CELL_LEVEL - level)
    return cell << shift, ((cell + 1) << shift) - 1


def tile_to_cell(z: int, x: int, y: int) -> int:
    """Return the code, at its own zoom `z`, of a tile. ValueError when there is no such tile."""
    size = 1 << z if 0 <= z <= CELL_LEVEL else 0
    if not (0 <= x < size and 0 <= y < size):
        raise ValueError(f"there is no tile {z}/{x}/{y}")
    return _interleave(x, y)


def cell_to_tile(cell: int, level: int = CELL_LEVEL) -> Tile:
    """Return the tile of a code of zoom `level`."""
    return Tile(level, _compact(cell), _compact(cell >> 1))


def tile_bounds(tile: Tile) -> Bounds:
    """Return the edges of a tile in degrees."""
    size = 1 << tile.z
    return Bounds(
        west=tile.x / size * 360 - 180,
        south=_latitude_of((tile.y + 1) / size),
        east=(tile.x + 1) / size * 360 - 180,
        north=_latitude_of(tile.y / size),
    )


def cover(bounds: Bounds, level: int) -> list[tuple[int, int]]:
    """Return the ranges of zoom-20 cells, in order and merged, of all `level` tiles in a box.

    Every position inside the box falls in exactly one range; positions outside it may too, up to
    the edge of their tile. ValueError when that takes more than `MAX_COVER_TILES` tiles.
    """
    codes: list[int] = []
    columns = _columns(bounds, level)
    (_, top), (_, bottom) = (
        _tile_at(bounds.north, bounds.west, level),
        _tile_at(bounds.south, bounds.west, level),
    )
    rows = range(top, bottom + 1)
    if sum(map(len, columns)) * len(rows) > MAX_COVER_TILES:
        raise ValueError(f"a box of more than {MAX_COVER_TILES} tiles of zoom {level}")
    for xs in columns:
        codes.extend(_interleave(x, y) for x in xs for y in rows)
    merged: list[tuple[int, int]] = []
    for code in sorted(set(codes)):
        first, last = cell_range(code, level)
        if merged and merged[-1][1] + 1 == first:
            merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return merged


def cover_level(bounds: Bounds, max_tiles: int = 64) -> int:
    """Return the deepest zoom at which a box takes at most `max_tiles` tiles."""
    for level in range(CELL_LEVEL, 0, -1):
        _, top = _tile_at(bounds.north, bounds.west, level)
        _, bottom = _tile_at(bounds.south, bounds.west, level)
        if sum(map(len, _columns(bounds, level))) * (bottom - top + 1) <= max_tiles:
            return level
    return 0


def _columns(bounds: Bounds, level: int) -> list[range]:
    west, _ = _tile_at(bounds.south, bounds.west, level)
    east, _ = _tile_at(bounds.south, bounds.east, level)
    if bounds.west <= bounds.east:
        return [range(west, east + 1)]
    return [range(west, 1 << level), range(east + 1)]


def _tile_at(lat: float, lon: float, level: int) -> tuple[int, int]:
    size = 1 << level
    sine = math.sin(math.radians(min(max(lat, -MAX_LATITUDE), MAX_LATITUDE)))
    x = int((lon + 180) / 360 * size)
    y = int((0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)) * size)
    return min(max(x, 0), size - 1), min(max(y, 0), size - 1)


def _latitude_of(fraction: float) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * fraction))))


def _interleave(x: int, y: int) -> int:
    return _spread(x) | _spread(y) << 1


def _spread(value: int) -> int:
    """Return the bits of `value` (up to 32) with a zero before each."""
    value = (value | value << 16) & 0x0000FFFF0000FFFF
    value = (value | value << 8) & 0x00FF00FF00FF00FF
    value = (value | value << 4) & 0x0F0F0F0F0F0F0F0F
    value = (value | value << 2) & 0x3333333333333333
    return (value | value << 1) & 0x5555555555555555


def _compact(value: int) -> int:
    """Return every second bit of `value`: what `_spread` was given."""
    value &= 0x5555555555555555
    value = (value | value >> 1) & 0x3333333333333333
    value = (value | value >> 2) & 0x0F0F0F0F0F0F0F0F
    value = (value | value >> 4) & 0x00FF00FF00FF00FF
    value = (value | value >> 8) & 0x0000FFFF0000FFFF
    return (value | value >> 16) & 0x00000000FFFFFFFF


# ------------------------------------------------------------------------------------- distances


def haversine_m(a: Position, b: Position) -> float:
    """Return the distance of two positions in metres, on a sphere (at most 0.6 % off)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat = (lat_b - lat_a) / 2
    half_lon = math.radians(b.lon - a.lon) / 2
    h = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


def bounding_box(position: Position, radius_m: float) -> Bounds:
    """Return a box that holds everything within `radius_m` metres of `position`.

    The corners of the box are farther away than that: measure what is found in it.
    """
    # A hair more than needed, so that rounding never leaves out a point of the edge.
    angle = radius_m / EARTH_RADIUS_M * (1 + 1e-9) + 1e-12
    d_lat = math.degrees(angle)
    south, north = position.lat - d_lat, position.lat + d_lat
    ratio = math.sin(angle) / math.cos(math.radians(position.lat)) if abs(position.lat) < 90 else 2
    if south <= -90 or north >= 90 or ratio >= 1:
        return Bounds(-180.0, max(south, -90.0), 180.0, min(north, 90.0))
    d_lon = math.degrees(math.asin(ratio))
    west, east = position.lon - d_lon, position.lon + d_lon
    return Bounds(
        west=west + 360 if west < -180 else west,
        south=south,
        east=east - 360 if east > 180 else east,
        north=north,
    )


def looks_swapped(lat: float, lon: float, outline: Bounds) -> bool:
    """Say whether a point fits `outline` only with latitude and longitude exchanged."""
    return not outline.holds(lat, lon) and outline.holds(lon, lat)


# ----------------------------------------------------------------------------------------- areas


def clean_outline(geometry: BaseGeometry | Mapping[str, Any]) -> Polygon | MultiPolygon:
    """Return a shapely or GeoJSON geometry as a valid, flat polygon or multipolygon.

    Self-crossing rings are mended; points and lines that mending leaves over are dropped.
    ValueError when no surface remains.
    """
    try:
        drawn = shape(dict(geometry)) if isinstance(geometry, Mapping) else geometry
        valid = shapely.make_valid(shapely.force_2d(drawn))
    except (
        shapely.errors.ShapelyError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        raise ValueError("the outline is not a GeoJSON geometry") from error
    surfaces = [part for part in _polygons(valid) if part.area > 0]
    if not surfaces:
        raise ValueError("the outline has no surface")
    return surfaces[0] if len(surfaces) == 1 else MultiPolygon(surfaces)


def _polygons(geometry: BaseGeometry) -> list[Polygon]:
    if isinstance(geometry, Polygon):
        return [geometry]
    parts = getattr(geometry, "geoms", ())
    return [polygon for part in parts for polygon in _polygons(part)]


class AreaIndex:
    """Which areas hold a position, in some microseconds. Immutable: make a new one on a change."""

    def __init__(self, areas: Iterable[tuple[int, int, BaseGeometry | Mapping[str, Any]]]) -> None:
        """Take (id, level, outline); a higher level is a finer division of the town.

        Outlines are mended by `clean_outline`, whose ValueError passes through.
        """
        outlines = [(key, level, clean_outline(outline)) for key, level, outline in areas]
        # Smallest first; of equal ones (a commune that is one quarter) the finer division first.
        outlines.sort(key=lambda area: (area[2].area, -area[1], area[0]))
        self._ids = [key for key, _, _ in outlines]
        self._outlines = [outline for _, _, outline in outlines]
        shapely.prepare(self._outlines)
        self._tree = shapely.STRtree(self._outlines)

    def __len__(self) -> int:
        return len(self._ids)

    def find(self, position: Position) -> list[int]:
        """Return the ids of the areas that hold `position`, edges included, smallest first."""
        near = self._tree.query(shapely.points(position.lon, position.lat)).tolist()
        return [
            self._ids[at]
            for at in sorted(near)
            if shapely.intersects_xy(self._outlines[at], position.lon, position.lat)
        ]

    def find_many(self, positions: Sequence[Position]) -> list[list[int]]:
        """Return what `find` would for each position; quicker for thousands."""
        found: list[list[int]] = [[] for _ in positions]
        if not positions:
            return found
        points = shapely.points([(position.lon, position.lat) for position in positions])
        pairs = self._tree.query(points, predicate="intersects")
        for which, at in sorted(pairs.T.tolist()):
            found[which].append(self._ids[at])
        return found

    def nearest(self, position: Position) -> int | None:
        """Return the id of the area nearest to `position` in degrees; None without any area."""
        at = self._tree.nearest(shapely.points(position.lon, position.lat))
        return None if at is None else self._ids[int(at)]
