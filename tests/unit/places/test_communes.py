"""The communes of France, their clocks and holidays; and an outline from addresses."""

from datetime import date

import pytest
import shapely

from civic.calendar import is_working_day, region_of
from civic.places.communes import Commune, find_communes
from civic.places.geometry import Position
from civic.places.hull import hull_of


def only(text: str) -> Commune:
    [found] = find_communes(text)
    return found


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Rennes", "35238"),
        ("rennes", "35238"),
        ("35238", "35238"),
        ("segre en anjou bleu", "49331"),
        ("La Roche-sur-Yon", "85191"),
        ("2a004", "2A004"),
        ("Nouméa", "98818"),
        ("Saint-Pierre-du-Mont", "40281"),
    ],
)
def test_a_commune_is_found(typed: str, code: str) -> None:
    assert code in {one.code for one in find_communes(typed)}


def test_communes_of_one_name_are_all_offered_the_largest_first() -> None:
    found = find_communes("saint denis")
    assert len(found) >= 4
    assert found[0].code == "97411"
    assert "97400" in found[0].label
    assert find_communes("xyzzyxyzzy") == []
    assert {"35238"} <= {one.code for one in find_communes("Renes")}


def test_what_comes_with_a_commune() -> None:
    rennes = only("35238")
    assert (rennes.name, rennes.department, rennes.zone) == ("Rennes", "35", "Europe/Paris")
    assert {"35000", "35200", "35700"} <= set(rennes.postcodes)
    assert rennes.population is not None
    assert rennes.population > 200_000
    assert only("97411").zone == "Indian/Reunion"
    assert only("97209").zone == "America/Martinique"
    assert only("98818").zone == "Pacific/Noumea"
    assert [only(c).counts_alsace_moselle for c in ("67482", "68066", "57463", "54395")] == [
        True,
        True,
        True,
        False,
    ]


def test_a_large_city_holds_its_arrondissements() -> None:
    assert only("75056").holds("75112")
    assert only("69123").holds("69385")
    assert only("13055").holds("13208")
    assert not only("69123").holds("69266")
    assert not only("35238").holds("35051")
    assert only("35238").holds("")


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ("97411", date(2027, 12, 20)),
        ("97209", date(2026, 5, 22)),
        ("97105", date(2026, 5, 27)),
        ("97302", date(2026, 6, 10)),
        ("97608", date(2026, 4, 27)),
        ("98818", date(2026, 9, 24)),
        ("98735", date(2026, 3, 5)),
        ("67482", date(2025, 12, 26)),
        ("57463", date(2026, 4, 3)),
    ],
)
def test_public_holidays_are_those_of_the_commune(code: str, day: date) -> None:
    assert not is_working_day(day, region=region_of(code))
    assert is_working_day(day, region=region_of("35238"))


def test_a_town_can_count_the_days_of_alsace_without_a_code() -> None:
    assert region_of("", alsace_moselle=True) == "57"
    assert region_of("97411", alsace_moselle=True) == "974"
    assert region_of("") == ""


def test_a_hull_holds_its_addresses_and_little_else() -> None:
    # Two villages in the shape of an L, whose inner corner is somebody else's.
    west = [Position(48.10 + n / 1000, -1.70 + m / 1000) for n in range(40) for m in range(8)]
    south = [Position(48.10 + m / 1000, -1.70 + n / 1000) for n in range(40) for m in range(8)]
    hull = hull_of([*west, *south])
    assert hull.is_valid
    for position in (*west, *south):
        assert shapely.intersects_xy(hull, position.lon, position.lat)
    assert not shapely.intersects_xy(hull, -1.665, 48.135)
    assert hull.area < 0.6 * shapely.box(*hull.bounds).area


def test_too_few_addresses_have_no_hull() -> None:
    with pytest.raises(ValueError, match="too few"):
        hull_of([Position(48.1, -1.7), Position(48.1, -1.7)])
