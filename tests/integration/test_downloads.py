"""Long public answers hold nothing while they are read, and are made once for many readers."""

import csv
import io
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from contextvars import Context
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM
from civic.comments.models import Comment
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.operations import hide
from civic.database import table_of, utcnow, writing
from civic.extensions import db
from civic.ledger.models import LedgerEntry
from civic.taxonomy.models import Department
from tests.factories import make_contribution, make_many
from tests.integration.test_serving import Served
from tests.queries import counting
from tests.serving import Client, get, head

COUNT = 5_000
LONG = "Le trottoir est défoncé devant le portail. " * 100
LONG_ANSWERS = ("/open-data/contributions.csv", "/open-data/contributions.geojson")


FOR_EVER_S = 20
"""Who waits for readers that never read waits for ever; a busy machine takes some seconds."""


@pytest.fixture
def large(session: Session, town: Any) -> None:
    """A town whose files, of more than 20 MB, fit no buffer."""
    make_many(session, make_contribution(session), COUNT, body=LONG)
    session.rollback()


@pytest.mark.slow
@pytest.mark.xdist_group("serving")
def test_twenty_readers_who_never_read_stop_nobody(app: Flask, large: None, tmp_path: Path) -> None:
    url = db.engine.url.render_as_string(hide_password=False)
    with Served(tmp_path, url, "--no-worker") as served, ExitStack() as open_:
        get(served.port, "/")
        before = {pid: _memory(pid) for pid in served.processes()}
        readers = [
            open_.enter_context(Client(served.port, receive_buffer=4_096)).send(
                head("GET", LONG_ANSWERS[number % 2])
            )
            for number in range(20)
        ]
        for reader in readers:
            assert reader.socket.recv(12) == b"HTTP/1.1 200"
        for turn in range(5):
            for path in ("/healthz", "/readyz", "/", f"/incidents?page={turn}"):
                began = time.monotonic()
                assert get(served.port, path)[0] == 200
                assert time.monotonic() - began < FOR_EVER_S, path
            with writing(), db.engine.begin() as writer:
                writer.execute(insert(table_of(Department)).values(code=f"d{turn}", name="Autre"))
        for pid, was in before.items():
            assert _memory(pid) - was < 60_000_000
        rest = readers[0].rest(60)
    assert rest.count(LONG.strip().encode()) > COUNT / 2


def ask(app: Flask, path: str) -> tuple[Response, Iterator[bytes]]:
    """An answer as a server gets it: with no context but its own, and taken piece by piece."""
    answer = Context().run(FlaskClient(app, Response).get, path)
    return answer, iter(answer.response)


@pytest.mark.parametrize("path", [*LONG_ANSWERS, "/open-data/comments.csv", "/ledger.csv"])
def test_a_reader_holds_nothing_between_two_parts(
    app: Flask, session: Session, large: None, path: str
) -> None:
    session.add_all(_line(number) for number in range(2_000))
    about = session.scalars(select(Contribution)).first()
    state = ModerationState.PUBLISHED
    session.add_all(
        Comment(contribution=about, body=LONG, moderation_state=state) for _ in range(2_000)
    )
    session.commit()
    answer, pieces = ask(app, path)
    assert answer.status_code == 200
    assert next(pieces)
    assert db.engine.pool.checkedout() == 0
    with writing(), db.engine.begin() as writer:
        writer.execute(insert(table_of(Department)).values(code="autre", name="Autre"))
    rest = b"".join(pieces)
    assert rest.count(b"2026-") > 1_000
    assert db.engine.pool.checkedout() == 0
    answer.close()


def test_what_one_reader_had_made_is_there_for_the_next(app: Flask, large: None) -> None:
    _, first = ask(app, LONG_ANSWERS[0])
    whole = b"".join(first)
    assert len(list(csv.reader(io.StringIO(whole.decode())))) == COUNT + 2
    with counting(db.engine) as asked:
        _, second = ask(app, LONG_ANSWERS[0])
        assert b"".join(second) == whole
    assert not asked
    _, other = ask(app, LONG_ANSWERS[1])
    assert len(json.loads(b"".join(other))["features"]) == COUNT + 1


def test_two_readers_who_take_turns_both_get_all(app: Flask, large: None) -> None:
    (_, first), (_, second) = ask(app, LONG_ANSWERS[0]), ask(app, LONG_ANSWERS[0])
    taken = [next(first), next(second), next(second)]
    rest = b"".join(first)
    assert taken[0] + rest == b"".join(taken[1:]) + b"".join(second)


def test_what_is_hidden_is_in_no_file_that_is_begun_afterwards(
    app: Flask, session: Session, large: None
) -> None:
    secret = make_contribution(session, title="Perroquet")
    _, before = ask(app, LONG_ANSWERS[0])
    begun = next(before)
    hide(session, secret, actor=SYSTEM)
    session.commit()
    assert b"Perroquet" not in begun + b"".join(before)
    _, after = ask(app, LONG_ANSWERS[0])
    assert b"Perroquet" not in b"".join(after)


def test_a_database_that_goes_away_meanwhile_spoils_no_later_file(
    app: Flask, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, pieces = ask(app, LONG_ANSWERS[0])
    next(pieces)
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE department RENAME TO elsewhere")
    with pytest.raises(DBAPIError):
        b"".join(pieces)
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO department")
    _, again = ask(app, LONG_ANSWERS[0])
    assert b"".join(again).count(LONG.strip().encode()) == COUNT


def _line(number: int) -> LedgerEntry:
    return LedgerEntry(
        at=utcnow(),
        what="decision",
        reference=f"S-{number}",
        line={"measure": "hide", "clause": "1.1"},
        salt="0" * 32,
        hash="0" * 64,
    )


def _memory(pid: int) -> int:
    """What a process alone holds, in bytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1_000 for line in lines if line.startswith("Private_Dirty"))


@pytest.mark.parametrize("path", [*LONG_ANSWERS, "/open-data/comments.csv", "/ledger.csv"])
def test_a_data_folder_that_takes_no_file_keeps_nobody_from_reading(
    app: Flask, town: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    settings = app.extensions["civic_settings"]
    gone = replace(settings, data_dir=tmp_path / "gone")
    monkeypatch.setitem(app.extensions, "civic_settings", gone)
    answer, pieces = ask(app, path)
    assert answer.status_code == 200
    assert b"".join(pieces)
    # Another language is another file; and now no folder takes one.
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    answer, _ = ask(app, f"{path}?lang=en")
    assert answer.status_code == 503
