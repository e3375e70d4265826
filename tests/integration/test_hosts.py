"""No address that a caller names is repeated: not in pages, redirects, feeds, or the page cache."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from civic.app import create_app
from civic.extensions import db
from civic.settings import Settings

pytestmark = pytest.mark.usefixtures("own_process")
EVIL = "evil.example"
FORGED = (
    {"Host": EVIL},
    {"Host": f"{EVIL}:8000"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "localhost@evil.example"},
    {"Host": "[::1].evil.example"},
    {"Host": "evil.example@localhost"},
    {"Host": "localhost/evil.example"},
    {"X-Forwarded-Host": EVIL},
    {"X-Forwarded-Proto": "evil"},
    {"X-Forwarded-Prefix": f"//{EVIL}"},
    {"Forwarded": f"host={EVIL};proto=evil"},
)
PAGES = ("/", "/incidents", "/sitemap.xml", "/robots.txt", "/sign-in", "/nowhere", "/account")


@pytest.fixture
def browser_of(app: Flask, town: Any) -> Iterator[Callable[..., FlaskClient]]:
    """Return a function: a visitor's browser of the same town under other settings."""
    made = []

    def build(**settings: Any) -> FlaskClient:
        known: Settings = app.extensions["civic_settings"]
        other = create_app(replace(known, **settings))
        made.append(other)
        return FlaskClient(other, Response, use_cookies=False)

    yield build
    for other in made:
        with other.app_context():
            db.engine.dispose()


def _says(answer: Any) -> str:
    return answer.text + str(answer.headers)


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_without_a_public_url_other_names_are_refused(
    browser_of: Callable[..., FlaskClient], proxies: int
) -> None:
    browser = browser_of(public_url="http://127.0.0.1:8000", proxies=proxies)
    for page in PAGES:
        for headers in FORGED:
            answer = browser.get(page, headers=headers)
            assert "evil" not in _says(answer), (page, headers)
            # Asked twice: a page that was kept for others is refused as well.
            expected = 421 if "Host" in headers else {200, 302, 303, 404}
            for again in (answer, browser.get(page, headers=headers)):
                assert again.status_code == expected or again.status_code in {200, 302, 303, 404}
                assert ("Host" in headers) == (again.status_code == 421), (page, headers)
    refused = browser.get("/", headers={"Host": EVIL}).text
    assert "CIVIC_PUBLIC_URL" in refused
    assert "/civic.css" in refused
    assert browser.get("/civic.css", headers={"Host": EVIL}).status_code == 200


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:9000", "127.0.0.1:8001", "127.8.8.8", "[::1]:8000", ""]
)
def test_without_a_public_url_this_machine_answers_under_its_own_names(
    browser_of: Callable[..., FlaskClient], host: str
) -> None:
    browser = browser_of(public_url="http://127.0.0.1:8000")
    assert browser.get("/incidents", headers={"Host": host}).status_code == 200


def test_the_address_that_it_listens_on_is_known(browser_of: Callable[..., FlaskClient]) -> None:
    browser = browser_of(host="192.0.2.7", public_url="http://192.0.2.7:8000")
    assert browser.get("/incidents", headers={"Host": "192.0.2.7:8000"}).status_code == 200
    assert browser.get("/incidents", headers={"Host": "192.0.2.8:8000"}).status_code == 421


@pytest.mark.parametrize("probe", ["/healthz", "/readyz"])
def test_a_probe_is_answered_under_any_name(
    browser_of: Callable[..., FlaskClient], probe: str
) -> None:
    browser = browser_of(public_url="http://127.0.0.1:8000")
    assert browser.get(probe, headers={"Host": "10.1.2.3:8000"}).text == "ok\n"


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_town_with_an_address_says_no_other(
    browser_of: Callable[..., FlaskClient], proxies: int
) -> None:
    browser = browser_of(public_url="https://signaler.village.example", proxies=proxies)
    for headers in FORGED:
        page = browser.get("/incidents", headers=headers).text
        assert '<link rel="canonical" href="https://signaler.village.example/incidents' in page
        assert "village.example/sitemap.xml" in browser.get("/robots.txt", headers=headers).text
        for path in PAGES:
            assert "evil" not in _says(browser.get(path, headers=headers)), (path, headers)


@pytest.mark.parametrize("asked", ["/signaler/incidents", "/incidents"])
def test_the_path_of_the_public_url_is_before_every_link(
    browser_of: Callable[..., FlaskClient], asked: str
) -> None:
    browser = browser_of(public_url="https://ville.example/signaler")
    page = browser.get(asked).text
    assert '<link rel="canonical" href="https://ville.example/signaler/incidents' in page
    assert 'href="/signaler/map' in page
    assert 'href="/map' not in page
    assert browser.get("/signaler").status_code == 200
