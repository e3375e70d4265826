"""Cells nest exactly, covers leave nothing out, areas are found smallest first."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, Polygon, box

from civic.places.geometry import (
    CELL_LEVEL,
    MAX_LATITUDE,
    AreaIndex,
    Bounds,
    Position,
    Tile,
    bounding_box,
    cell_range,
    cell_to_tile,
    clean_outline,
    cover,
    cover_level,
    haversine_m,
    looks_swapped,
    morton_cell,
    parent_cell,
    tile_bounds,
    tile_to_cell,
)

latitudes = st.floats(-85, 85, allow_nan=False)
longitudes = st.floats(-180, 180, allow_nan=False)
levels = st.integers(0, CELL_LEVEL)
positions = st.builds(Position, latitudes, longitudes)

PARIS = Position(48.8566, 2.3522)
PARIS_BOX = Bounds(2.22, 48.81, 2.47, 48.91)


@pytest.mark.parametrize(
    ("lat", "lon"), [(91, 0), (-90.1, 0), (0, 181), (math.nan, 0), (0, math.nan), (math.inf, 0)]
)
def test_a_position_is_on_the_earth(lat: float, lon: float) -> None:
    with pytest.raises(ValueError, match=r"latitude|longitude"):
        Position(lat, lon)


def test_a_known_tile() -> None:
    # The tile of the Eiffel Tower, as every map server numbers it.
    cell = morton_cell(48.8584, 2.2945)
    assert cell_to_tile(parent_cell(cell, 16), 16) == Tile(16, 33185, 22545)


@given(positions, levels)
def test_a_parent_holds_its_cell(position: Position, level: int) -> None:
    cell = morton_cell(position.lat, position.lon)
    first, last = cell_range(parent_cell(cell, level), level)
    assert first <= cell <= last
    assert last - first + 1 == 4 ** (CELL_LEVEL - level)


@given(positions, levels)
def test_a_tile_and_its_cell_are_one(position: Position, level: int) -> None:
    parent = parent_cell(morton_cell(position.lat, position.lon), level)
    tile = cell_to_tile(parent, level)
    assert tile_to_cell(*tile) == parent
    bounds = tile_bounds(tile)
    slack = 1e-9
    assert bounds.south - slack <= position.lat <= bounds.north + slack
    assert bounds.west - slack <= position.lon <= bounds.east + slack


@given(positions)
def test_a_cell_fits_a_signed_64_bit_integer(position: Position) -> None:
    assert 0 <= morton_cell(position.lat, position.lon) < 2**40


def test_the_poles_fall_on_the_edge_of_the_map() -> None:
    assert morton_cell(90, 0) == morton_cell(MAX_LATITUDE, 0)
    assert morton_cell(-90, 180) == 4**CELL_LEVEL - 1


@pytest.mark.parametrize("tile", [(21, 0, 0), (-1, 0, 0), (3, 8, 0), (3, 0, 8), (3, -1, 0)])
def test_there_is_no_tile_outside_the_map(tile: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="no tile"):
        tile_to_cell(*tile)


@given(positions, st.floats(1, 5000), st.floats(0, 1), st.floats(0, 1))
def test_a_cover_holds_every_position_of_its_box(
    centre: Position, radius: float, across: float, up: float
) -> None:
    bounds = bounding_box(centre, radius)
    level = cover_level(bounds, 64)
    ranges = cover(bounds, level)
    lat = bounds.south + up * (bounds.north - bounds.south)
    width = (bounds.east - bounds.west) % 360 if bounds.west > bounds.east else None
    lon = bounds.west + across * (bounds.east - bounds.west if width is None else width)
    lon = lon - 360 if lon > 180 else lon
    cell = morton_cell(min(lat, bounds.north), lon if width else min(lon, bounds.east))
    assert sum(first <= cell <= last for first, last in ranges) == 1
    assert len(ranges) <= 64


@given(positions, st.floats(1, 2000))
def test_the_ranges_of_a_cover_are_in_order_and_apart(centre: Position, radius: float) -> None:
    bounds = bounding_box(centre, radius)
    ranges = cover(bounds, cover_level(bounds, 200))
    assert all(first <= last for first, last in ranges)
    assert all(a[1] + 1 < b[0] for a, b in pairwise(ranges))


def test_the_whole_world_is_one_range() -> None:
    assert cover(Bounds(-180, -85, 180, 85), 3) == [(0, 4**CELL_LEVEL - 1)]


def test_a_cover_across_the_antimeridian_has_both_sides() -> None:
    ranges = cover(Bounds(179, -1, -179, 1), 10)
    for lon in (179.5, -179.5):
        cell = morton_cell(0.5, lon)
        assert any(first <= cell <= last for first, last in ranges)
    assert not any(first <= morton_cell(0.5, 0) <= last for first, last in ranges)


def test_an_immense_cover_is_refused() -> None:
    with pytest.raises(ValueError, match="tiles"):
        cover(Bounds(-180, -85, 180, 85), 12)


def test_a_known_distance() -> None:
    rennes = Position(48.1173, -1.6778)
    assert haversine_m(PARIS, rennes) == pytest.approx(308_000, rel=0.005)
    assert haversine_m(PARIS, PARIS) == 0


@given(positions, positions)
def test_distance_is_the_same_both_ways(a: Position, b: Position) -> None:
    assert haversine_m(a, b) == pytest.approx(haversine_m(b, a))


@given(positions, st.floats(1, 50_000), st.floats(0, 2 * math.pi), st.floats(0, 1))
def test_a_bounding_box_holds_its_circle(
    centre: Position, radius: float, bearing: float, part: float
) -> None:
    angle = radius * part / 6_371_008.8
    lat, lon = math.radians(centre.lat), math.radians(centre.lon)
    there = math.asin(
        math.sin(lat) * math.cos(angle) + math.cos(lat) * math.sin(angle) * math.cos(bearing)
    )
    east = lon + math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(lat),
        math.cos(angle) - math.sin(lat) * math.sin(there),
    )
    degrees = (math.degrees(east) + 540) % 360 - 180
    bounds = bounding_box(centre, radius)
    slack = 1e-9
    wider = Bounds(
        bounds.west - slack, bounds.south - slack, bounds.east + slack, bounds.north + slack
    )
    assert wider.holds(math.degrees(there), degrees)


def test_swapped_coordinates_are_noticed() -> None:
    assert looks_swapped(2.35, 48.85, PARIS_BOX)
    assert not looks_swapped(48.85, 2.35, PARIS_BOX)
    assert not looks_swapped(0, 0, PARIS_BOX)


def test_areas_are_found_smallest_first() -> None:
    index = AreaIndex(
        [(1, 0, box(0, 0, 10, 10)), (2, 1, box(0, 0, 5, 10)), (3, 2, box(0, 0, 5, 5))]
    )
    assert index.find(Position(2, 2)) == [3, 2, 1]
    assert index.find(Position(8, 2)) == [2, 1]
    assert index.find(Position(2, 8)) == [1]
    assert index.find(Position(20, 20)) == []
    assert len(index) == 3


def test_of_equal_areas_the_finer_division_comes_first() -> None:
    index = AreaIndex([(1, 0, box(0, 0, 1, 1)), (2, 1, box(0, 0, 1, 1))])
    assert index.find(Position(0.5, 0.5)) == [2, 1]


def test_an_edge_belongs_to_both_sides() -> None:
    index = AreaIndex([(1, 1, box(0, 0, 1, 1)), (2, 1, box(1, 0, 2, 1))])
    assert index.find(Position(0.5, 1)) == [1, 2]


def test_an_empty_index_finds_nothing() -> None:
    assert AreaIndex([]).find(PARIS) == []
    assert AreaIndex([]).find_many([PARIS]) == [[]]
    assert AreaIndex([]).nearest(PARIS) is None


def test_outlines_may_be_geojson_and_broken() -> None:
    bow_tie = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}
    index = AreaIndex([(1, 0, bow_tie)])
    assert index.find(Position(1, 0.2)) == [1]
    assert index.find(Position(0.2, 1)) == []
    assert index.nearest(Position(9, 9)) == 1


@pytest.mark.parametrize(
    "outline",
    [
        Point(1, 1),
        {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {},
    ],
)
def test_an_outline_has_a_surface(outline: object) -> None:
    with pytest.raises(ValueError, match="outline"):
        clean_outline(outline)  # type: ignore[arg-type]


def test_heights_and_left_over_lines_are_dropped() -> None:
    flat = clean_outline(Polygon([(0, 0, 7), (1, 0, 7), (1, 1, 7), (0, 1, 7)]))
    assert not flat.has_z
    two = clean_outline(MultiPolygon([box(0, 0, 1, 1), box(2, 2, 3, 3)]))
    assert isinstance(two, MultiPolygon)


@given(st.lists(positions, max_size=20))
def test_many_positions_find_what_each_would(points: list[Position]) -> None:
    index = AreaIndex([(1, 0, box(-180, -90, 180, 0)), (2, 0, box(-90, -45, 90, 45))])
    assert index.find_many(points) == [index.find(point) for point in points]
