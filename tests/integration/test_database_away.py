"""While the database does not answer, the town says so on a page of its own."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from civic.app import create_app
from civic.extensions import db
from civic.settings import Settings
from civic.web.errors import PAGES as PAGES_OF_ERRORS
from civic.web.errors import error_page
from tests.client import CheckingClient
from tests.servers import free_port

pytestmark = pytest.mark.usefixtures("own_process")


@pytest.fixture(params=["no server", "no folder"])
def lost(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    urls = {
        "no server": f"postgresql://civic@127.0.0.1:{free_port()}/civic",
        "no folder": f"sqlite:///{tmp_path}/nowhere/civic.db",
    }
    settings = Settings.from_values(
        data_dir=tmp_path, database_url=urls[request.param], public_url="http://localhost"
    )
    app = create_app(settings)
    app.test_client_class = CheckingClient
    return app


@pytest.mark.parametrize("path", ["/", "/incidents", "/map", "/sign-in", "/town.css", "/nowhere"])
def test_every_page_says_to_come_back(lost: Flask, path: str) -> None:
    answer = lost.test_client().get(path, headers={"Accept-Language": "fr"})
    assert answer.status_code in {200, 404, 503}
    if answer.status_code != 200:
        assert "<h1" in answer.get_data(as_text=True)
    if path in {"/", "/incidents", "/map"}:
        assert answer.status_code == 503


PAGES = ("/", "/incidents", "/account", "/desk", "/administration", "/nowhere", "/open-data/x")
FORMS = (
    "/sign-in",
    "/incidents/new",
    "/incidents/I-7K3F-92/vote",
    "/account/data/erase",
    "/nowhere",
)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_somebody_signed_in_is_told_to_come_back(lost: Flask, path: str, language: str) -> None:
    browser = signed_in(lost)
    answer = browser.get(path, headers={"Accept-Language": language})
    assert answer.status_code in {503, 404}
    assert (answer.status_code == 503) or path in {"/nowhere", "/open-data/x"}
    page = answer.get_data(as_text=True)
    assert "<h1" in page
    assert f'lang="{language}"' in page
    if answer.status_code == 503:
        assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", FORMS)
def test_a_form_of_somebody_signed_in_is_answered_with_a_page(lost: Flask, path: str) -> None:
    for browser in (signed_in(lost), lost.test_client()):
        answer = browser.post(path, data={"title": "Un banc cassé", "csrf_token": "x"})
        assert answer.status_code in {400, 404, 422, 503}
        assert "<h1" in answer.get_data(as_text=True)


@pytest.mark.parametrize("code", sorted(PAGES_OF_ERRORS))
def test_every_page_of_an_error_does_without_the_database(lost: Flask, code: int) -> None:
    cookie = session_cookie(lost)
    with lost.test_request_context("/", headers={"Cookie": cookie, "Accept-Language": "fr"}):
        page, answered = error_page(code)
    assert answered == code
    assert "<h1" in page


def signed_in(app: Flask) -> FlaskClient:
    """The browser of somebody who signed in before the database went away."""
    browser = app.test_client()
    name, _, value = session_cookie(app).partition("=")
    browser.set_cookie(name, value)
    return browser


def session_cookie(app: Flask) -> str:
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    value = signer.dumps({"_user_id": "x" * 43, "_fresh": True})
    return f"{app.config['SESSION_COOKIE_NAME']}={value}"


def test_the_process_is_alive_and_not_ready(lost: Flask) -> None:
    client = lost.test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("way", ["read-only", "full"])
def test_a_database_that_cannot_be_written_is_still_read(
    app: Flask, town: Any, language: str, way: str
) -> None:
    """The folder is mounted read-only, say, or no page more fits the disk.

    The other engine has no file of ours.
    """
    known: Settings = app.extensions["civic_settings"]
    if not known.database_url.startswith("sqlite"):
        pytest.skip("only the embedded engine has a file of ours")
    path = known.database_url.removeprefix("sqlite:///")
    mode = "ro" if way == "read-only" else "rw"
    closed = create_app(replace(known, database_url=f"sqlite:///file:{path}?mode={mode}&uri=true"))
    if way == "full":
        with closed.app_context():
            event.listen(
                db.engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count=1")
            )
    closed.test_client_class = CheckingClient
    browser = closed.test_client()
    french = language == "fr"
    for page in ("/", "/incidents", "/map", "/healthz", "/readyz"):
        assert browser.get(page).status_code == 200, page
    token = browser.token("/sign-in")
    # What the last pages still have room for is taken.
    for number in range(1 if way == "read-only" else 200):
        data = {"csrf_token": token, "email": f"anne{number}@example.org"}
        answer = browser.post("/sign-in", data=data, headers={"Accept-Language": language})
        if answer.status_code != 303:
            break
    assert answer.status_code == 503
    assert ("la lecture continue" if french else "can still be read") in answer.text
    assert browser.get("/incidents").status_code == 200
    with closed.app_context():
        db.engine.dispose()
