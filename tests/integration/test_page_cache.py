"""A page kept for visitors is never older than the database, and never somebody's own."""

import gzip
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import brotli
import pytest
import time_machine
from backports import zstd
from flask import Flask, Response, request, request_started
from flask.testing import FlaskClient
from sqlalchemy import create_engine, delete, insert, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from civic.accounts.actor import SYSTEM
from civic.contributions.operations import hide
from civic.database import table_of, utcnow
from civic.database.watch import PATIENCE_S, REST_S, Watch
from civic.extensions import db
from civic.idempotency.operations import remember
from civic.taxonomy.models import Department
from civic.web import page_cache
from tests.factories import make_account, make_contribution
from tests.queries import counting

ROOT = Path(__file__).parents[2]


@contextmanager
def made_anew(app: Flask) -> Iterator[list[str]]:
    """The addresses that the framework had to answer."""
    paths: list[str] = []

    def note(_sender: Flask, **_: Any) -> None:
        paths.append(request.path)

    request_started.connect(note, app)
    yield paths
    request_started.disconnect(note, app)


class Visitor(FlaskClient):
    """A browser without cookies, which leaves no transaction open, as where requests end."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask, and end what was begun for the answer."""
        response = super().open(*args, **kwargs)
        db.session.rollback()
        return response


@pytest.fixture
def browser(app: Flask) -> Iterator[Visitor]:
    """A visitor for whom the time stands still."""
    with time_machine.travel(utcnow(), tick=False):
        yield Visitor(app, Response, use_cookies=False)


@pytest.fixture
def address(session: Session, town: Any) -> str:
    incident = make_contribution(session, title="Banc cassé")
    session.commit()
    return f"/incidents/{incident.reference}"


def test_nothing_is_read_again_for_the_next_visitor(client: Any, address: str) -> None:
    with time_machine.travel(utcnow(), tick=False):
        first = client.get(address).data
        with counting(db.engine) as asked, made_anew(client.application) as anew:
            assert client.get(address).data == first
    assert not asked
    assert not anew


def test_a_kept_answer_is_the_same_to_the_last_header(browser: Visitor, address: str) -> None:
    for path in (address, "/incidents", "/", "/map", "/ideas"):
        for asked in ({}, {"Accept-Encoding": "gzip"}, {"Accept-Language": "en"}):
            first = browser.get(path, headers=asked)
            with made_anew(browser.application) as anew:
                second = browser.get(path, headers=asked)
            assert not anew
            assert second.headers == first.headers
            assert (second.status, second.data) == (first.status, first.data)


def test_the_head_of_a_kept_page_is_all_that_is_given_where_only_the_head_is_asked(
    browser: Visitor, address: str
) -> None:
    made = browser.head(address)
    whole = browser.get(address)
    kept = browser.head(address)
    assert (kept.data, kept.headers) == (b"", whole.headers)
    del whole.headers["ETag"]
    assert made.headers == whole.headers


def test_who_has_the_page_already_is_told_so(
    browser: Visitor, session: Session, address: str
) -> None:
    whole = browser.get(address)
    known = {"If-None-Match": whole.headers["ETag"]}
    for _ in range(2):
        again = browser.get(address, headers=known)
        assert (again.status_code, again.data) == (304, b"")
        for name in ("ETag", "Vary", "Cache-Control", "Content-Security-Policy"):
            assert again.headers[name] == whole.headers[name]
        assert "Content-Length" not in again.headers
        with db.engine.begin() as another:
            another.execute(insert(table_of(Department)).values(code="autre", name="Autre"))
            another.execute(delete(table_of(Department)).where(Department.code == "autre"))
    make_contribution(session, title="Banc cassé")
    session.commit()
    assert browser.get("/incidents", headers=known).status_code == 200


def test_a_page_of_somebody_is_never_said_to_be_the_same(browser: Visitor, address: str) -> None:
    tag = browser.get(address).headers["ETag"]
    own = browser.get(address, headers={"If-None-Match": tag, "Cookie": "civic_session=x"})
    assert own.status_code == 200
    assert "ETag" not in own.headers


@pytest.mark.parametrize(
    "other",
    [
        {"headers": {"HX-Request": "true"}},
        {"headers": {"HX-Request": "true", "HX-Target": "list"}},
        {"headers": {"Accept-Language": "en"}},
        {"headers": {"Accept-Encoding": "gzip"}},
        {"headers": {"Cookie": "civic_language=en"}},
        {"headers": {"Cookie": "civic_session=x"}},
        {"headers": {"Cookie": "anything=x"}},
        {"query_string": {"sort": "newest"}},
        {"query_string": {"lang": "en"}},
        {"base_url": "https://localhost"},
        {"base_url": "http://localhost/town"},
        {"method": "POST"},
        {"method": "OPTIONS"},
    ],
)
def test_who_asks_otherwise_is_answered_anew(browser: Visitor, other: dict[str, Any]) -> None:
    browser.get("/incidents")
    with made_anew(browser.application) as anew:
        browser.open("/incidents", **other)
    assert anew


