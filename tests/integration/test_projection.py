"""One function says what is public, and pages, cards, the map and the exports all ask it."""

import csv
import io
import json
from typing import Any

import pytest
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.contributions.models import Contribution
from civic.contributions.projection import public_author, public_of
from civic.places.geometry import Position, cell_to_tile, morton_cell, parent_cell
from tests.factories import make_account, make_contribution

TAKEN = Position(48.110_123_456, -1.680_987_654)
SHOWN = (48.11012, -1.68099)
DIGITS = ("0123456", "0987654", "110123", "680987")


@pytest.fixture
def author(session: Session, town: Any) -> Account:
    return make_account(session, "secret.name@example.org")


@pytest.fixture
def incident(session: Session, author: Account) -> Contribution:
    return make_contribution(
        session, author=author, position=TAKEN, hides_author=True, title="Banc cassé"
    )


def tile_path(z: int = 18) -> str:
    tile = cell_to_tile(parent_cell(morton_cell(TAKEN.lat, TAKEN.lon), z), z)
    return f"/map/data/{tile.z}/{tile.x}/{tile.y}.json"


def test_every_surface_tells_the_same_place_and_no_more(
    client: Any, session: Session, incident: Contribution
) -> None:
    paths = (
        f"/incidents/{incident.reference}",
        "/incidents",
        "/map",
        f"/map?selected=incident:{incident.reference}",
        tile_path(),
        f"/map/card/incident/{incident.reference}",
        "/open-data/contributions.csv",
        "/open-data/contributions.geojson",
        "/open-data/comments.csv",
    )
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        text = answer.get_data(as_text=True)
        assert not [digits for digits in DIGITS if digits in text], path
        assert "secret.name" not in text, path
    table = client.get("/open-data/contributions.csv").get_data(as_text=True)
    (row,) = csv.DictReader(io.StringIO(table))
    (feature,) = json.loads(client.get("/open-data/contributions.geojson").data)["features"]
    assert (float(row["lat"]), float(row["lon"])) == SHOWN
    assert feature["geometry"]["coordinates"] == [SHOWN[1], SHOWN[0]]
    assert str(SHOWN[0]) in client.get(f"/incidents/{incident.reference}").get_data(as_text=True)


def test_a_name_is_shown_by_who_shows_it(
    client: Any, session: Session, author: Account, incident: Contribution
) -> None:
    open_one = make_contribution(session, author=author)
    assert public_author(open_one) == "secret.name"
    assert public_author(incident) is None
    assert "secret.name" in client.get(f"/incidents/{open_one.reference}").get_data(as_text=True)
    author.erased_at = open_one.submitted_at
    session.commit()
    assert public_author(open_one) is None


def test_what_has_no_place_has_none_in_public(session: Session, town: Any) -> None:
    shown = public_of(make_contribution(session, position=None))
    assert (shown.lat, shown.lon) == (None, None)
