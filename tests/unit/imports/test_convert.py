"""A row is understood, mended where that is safe, or refused with a reason."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from civic.imports.convert import Record, Rejected, to_record
from civic.imports.mapping import Mapping, MappingError, detect_mapping, load_mapping
from civic.imports.readers import Row
from civic.places.geometry import Bounds, Position

PARIS = Bounds(west=2.2, south=48.8, east=2.5, north=48.9)
MAPPING = detect_mapping("incident", ("id", "title", "category"))
ROW = {
    "id": "7",
    "title": "Banc cassé",
    "category": "banc",
    "submitted_at": "2024-02-03",
    "lat": "48.85",
    "lon": "2.35",
}


def understand(**changes: Any) -> Record:
    assert isinstance(MAPPING, Mapping)
    mapping = MAPPING.in_zone(ZoneInfo("Europe/Paris"))
    return to_record(Row(2, {**ROW, **changes}), mapping, PARIS)


def test_a_good_row() -> None:
    record = understand()
    assert record.position == Position(48.85, 2.35)
    assert record.submitted_at.isoformat() == "2024-02-03T11:00:00+00:00"
    assert record.remarks == []


def test_dates_are_in_the_zone_of_the_source() -> None:
    assert understand(submitted_at="14/07/2024 08:30").submitted_at.hour == 6
    assert understand(submitted_at="2024-07-14T08:30:00Z").submitted_at.hour == 8


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": ""}, "no id"),
        ({"id": "x" * 121}, "an id of 121"),
        ({"title": "  "}, "no title"),
        ({"submitted_at": ""}, "no date"),
        ({"submitted_at": "32/01/2024"}, "not a date"),
        ({"submitted_at": "1750-01-01"}, "a date out of range"),
        ({"submitted_at": "2999-01-01"}, "a date out of range"),
        ({"lat": "north"}, "latitude is not a number"),
        ({"lat": "95"}, "latitude must be"),
        ({"lat": "nan"}, "latitude is not a number"),
        ({"body": "x" * 100_000}, "a text of 100000"),
        ({"body": "a\x00b"}, "a NUL"),
        ({"votes": "many"}, "votes: not a number"),
        ({"votes": "-3"}, "votes: out of range"),
    ],
)
def test_what_cannot_be_taken_says_why(changes: dict[str, str], reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        understand(**changes)


def test_swapped_coordinates_are_put_right_and_remarked_upon() -> None:
    record = understand(lat="2.35", lon="48.85")
    assert record.position == Position(48.85, 2.35)
    assert record.remarks == ["latitude and longitude were swapped"]


def test_null_island_is_no_place() -> None:
    record = understand(lat="0", lon="0.0")
    assert record.position is None
    assert "position 0, 0 taken for none" in record.remarks


def test_decimal_commas_are_understood() -> None:
    assert understand(lat="48,85", lon="2,35").position == Position(48.85, 2.35)


def test_a_long_title_keeps_its_whole_in_the_text() -> None:
    record = understand(title="x" * 300)
    assert len(record.title) == 160
    assert "x" * 300 in record.body


def test_a_position_may_be_one_cell() -> None:
    mapping = detect_mapping(
        "incident", ("id_dmr", "type", "soustype", "geo_point_2d", "anneedecl")
    )
    assert mapping is not None
    row = {
        "id_dmr": "1",
        "type": "Eau",
        "soustype": "Fuite",
        "datedecl": "02/02/2024",
        "geo_point_2d": "{'lon': 2.31, 'lat': 48.88}",
    }
    assert to_record(Row(2, row), mapping, PARIS).position == Position(48.88, 2.31)


def test_a_mapping_that_names_an_unknown_field_is_refused(tmp_path: Any) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('kind = "incident"\n[columns]\ncolour = "x"\n')
    with pytest.raises(MappingError, match="colour"):
        load_mapping(path)