def test_a_choice_of_language_is_put_in_the_cookie_of_each_who_makes_it(
    browser: Visitor, address: str
) -> None:
    for _ in range(2):
        answer = browser.get(f"{address}?lang=en")
        assert "civic_language=en" in answer.headers["Set-Cookie"]
        assert answer.headers["Content-Language"] == "en"
    chosen = {"Cookie": "civic_language=en"}
    for _ in range(2):
        assert "Set-Cookie" not in browser.get(f"{address}?lang=en", headers=chosen).headers
    with made_anew(browser.application) as anew:
        assert browser.get(address, headers=chosen).headers["Content-Language"] == "en"
        assert browser.get(address, headers=chosen).headers["Content-Language"] == "en"
    assert len(anew) == 1


def test_what_is_not_found_or_refused_is_not_kept(browser: Visitor) -> None:
    for path in ("/incidents/S-0000-00", "/desk"):
        browser.get(path)
        with made_anew(browser.application) as anew:
            browser.get(path)
        assert anew, path


def test_other_settings_make_other_pages(
    app: Flask, browser: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.get("/map")
    settings = replace(app.extensions["civic_settings"], tiles="ign")
    monkeypatch.setitem(app.extensions, "civic_settings", settings)
    with made_anew(app) as anew:
        browser.get("/map")
    assert anew


def test_what_a_transaction_already_begun_reads_is_not_kept(
    app: Flask, session: Session, browser: Visitor
) -> None:
    session.execute(text("SELECT 1"))
    browser.get("/incidents")
    session.rollback()
    with made_anew(app) as anew:
        browser.get("/incidents")
    assert anew


def test_only_so_many_bytes_are_kept(
    app: Flask, browser: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    page_cache.clear(app)
    size = len(browser.get("/incidents").get_data()) + 2_000
    monkeypatch.setattr(page_cache, "MOST_BYTES", size * 5 // 2)
    for number in range(3):
        browser.get("/incidents", headers={"HX-Current-URL": f"/{number}"})
    # The same page made anew does not count twice.
    page_cache.clear(app)
    for number in (1, 1, 2):
        browser.get("/incidents", headers={"HX-Current-URL": f"/{number}"})
    with made_anew(app) as anew:
        for number in (1, 2):
            browser.get("/incidents", headers={"HX-Current-URL": f"/{number}"})
        assert not anew
        browser.get("/incidents", headers={"HX-Current-URL": "/3"})
        browser.get("/incidents", headers={"HX-Current-URL": "/2"})
        assert len(anew) == 1
        browser.get("/incidents", headers={"HX-Current-URL": "/1"})
        assert len(anew) == 2


def test_the_stamp_differs_once_something_was_committed(app: Flask, town: Any) -> None:
    watch = Watch(db.engine)
    stamp = watch.stamp()
    assert watch.stamp() == stamp
    with db.engine.begin() as another:
        another.execute(insert(table_of(Department)).values(code="autre", name="Autre"))
        inside = watch.stamp()
    after = watch.stamp()
    assert after not in (stamp, inside)
    db.engine.dispose()
    assert watch.stamp() is not None
    watch.close()


@pytest.mark.postgresql
def test_a_server_that_hangs_is_not_waited_for(app: Flask, town: Any) -> None:
    watch = Watch(db.engine)
    db.session.commit()
    assert watch.stamp() is not None
    with db.engine.connect() as other:
        # Whoever asks waits for the lock, as for a server that has stopped.
        other.execute(text("LOCK TABLE public_change IN ACCESS EXCLUSIVE MODE"))
        answers: list[Hashable] = []
        asking = threading.Thread(target=lambda: answers.append(watch.stamp()))
        asking.start()
        asking.join(PATIENCE_S + 2)
        assert answers == [None]
        began = time.monotonic()
        assert watch.stamp() is None
        assert time.monotonic() - began < PATIENCE_S
        other.rollback()
    time.sleep(REST_S)
    assert watch.stamp() is not None
    watch.close()


def test_a_database_that_does_not_answer_gives_no_stamp(app: Flask) -> None:
    nowhere = create_engine(db.engine.url.set(database="/nowhere/at/all"))
    assert Watch(nowhere).stamp() is None


def test_what_is_hidden_is_gone_at_once(client: Any, session: Session, town: Any) -> None:
    incident = make_contribution(session, title="Banc cassé")
    session.commit()
    address = f"/incidents/{incident.reference}"
    assert client.get(address).status_code == 200
    assert "Banc cassé" in client.get("/incidents").text
    hide(session, incident, actor=SYSTEM)
    session.commit()
    assert client.get(address).status_code in {404, 410}
    assert "Banc cassé" not in client.get("/incidents").text


def test_what_another_process_writes_shows_at_once(
    client: Any, session: Session, town: Any
) -> None:
    assert "Banc cassé" not in client.get("/incidents").text
    session.commit()
    with db.engine.begin() as another:
        another.execute(insert(table_of(Department)).values(code="autre", name="Autre"))
    with counting(db.engine) as asked:
        client.get("/incidents")
    assert len(asked) > 1


def test_a_page_is_kept_for_seconds_only(client: Any, address: str) -> None:
    now = utcnow()
    with time_machine.travel(now, tick=False):
        client.get(address)
    with time_machine.travel(now + timedelta(seconds=6), tick=False), counting(db.engine) as asked:
        client.get(address)
    assert len(asked) > 1


def test_a_language_has_its_own_page(client: Any, address: str) -> None:
    french = client.get("/incidents", headers={"Accept-Language": "fr"}).text
    english = client.get("/incidents", headers={"Accept-Language": "en"}).text
    assert 'lang="fr"' in french[:400]
    assert 'lang="en"' in english[:400]


def test_somebody_signed_in_gets_a_page_of_their_own(
    client: Any, session: Session, address: str
) -> None:
    visitor = client.get(address).text
    account = make_account(session)
    session.commit()
    client.sign_in(account)
    own = client.get(address).text
    assert "csrf_token" in own
    assert "csrf_token" not in visitor
    client.sign_out()


DECODED: dict[str, Callable[[bytes], bytes]] = {
    "zstd": zstd.decompress,
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("br;q=0.5, gzip", "gzip"),
        ("*", "zstd"),
        ("br;q=0", None),
        ("gzip;q=0, identity", None),
        ("compress, x-unknown", None),
        ("", None),
    ],
)
def test_a_kept_page_travels_as_compressed_as_it_may(
    app: Flask, address: str, asked: str, given: str | None
) -> None:
    browser = FlaskClient(app, Response)
    plain = browser.get(address)
    packed = browser.get(address, headers={"Accept-Encoding": asked})
    assert packed.headers.get("Content-Encoding") == given
    assert (DECODED[given](packed.data) if given else packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert plain.headers["Content-Security-Policy"] == packed.headers["Content-Security-Policy"]
    head = browser.head(address, headers={"Accept-Encoding": asked})
    assert head.headers["Content-Length"] == str(len(packed.data))


def test_a_form_that_comes_back_and_a_script_travel_compressed(app: Flask) -> None:
    browser = FlaskClient(app, Response)
    asked = {"Accept-Encoding": "br"}
    page = browser.get("/sign-in").text
    script = re.search(r'src="(/[^"]*main[^"]*\.js[^"]*)"', page)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert script is not None
    assert token is not None
    refused = browser.post("/sign-in", data={"csrf_token": token[1]}, headers=asked)
    file = browser.get(script[1], headers=asked)
    assert (refused.status_code, file.status_code) == (422, 200)
    for answer in (refused, file):
        assert answer.headers["Content-Encoding"] == "br"
        assert answer.headers["Content-Length"] == str(len(answer.data))
        assert len(brotli.decompress(answer.data)) > 2 * len(answer.data)


def test_a_part_of_a_file_travels_as_it_is_and_is_never_taken_for_the_whole(app: Flask) -> None:
    browser = FlaskClient(app, Response)
    script = re.search(r'src="(/[^"]*main[^"]*\.js[^"]*)"', browser.get("/sign-in").text)
    assert script is not None
    with browser.get(script[1]) as answer:
        whole = answer.data
    asked = {"Accept-Encoding": "br"}
    with browser.get(script[1], headers={**asked, "Range": "bytes=0-1499"}) as part:
        assert (part.status_code, part.data) == (206, whole[:1500])
        assert "Content-Encoding" not in part.headers
    for _ in range(2):
        assert brotli.decompress(browser.get(script[1], headers=asked).data) == whole


def test_what_is_small_or_a_picture_travels_as_it_is(app: Flask) -> None:
    browser = FlaskClient(app, Response)
    for path in ("/healthz", "/favicon.ico"):
        assert (
            "Content-Encoding"
            not in browser.get(path, headers={"Accept-Encoding": "zstd, br"}).headers
        )


PUBLISHING = """
from civic.app import create_app
from civic.contributions.models import Contribution
from civic.contributions.operations import edit_text
from civic.accounts.actor import SYSTEM
from civic.extensions import db
from civic.idempotency.operations import remember
with create_app().app_context():
    for found in db.session.query(Contribution):
        edit_text(db.session(), found, title="Banc repeint", body=found.body, actor=SYSTEM)
    db.session.commit()
"""


@pytest.mark.slow
def test_a_private_row_leaves_the_pages_and_another_process_makes_them_anew(
    browser: Visitor, app: Flask, session: Session, town: Any, tmp_path: Path
) -> None:
    make_contribution(session, title="Banc cassé")
    session.commit()
    browser.get("/incidents")
    with made_anew(app) as paths:
        for number in range(3):
            remember(session, "form", f"key-{number}", result="")
            session.commit()
            assert "Banc cassé" in browser.get("/incidents").text
        assert paths == []
        url = db.engine.url.render_as_string(hide_password=False)
        environ = os.environ | {"CIVIC_DATABASE_URL": url, "CIVIC_DATA_DIR": str(tmp_path)}
        subprocess.run([sys.executable, "-c", PUBLISHING], check=True, env=environ, cwd=ROOT)
        assert "Banc repeint" in browser.get("/incidents").text
        assert paths == ["/incidents"]
