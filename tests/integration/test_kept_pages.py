"""A page kept for visitors is never older than the database, and never somebody's own."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import event, insert
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM
from civic.contributions.operations import hide
from civic.database import table_of, utcnow
from civic.extensions import db
from civic.taxonomy.models import Department
from tests.factories import make_account, make_contribution


@contextmanager
def questions() -> Iterator[list[str]]:
    """What the database is asked."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield asked
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def address(session: Session, town: Any) -> str:
    incident = make_contribution(session, title="Banc cassé")
    session.commit()
    return f"/incidents/{incident.reference}"


def test_nothing_is_read_again_for_the_next_visitor(client: Any, address: str) -> None:
    with time_machine.travel(utcnow(), tick=False):
        first = client.get(address).data
        with questions() as asked:
            assert client.get(address).data == first
    assert len(asked) == 1


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
    with questions() as asked:
        client.get("/incidents")
    assert len(asked) > 1


def test_a_page_is_kept_for_seconds_only(client: Any, address: str) -> None:
    now = utcnow()
    with time_machine.travel(now, tick=False):
        client.get(address)
    with time_machine.travel(now + timedelta(seconds=6), tick=False), questions() as asked:
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


def test_a_kept_page_travels_compressed(app: Flask, address: str) -> None:
    browser = FlaskClient(app, Response)
    plain = browser.get(address)
    packed = browser.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert plain.headers["Content-Security-Policy"] == packed.headers["Content-Security-Policy"]
