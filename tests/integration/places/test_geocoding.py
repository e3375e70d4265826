"""Outside geocoders over real sockets: each one's own format, slow, broken, huge, away."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from civic.database import utcnow
from civic.extensions import db
from civic.places import geocoding
from civic.places.geocoding import KEPT_FOR, geocode
from civic.places.geometry import Bounds
from civic.places.models import GeocoderAnswer
from civic.places.schedule import forget_geocoder_answers
from tests.client import CheckingClient
from tests.servers import free_port

TOWN = Bounds(west=-1.8, south=48.0, east=-1.5, north=48.2)
LABEL = "8 Boulevard du Port 35000 Village"

BAN = {
    "type": "FeatureCollection",
    "version": "draft",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [-1.68, 48.11]},
            "properties": {
                "label": LABEL,
                "score": 0.49,
                "housenumber": "8",
                "id": "35238_4900_00008",
                "type": "housenumber",
                "name": "8 Boulevard du Port",
                "postcode": "35000",
                "citycode": "35238",
                "city": "Village",
                "context": "35, Ille-et-Vilaine, Bretagne",
                "importance": 0.67,
                "street": "Boulevard du Port",
            },
        },
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [2.29, 49.89]},
            "properties": {"label": "8 Boulevard du Port 80000 Amiens", "score": 0.48},
        },
    ],
    "attribution": "BAN",
    "licence": "ETALAB-2.0",
    "query": "8 bd du port",
    "limit": 5,
}
NOMINATIM = [
    {
        "place_id": 100149,
        "licence": "Data © OpenStreetMap contributors, ODbL 1.0.",
        "osm_type": "node",
        "osm_id": 107775,
        "boundingbox": ["48.10", "48.12", "-1.69", "-1.67"],
        "lat": "48.11",
        "lon": "-1.68",
        "display_name": LABEL,
        "class": "place",
        "type": "house",
        "importance": 0.96,
    }
]
PHOTON = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"coordinates": [-1.68, 48.11], "type": "Point"},
            "properties": {
                "osm_id": 1,
                "osm_type": "N",
                "country": "France",
                "city": "Village",
                "postcode": "35000",
                "name": "8 Boulevard du Port",
            },
        }
    ],
}
PARTS = {
    "housenumber": "8",
    "street": "Boulevard du Port",
    "postcode": "35000",
    "city": "Village",
}
ANSWERS = {"ban": BAN, "nominatim": NOMINATIM, "photon": PHOTON}


@dataclass
class Service:
    """A geocoder of another town; ``answer`` writes what it says."""

    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    answer: Callable[[BaseHTTPRequestHandler], None] = lambda request: None


def says(body: bytes, code: int = 200, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        request.send_header("Content-Type", "application/json; charset=utf-8")
        request.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return answer


@pytest.fixture
def service() -> Iterator[Service]:
    state = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            state.paths.append(parts.path)
            state.asked.append({name: value[0] for name, value in parse_qs(parts.query).items()})
            state.agents.append(self.headers["User-Agent"])
            state.answer(self)

        def log_message(self, *_args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def rested() -> Iterator[None]:
    geocoding._rests_until.clear()
    yield
    geocoding._rests_until.clear()


def ask(service: Service, name: str = "ban", text: str = "8 bd du port") -> list[str]:
    return [m.label for m in geocode(db.engine, name, service.url, text, within=TOWN)]


@pytest.mark.parametrize("name", ["ban", "nominatim", "photon"])
def test_each_one_is_understood_in_its_own_format_within_the_town(
    session: Session, service: Service, name: str
) -> None:
    service.answer = says(json.dumps(ANSWERS[name]).encode())
    [found] = geocode(db.engine, name, service.url, "8 bd du port", within=TOWN)
    assert "8 Boulevard du Port" in found.label
    assert (found.lat, found.lon) == (48.11, -1.68)
    assert service.asked[0]["q"] == "8 bd du port"
    assert service.paths == [{"ban": "/search", "nominatim": "/search", "photon": "/api"}[name]]
    assert service.agents[0].startswith("civic/")


def test_photon_names_a_street_once(session: Session, service: Service) -> None:
    place = {"geometry": {"coordinates": [-1.68, 48.11]}, "properties": PARTS}
    service.answer = says(json.dumps({"features": [place]}).encode())
    [found] = geocode(db.engine, "photon", service.url, "8 bd du port", within=TOWN)
    assert found.label == "8, Boulevard du Port, 35000, Village"


@pytest.mark.parametrize(
    ("answered", "typed", "label"),
    [
        (
            "1 Rue de Bretagne 35000 Village",
            "12 rue de bretagne",
            "12 Rue de Bretagne 35000 Village (près du 1)",
        ),
        (
            "1, Rue de Bretagne, Village",
            "12 rue de bretagne",
            "12 Rue de Bretagne, Village (près du 1)",
        ),
        ("Rue de Bretagne, Village", "12 bis rue de bretagne", "12 bis Rue de Bretagne, Village"),
        (
            "12 Rue de Bretagne, Village",
            "12 bis rue de bretagne",
            "12 bis Rue de Bretagne, Village (près du 12)",
        ),
        (
            "12 Rue de Bretagne, Village",
            "12 rue de bretagne, Village",
            "12 Rue de Bretagne, Village",
        ),
        ("Café, 12, Rue de Bretagne", "12 rue de bretagne", "Café, 12, Rue de Bretagne"),
        ("Les 4 Chemins, Village", "4 chemins", "Les 4 Chemins, Village"),
        ("Rue de Bretagne, Village", "rue de bretagne", "Rue de Bretagne, Village"),
    ],
)
def test_an_answer_keeps_the_number_that_was_typed(
    session: Session, service: Service, answered: str, typed: str, label: str
) -> None:
    service.answer = says(json.dumps([NOMINATIM[0] | {"display_name": answered}]).encode())
    assert ask(service, "nominatim", typed) == [label]
    assert ask(service, "nominatim", typed) == [label]


def test_a_question_is_asked_once_a_month(session: Session, service: Service) -> None:
    service.answer = says(json.dumps(BAN).encode())
    assert ask(service) == ask(service, text="8  BD du Pört") == [LABEL]
    assert len(service.asked) == 1
    session.execute(update(GeocoderAnswer).values(asked_at=utcnow() - KEPT_FOR))
    session.commit()
    assert ask(service) == [LABEL]
    assert len(service.asked) == 2


def test_what_was_kept_a_month_is_forgotten(session: Session, service: Service) -> None:
    service.answer = says(json.dumps(BAN).encode())
    ask(service)
    forget_geocoder_answers(session)
    assert session.scalar(select(func.count()).select_from(GeocoderAnswer)) == 1
    session.execute(update(GeocoderAnswer).values(asked_at=utcnow() - 2 * KEPT_FOR))
    forget_geocoder_answers(session)
    assert session.scalar(select(func.count()).select_from(GeocoderAnswer)) == 0
    session.commit()


@pytest.mark.parametrize("nothing", [b'{"features": []}', b'{"features": null}', b"null", b"[]"])
def test_nothing_found_is_an_answer_too(session: Session, service: Service, nothing: bytes) -> None:
    service.answer = says(nothing)
    assert ask(service) == []
    assert ask(service) == []
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        says(b"oops", 500),
        says(b"slow down", 429, **{"Retry-After": "600"}),
        says(b"<html>", 200),
        says(b""),
        says(b'{"features": [{}]}'),
        says(b'{"features": [{"geometry": {"coordinates": ["x", "y"]}, "properties": {}}]}'),
        says(b"\xff\xfe\x00"),
        says(b'{"features": [' + b" " * 2_000_000 + b"]}"),
        says(b"", 302, Location="http://127.0.0.1:1/inside"),
    ],
    ids=[
        "500",
        "429",
        "html",
        "empty",
        "no feature",
        "no numbers",
        "no text",
        "huge",
        "elsewhere",
    ],
)
def test_nonsense_is_no_answer_and_is_not_asked_for_again_at_once(
    session: Session, service: Service, answer: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    service.answer = answer
    assert ask(service) == []
    service.answer = says(json.dumps(BAN).encode())
    assert ask(service) == [], "it rests"
    assert len(service.asked) == 1
    geocoding._rests_until.clear()
    assert ask(service) == [LABEL], "what went wrong was not kept"


def test_odd_characters_and_places_do_no_harm(session: Session, service: Service) -> None:
    odd = json.loads(json.dumps(BAN))
    odd["features"][0]["properties"]["label"] = "Rue \x00\ud800" + "x" * 500
    odd["features"][1]["geometry"]["coordinates"] = [float("nan"), float("inf")]
    service.answer = says(json.dumps({"features": odd["features"][:1]}).encode())
    [label] = ask(service)
    assert len(label) == 250
    assert ask(service) == [label], "as it was kept"
    service.answer = says(json.dumps(odd).encode())
    assert len(ask(service, text="elsewhere")) <= 1


def test_a_service_that_dawdles_is_given_up(
    session: Session, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geocoding, "TIMEOUT_S", 0.4)

    def dawdle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(40):
            request.wfile.write(b" ")
            time.sleep(0.05)

    service.answer = dawdle
    start = time.monotonic()
    assert ask(service) == []
    assert time.monotonic() - start < 1.2
    start = time.monotonic()
    assert ask(service, text="another question") == []
    assert time.monotonic() - start < 0.3, "one that was slow is left alone"


def test_a_service_that_is_away_is_an_empty_answer(session: Session) -> None:
    assert ask(Service(url=f"http://127.0.0.1:{free_port()}")) == []


def test_the_form_asks_it_only_when_it_is_set_and_for_this_town(
    app: Flask, client: CheckingClient, session: Session, service: Service, monkeypatch: Any
) -> None:
    service.answer = says(json.dumps(BAN).encode())
    address = "/addresses?q=8+bd+du+port"
    client.get(address)
    assert service.asked == []
    settings = app.extensions["civic_settings"]
    on = replace(settings, geocoder="ban", geocoder_url=service.url)
    monkeypatch.setitem(app.extensions, "civic_settings", on)
    answer = client.get(address)
    assert [found["label"] for found in answer.get_json()["addresses"]] == [LABEL]
    assert service.asked[0]["q"].startswith("8 bd du port, ")
