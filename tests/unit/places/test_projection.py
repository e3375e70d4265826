"""The map as a picture: where outlines are drawn."""

import itertools
import math

import pytest

from civic.places.projection import HEIGHT, WIDTH, View, flat_rings

VIEW = View(48.11, -1.68, 13)


def square(lat: float, lon: float, side: float) -> list[list[float]]:
    return [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]


def points_of(path: str) -> list[tuple[int, int]]:
    return [
        (int(x), int(y))
        for part in path.removesuffix("Z").split("M")[1:]
        for x, y in (point.split() for point in part.removesuffix("Z").split("L"))
    ]


def test_an_outline_is_where_its_points_are() -> None:
    ring = square(48.11, -1.68, 0.01)
    drawn = points_of(VIEW.path(flat_rings({"type": "Polygon", "coordinates": [ring]})))
    assert drawn[0] == (WIDTH // 2, HEIGHT // 2)
    for (x, y), (lon, lat) in zip(drawn, ring, strict=True):
        there = VIEW.point(lat, lon)
        assert math.dist((x, y), there) <= 1


def test_all_parts_are_drawn_and_holes_too() -> None:
    first = [square(48.11, -1.68, 0.02), square(48.115, -1.675, 0.005)]
    second = [square(48.09, -1.70, 0.01)]
    path = VIEW.path(flat_rings({"type": "MultiPolygon", "coordinates": [first, second]}))
    assert path.count("M") == path.count("Z") == 3


def test_points_of_one_pixel_are_one() -> None:
    steps = [[-1.68 + 0.01 * n / 1000, 48.11] for n in range(1000)]
    ring = [*steps, [-1.67, 48.12], [-1.68, 48.12], steps[0]]
    drawn = points_of(VIEW.path(flat_rings({"type": "Polygon", "coordinates": [ring]})))
    assert 20 < len(drawn) < 120
    assert all(one != other for one, other in itertools.pairwise(drawn))


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [square(10.0, 60.0, 0.1)]},
        {"type": "Polygon", "coordinates": [square(48.11, -1.68, 0.000001)]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "Point", "coordinates": [1.0, 2.0]},
        {},
    ],
)
def test_what_cannot_be_seen_is_not_drawn(geometry: dict[str, object]) -> None:
    assert VIEW.path(flat_rings(geometry)) == ""


def test_what_is_around_the_whole_picture_is_drawn() -> None:
    path = VIEW.path(flat_rings({"type": "Polygon", "coordinates": [square(40.0, -10.0, 20.0)]}))
    drawn = points_of(path)
    assert min(x for x, _ in drawn) < 0 < WIDTH < max(x for x, _ in drawn)
    assert min(y for _, y in drawn) < 0 < HEIGHT < max(y for _, y in drawn)
