"""Positions as people and devices write them: no sign and no point of the compass is lost."""

import pytest

from civic.text.degrees import is_marked, read_degrees, read_position


@pytest.mark.parametrize(
    "text",
    [
        "48.02 N, 1.75 W",
        "48,02 N ; 1,75 O",
        "1.75 W 48.02 N",
        "48.02N,1.75W",
        "N 48.02 O 1.75",
        "W1.75 N48.02",
        "48°01'12\"N 1°45'00\"O",
        "48° 1′ 12″ N, 1° 45′ 0″ W",
        "48°1.2'N, 1°45'W",
        "48º01’12’’ Nord / 1º45’ Ouest",
        "48.02° −1.75°",
        "(48.02°, -1.75°)",
        "48.02°n -1.75°w",
    ],
)
def test_a_position_of_whatever_hand(text: str) -> None:
    assert is_marked(text)
    assert read_position(text) == pytest.approx((48.02, -1.75))


@pytest.mark.parametrize(
    ("text", "axis", "degrees"),
    [
        ("1.75 W", "lon", -1.75),
        ("55°27'E", "lon", 55.45),
        ("20°52'44\" S", "lat", -20.878889),
        ("S 20.5", "lat", -20.5),
        ("−21,1°", "lat", -21.1),
    ],
)
def test_one_number_of_a_position(text: str, axis: str, degrees: float) -> None:
    assert is_marked(text)
    assert read_degrees(text, axis) == pytest.approx(degrees)


@pytest.mark.parametrize(
    "text", ["48.02 N", "48 N 1 N", "48°61'N 1°W", "12 rue N 5 W 3", "N W", ""]
)
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S|$"):
        read_position(text)


def test_a_longitude_is_no_latitude() -> None:
    with pytest.raises(ValueError, match=r"\S|$"):
        read_degrees("1.75 W", "lat")


@pytest.mark.parametrize("text", ["48.02, -1.75", "1e5", "4,802E1 -1", "x"])
def test_plain_numbers_are_left_to_others(text: str) -> None:
    assert not is_marked(text)
