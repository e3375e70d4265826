"""While somebody else writes for long: readers go on, writers are told soon, nothing is lost."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from civic.cli.database import upgrade_schema
from civic.contributions.indexing import rebuild_index
from civic.contributions.kinds import kinds
from civic.contributions.models import Contribution
from civic.database import Pace, alone, is_locked, read_only, table_of, writing
from civic.database import engine as engines
from civic.extensions import db
from civic.imports.load import Importer
from civic.imports.mapping import detect_mapping
from civic.imports.readers import Row
from civic.imports.rejects import Rejects
from civic.places.reassigning import reassign
from civic.tasks.schedule import Job, jobs
from civic.tasks.worker import run_job
from civic.taxonomy.models import Department
from tests.factories import make_account, make_contribution, make_many

TABLE = table_of(Department)
WAIT_S = 0.4


@pytest.fixture(autouse=True)
def embedded(engine_name: str) -> None:
    if engine_name != "sqlite":
        pytest.skip("on the other engine writers do not wait for each other")


@contextmanager
def somebody_writing() -> Iterator[None]:
    with writing(), db.engine.begin() as connection:
        connection.execute(insert(TABLE).values(code="long", name="Long"))
        yield


@contextmanager
def refusals() -> Iterator[list[str]]:
    """The statements that the database refuses."""
    statements: list[str] = []

    def note(context: Any) -> None:
        statements.append(context.statement)

    event.listen(db.engine, "handle_error", note)
    yield statements
    event.remove(db.engine, "handle_error", note)


@pytest.fixture
def incident(session: Session, town: Any) -> Contribution:
    incident = make_contribution(session, title="Banc cassé")
    session.commit()
    return incident


def test_a_writer_waits_once_and_is_told_to_come_back(
    client: Any, session: Session, incident: Contribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_account(session)
    session.commit()
    client.sign_in(account)
    monkeypatch.setattr(engines, "_WAIT_S", WAIT_S)
    address = f"/incidents/{incident.reference}"
    comments = f"/c/{incident.reference}/comments"
    said = {"body": "Il est toujours cassé.", "csrf_token": client.token(address)}
    db.session.commit()
    with somebody_writing(), refusals() as refused:
        began = time.monotonic()
        answer = client.post(comments, data=said)
        assert time.monotonic() - began >= WAIT_S
        assert refused == ["BEGIN IMMEDIATE"]
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        page = answer.get_data(as_text=True)
        assert "Il est toujours cassé." in page
        assert "envoyez-le de nouveau" in page
        # Readers do not notice.
        began = time.monotonic()
        for path in (address, "/incidents?sort=newest", "/healthz", "/readyz", "/account"):
            assert client.get(path).status_code in {200, 303}
            db.session.rollback()
        assert time.monotonic() - began < 8
        assert len(refused) == 1
    assert client.post(comments, data=said).status_code in {200, 303}


def test_a_writer_waits_three_seconds() -> None:
    assert engines._WAIT_S == 3
    assert engines._PATIENT == "PRAGMA busy_timeout=3000"


def test_who_keeps_others_from_writing_for_long_is_named(
    app: Flask, town: Any, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    session.commit()
    with caplog.at_level(logging.WARNING), somebody_writing():
        time.sleep(engines.LONGEST_HELD_S + 0.05)
    assert "others could not write for" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING), read_only(), db.engine.begin() as connection:
        connection.execute(select(1))
        time.sleep(engines.LONGEST_HELD_S + 0.05)
    assert not caplog.text
    with caplog.at_level(logging.WARNING), alone(), db.engine.begin() as connection:
        connection.execute(insert(TABLE).values(code="longer", name="Longer"))
        time.sleep(engines.LONGEST_HELD_S + 0.05)
    assert not caplog.text


def test_a_schema_that_is_there_already_waits_for_nobody(app: Flask, town: Any) -> None:
    db.session.rollback()
    with somebody_writing(), refusals() as refused:
        upgrade_schema()
        assert refused == []


def test_jobs_that_find_nothing_to_do_keep_nobody_from_writing(app: Flask, town: Any) -> None:
    db.session.commit()
    for job in jobs():
        run_job(app, job)
    with somebody_writing():
        for job in jobs():
            if not _writes_always(job):
                run_job(app, job)


def _writes_always(job: Job) -> bool:
    """Those that delete what is old say so without looking first: a statement, and no more."""
    return job.work.__name__ in {
        "forget_geocoder_answers",
        "forget_old_news",
        "forget_old_networks",
        "retain",
        "forget",
        "prune_changes",
        "scrub_erased",
    }


def test_a_job_that_somebody_wrote_beside_is_run_again(app: Flask, town: Any) -> None:
    db.session.commit()
    runs: list[str] = []

    def work(session: Session) -> None:
        names = {department.code for department in session.scalars(select(Department))}
        if not runs:
            with writing(), db.engine.begin() as other:
                other.execute(insert(TABLE).values(code="other", name="Autre"))
        runs.append("other" in names)
        session.add(Department(code="mine", name="Le mien"))

    run_job(app, Job("a job of the test", work))
    assert runs == [False, True]
    assert db.session.scalar(select(Department.name).where(Department.code == "mine"))


def test_a_job_that_fails_otherwise_is_not(app: Flask, town: Any) -> None:
    runs = []

    def work(session: Session) -> None:
        runs.append(1)
        session.execute(text("SELECT nothing"))

    with pytest.raises(OperationalError) as failed:
        run_job(app, Job("a job of the test", work))
    assert runs == [1]
    assert not is_locked(failed.value)


def test_batches_follow_how_long_they_took(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("civic.database.pace.time.perf_counter", lambda: now)
    monkeypatch.setattr("civic.database.pace.time.sleep", lambda _: None)
    pace = Pace(first=100, most=1_000)
    sizes = []
    for a_row in (0.0001, 0.0001, 0.0001, 0.0001, 0.01, 0.01, 1.0, 0.0001):
        rows = pace.size
        with pace.batch(rows):
            now += rows * a_row
        sizes.append(pace.size)
    assert sizes == [200, 400, 800, 1000, 10, 10, 10, 20]


def test_a_transaction_ends_at_the_first_part_past_the_aim(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr("civic.database.pace.time.perf_counter", lambda: now)
    monkeypatch.setattr("civic.database.pace.time.sleep", lambda _: None)
    commits, began = list[float](), 0.0

    def commit() -> None:
        nonlocal began
        commits.append(now - began)
        began = now

    parts = list[int]()
    for part in Pace(first=10, most=100).parts(range(2_000), commit):
        parts.append(len(part))
        # From the middle on the machine is twenty times slower.
        now += len(part) * (0.0002 if sum(parts) < 1_000 else 0.004)
    assert sum(parts) == 2_000
    assert parts[:4] == [10, 20, 40, 80]
    assert parts[-2] == 5
    slow = [lasted for lasted in commits if lasted > 0.13]
    assert slow == [max(commits)], "only the one that it was in the middle of"


def test_a_commit_that_takes_long_makes_transactions_shorter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr("civic.database.pace.time.perf_counter", lambda: now)
    monkeypatch.setattr("civic.database.pace.time.sleep", lambda _: None)
    held, began = list[float](), 0.0

    def commit() -> None:
        nonlocal began, now
        now += 0.08
        held.append(now - began)
        began = now

    for part in Pace(first=10, most=100).parts(range(3_000), commit):
        now += len(part) * 0.002
    assert held[0] > 0.15
    assert max(held[1:]) < 0.17
    assert sorted(held)[len(held) // 2] < 0.15


@contextmanager
def longest_wait(app: Flask) -> Iterator[list[float]]:
    """Write from a thread of its own all the time; how long each had to wait, the longest last."""
    waits: list[float] = []
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.wait(0.005):
            began = time.monotonic()
            with db.engine.begin() as connection:
                waits.append(time.monotonic() - began)
                connection.execute(insert(TABLE).values(code=f"w{number}", name="Autre"))
            number += 1

    with app.app_context():
        engine = db.engine
        assert engine is not None

        def run() -> None:
            with app.app_context():
                write()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield waits
        finally:
            done.set()
            thread.join(20)
            waits.sort()


def test_an_import_lets_others_write(
    app: Flask, session: Session, town: Any, tmp_path: Path
) -> None:
    said = {"title": "Banc cassé", "category": "eclairage", "submitted_at": "2026-01-01"}
    rows = (Row(number, said | {"id": str(number)}) for number in range(3_000))
    session.commit()
    with Rejects(tmp_path / "rejects.csv") as rejects, longest_wait(app) as waits:
        mapping = detect_mapping("incident", [*said, "id"])
        assert mapping is not None
        importer = Importer(session, kinds["incident"], mapping, rejects, commit=session.commit)
        totals = importer.run(rows, lambda done: None)
    assert totals.added == 3_000
    # Who waits for three seconds is refused, which ends the thread and fails the test.
    assert len(waits) > 20


@pytest.mark.parametrize("work", [reassign, rebuild_index])
def test_what_is_derived_is_made_anew_while_others_write(
    app: Flask, session: Session, incident: Contribution, work: Any
) -> None:
    make_many(session, incident, 4_000, body="Le trottoir est défoncé.")
    with longest_wait(app) as waits:
        work(session, commit=session.commit)
    assert len(waits) > 3
