"""The map, its data and the first page, as browsers and caches see them."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from sqlalchemy import Engine, delete, event
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM
from civic.contributions.models import Contribution
from civic.contributions.operations import hide
from civic.extensions import db
from civic.map.config import background
from civic.map.own_tiles import require_own_tiles
from civic.places.geometry import Position, cell_to_tile, morton_cell, parent_cell
from civic.places.models import Area, AreaLevel
from civic.settings import SettingError, Settings
from tests.factories import CENTRE, make_contribution
from tests.mapped import make_action, town_of_many


def tile_of(position: Position, z: int = 12) -> str:
    tile = cell_to_tile(parent_cell(morton_cell(position.lat, position.lon), z), z)
    return f"/map/data/{tile.z}/{tile.x}/{tile.y}.json"


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    engine: Engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_published_report_is_on_the_map_at_once_and_a_hidden_one_is_gone(
    client: Any, session: Session
) -> None:
    url = tile_of(CENTRE)
    assert client.get(url).json == {"clusters": [], "points": []}
    incident = make_contribution(session)
    first = client.get(url)
    assert [point[1] for point in first.json["points"]] == [incident.reference]

    found = session.get_one(Contribution, incident.id)
    hide(session, found, actor=SYSTEM)
    session.commit()
    # A cache that holds the old answer has to ask, and is told that it has changed.
    again = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert again.json["points"] == []
    assert client.get(f"/map/card/incident/{incident.reference}").status_code == 404


def test_a_tile_is_the_same_for_everyone_and_costs_nothing_while_it_holds(
    client: Any, session: Session
) -> None:
    make_contribution(session)
    url = tile_of(CENTRE)
    answer = client.get(url)
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "Set-Cookie" not in answer.headers
    same = client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
    assert same.status_code == 304
    assert same.data == b""


def test_a_tile_with_thousands_at_one_spot_stays_small(
    app: Flask, client: Any, session: Session
) -> None:
    town_of_many(session)
    for z in (0, 8, 12, 15, 17, 19):
        answer = client.get(tile_of(CENTRE, z), headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert len(answer.data) < 30_000
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data).startswith(b'{"clusters"')


@pytest.mark.parametrize("path", ["/map/data/3/9/0.json", "/map/data/25/0/0.json"])
def test_a_tile_that_is_not_there_is_not_found(client: Any, path: str) -> None:
    assert client.get(path).status_code == 404


def test_tiles_take_the_filters_of_the_list(client: Any, session: Session) -> None:
    make_contribution(session)
    make_contribution(session, "idea")
    url = tile_of(CENTRE, 18)
    kinds = {
        query: sorted(point[0] for point in client.get(f"{url}?{query}").json["points"])
        for query in ("", "kind=idea", "category=eclairage", "type=fixed", "kind=unknown")
    }
    assert kinds == {
        "": ["idea", "incident"],
        "kind=idea": ["idea"],
        "category=eclairage": ["incident"],
        "type=fixed": [],
        # What nobody understands is left out of the filter.
        "kind=unknown": ["idea", "incident"],
    }


def test_the_map_page_works_as_a_page(client: Any, session: Session) -> None:
    incident = make_contribution(session)
    action = make_action(session)
    page = client.get("/map").get_data(as_text=True)
    assert incident.title in page
    assert action.title in page
    assert 'class="dot' in page, "the picture for readers without script"
    chosen = client.get(f"/map?selected=incident:{incident.reference}")
    assert chosen.get_data(as_text=True).count(incident.title) == 2
    only_ideas = client.get("/map?kind=idea&inside=1").get_data(as_text=True)
    assert incident.title not in only_ideas


def test_nonsense_in_the_address_of_the_map_is_left_out(client: Any, session: Session) -> None:
    query = "lat=x&lon=999&z=99&bbox=1,2&near=a&type=z&period=-4&since=31-12&selected=:&after=~"
    assert client.get(f"/map?{query}").status_code == 200
    assert client.get("/map?lat=nan&lon=1&z=3").status_code == 200
    assert client.get("/map?lat=48.11&lon=-1.68&z=inf").status_code == 200
    assert client.get("/map?lat=48.11&lon=-1.68&z=12.75").status_code == 200
    assert client.get("/map?lat=89.9&lon=-180&z=4").status_code == 200


def test_the_list_fragment_is_the_list_alone(client: Any, session: Session) -> None:
    make_contribution(session)
    fragment = client.get("/map", headers={"HX-Request": "true", "HX-Target": "map-list"})
    html = fragment.get_data(as_text=True)
    assert html.strip().startswith('<div id="map-list"')
    assert "<html" not in html


def test_a_card_of_each_kind_opens(client: Any, session: Session) -> None:
    incident, action = make_contribution(session), make_action(session)
    assert incident.title in client.get(f"/map/card/incident/{incident.reference}").text
    assert action.title in client.get(f"/map/card/action/{action.slug}").text
    assert client.get("/map/card/unknown/x").status_code == 404


def test_the_outlines_are_the_towns_own(client: Any) -> None:
    areas = client.get("/map/outlines.json").json["areas"]
    assert {area["slug"] for area in areas} == {"village-sur-test", "ouest", "est"}


def test_the_town_by_area_as_a_drawing_and_a_table(client: Any, session: Session) -> None:
    make_contribution(session, area_id=2)
    for measure in ("density", "days", "support", "nonsense"):
        page = client.get(f"/map/areas?measure={measure}").get_data(as_text=True)
        assert "Ouest" in page
        assert "<table" in page


def test_the_areas_are_coloured_by_what_the_table_says(client: Any, session: Session) -> None:
    make_contribution(session, area_id=2)
    answer = client.get("/map/areas.json")
    assert set(answer.json["areas"]) == {"ouest", "est"}
    assert set(answer.json["legend"]) == {"density", "days", "support"}
    (coloured,) = [each for each in answer.json["areas"].values() if each["density"][0]]
    assert coloured["density"][1] == 5
    assert coloured["days"] == [None, 0]
    assert [step for step, _ in answer.json["legend"]["density"]] == [4, 5]
    assert "public" in answer.headers["Cache-Control"]
    again = client.get("/map/areas.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_the_address_says_by_what_the_map_is_coloured(client: Any, session: Session) -> None:
    make_contribution(session)
    coloured = client.get("/map?heat=days&kind=incident").get_data(as_text=True)
    assert '<option value="days" selected>' in coloured
    assert "heat=days" in coloured.partition('id="map-chips"')[2].partition("</ul>")[0]
    assert "selected>" not in select_of_colours(client.get("/map?heat=nonsense"))
    session.execute(delete(Area).where(Area.level != AreaLevel.TOWN))
    session.commit()
    assert "data-map-heat" not in client.get("/map").get_data(as_text=True)


def select_of_colours(answer: Any) -> str:
    return str(answer.text.partition('id="map-heat"')[2].partition("</select>")[0])


def test_the_first_page_says_what_goes_on(client: Any, session: Session) -> None:
    empty = client.get("/").get_data(as_text=True)
    assert "Village-sur-Test" in empty
    incident, idea = make_contribution(session), make_contribution(session, "idea", title="Un banc")
    page = client.get("/").get_data(as_text=True)
    assert incident.title in page
    assert idea.title in page


@pytest.mark.parametrize(("path", "most"), [("/", 8), ("/map", 12), (tile_of(CENTRE), 4)])
def test_pages_ask_the_database_little_whatever_is_stored(
    client: Any, session: Session, path: str, most: int
) -> None:
    town_of_many(session)
    assert client.get(path).status_code == 200
    with counted_statements() as statements:
        assert client.get(path).status_code == 200
    begun = [statement for statement in statements if not statement.startswith("BEGIN")]
    assert len(begun) <= most, "\n".join(begun)


def test_first_visits_are_light(client: Any, session: Session) -> None:
    """Text, style and script of a first visit, compressed; Leaflet comes with the map."""
    town_of_many(session)
    for path in ("/", "/map"):
        assert first_visit(client, path) <= 120_000


def first_visit(client: Any, path: str) -> int:
    html = client.get(path).get_data(as_text=True)
    wanted = set()
    for mark in ('href="', 'src="', "&#34;", "&quot;"):
        for part in html.split(mark)[1:]:
            address = part.split('"')[0].split("&#34;")[0].split("&quot;")[0]
            if address.split("?")[0].endswith((".css", ".js")):
                wanted.add(address)
    modules = ("map", "map_base", "map_layer", "map_symbols", "menu", "theme", "auto_submit")
    base = next(address for address in wanted if address.endswith("js/main.js"))
    wanted |= {base.replace("main.js", f"{name}.js") for name in modules}
    sizes: dict[str, int] = {}
    total = len(gzip.compress(html.encode()))
    for address in wanted:
        with client.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.status_code == 200, address
            sizes[address] = len(answer.data)
    return total + sum(sizes.values())


def write_pmtiles(path: Path, tile_type: TileType) -> Path:
    """One tile, 1/0/0."""
    with path.open("wb") as file:
        writer = Writer(file)
        writer.write_tile(zxy_to_tileid(1, 0, 0), b"\x89PNG image")
        header = {"tile_type": tile_type, "tile_compression": Compression.NONE}
        bounds = dict.fromkeys(("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7"), 0)
        centre = {"center_zoom": 0, "center_lon_e7": 0, "center_lat_e7": 0}
        writer.finalize(header | bounds | centre, {})
    return path


def test_a_towns_own_background_file_is_served_by_the_tile(
    app: Flask, client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_pmtiles(tmp_path / "town.pmtiles", TileType.PNG)
    assert client.get("/map/tiles/1/0/0").status_code == 404, "no background is set"
    settings = replace(app.extensions["civic_settings"], tiles=str(path), tiles_attribution="Nous")
    monkeypatch.setitem(app.extensions, "civic_settings", settings)
    answer = client.get("/map/tiles/1/0/0")
    assert answer.data == b"\x89PNG image"
    assert answer.mimetype == "image/png"
    assert client.get("/map/tiles/1/1/1").status_code == 404
    assert client.get("/map/tiles/1/7/7").status_code == 404
    assert "/map/tiles/{z}/{x}/{y}" in client.get("/map").get_data(as_text=True)
    with app.test_request_context():
        shown = background(settings)
    assert shown is not None
    assert shown["maxZoom"] == 1, "the map enlarges the deepest images that the file has"


def test_a_background_file_that_cannot_be_shown_stops_the_start(tmp_path: Path) -> None:
    vectors = write_pmtiles(tmp_path / "vectors.pmtiles", TileType.MVT)
    text = tmp_path / "text.pmtiles"
    text.write_text("no tiles", encoding="utf-8")
    for path, why in (
        (tmp_path / "none.pmtiles", "No such file"),
        (text, "not a PMTiles file"),
        (vectors, "not vectors"),
    ):
        with pytest.raises(SettingError, match=f"CIVIC_TILES=.*{why}"):
            require_own_tiles(Settings.from_values(data_dir=tmp_path, tiles=str(path)))


@pytest.mark.parametrize("tiles", ["ign", "osm", "https://tiles.example.org/{z}/{x}/{y}.png"])
def test_backgrounds_say_whose_they_are(
    app: Flask, client: Any, monkeypatch: pytest.MonkeyPatch, tiles: str
) -> None:
    settings = replace(app.extensions["civic_settings"], tiles=tiles, tiles_attribution="© Nous")
    monkeypatch.setitem(app.extensions, "civic_settings", settings)
    assert "©" in str(background(settings))
    assert client.get("/map").status_code == 200
