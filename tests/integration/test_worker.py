"""The background process: delivers at once, stops when told, and loses nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.accounts import operations
from civic.contributions.schedule import SCRUB
from civic.database import utcnow
from civic.notifications.models import OutgoingEmail
from civic.tasks import queue, schedule
from civic.tasks.models import Job, JobState
from civic.tasks.schedule import daily, every
from civic.tasks.worker import Timetable

SCRIPT = """
import sys
from pathlib import Path
from civic.app import create_app
from civic.settings import Settings
from civic.tasks.worker import run_worker
app = create_app(Settings.from_values(
    data_dir=Path(sys.argv[1]), database_url=sys.argv[2], public_url="http://localhost"))
print("ready", flush=True)
run_worker(app)
print("stopped", flush=True)
"""
LONG_JOB = SCRIPT.replace(
    "print(",
    """
import time
from civic.tasks.schedule import daily
@daily(at="03:30")
def a_first_job(session):
    print("a long job began", flush=True)
    time.sleep(60)
a_first_job.__module__ = "a"
print(""",
    1,
)


@pytest.fixture
def worker(app: Flask) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    settings = app.extensions["civic_settings"]
    for old in settings.mail_dir.glob("*.eml"):
        old.unlink()

    def start(script: str = SCRIPT) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(settings.data_dir), settings.database_url],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={k: v for k, v in os.environ.items() if not k.startswith("CIVIC_")},
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def ask(session: Session, email: str) -> None:
    operations.request_sign_in(session, email, "/", browser="here")
    session.commit()


def wait_for(folder: Path, count: int, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while len(list(folder.glob("*.eml"))) < count:
        assert time.monotonic() < end, "no mail came"
        time.sleep(0.05)


def test_a_worker_delivers_at_once_and_stops_when_told(
    app: Flask, session: Session, town: Any, worker: Any
) -> None:
    folder = app.extensions["civic_settings"].mail_dir
    ask(session, "waiting@example.org")
    process = worker()
    wait_for(folder, 1)
    ask(session, "ana@example.org")
    wait_for(folder, 2, seconds=10)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=10)
    assert out.strip() == "stopped"
    assert process.returncode == 0


def test_a_worker_that_is_killed_loses_nothing(
    app: Flask, session: Session, town: Any, worker: Any
) -> None:
    folder = app.extensions["civic_settings"].mail_dir
    process = worker()
    process.kill()
    process.wait()
    ask(session, "ana@example.org")
    assert session.scalar(select(OutgoingEmail.sent_at)) is None
    session.commit()
    worker()
    wait_for(folder, 1)


def test_a_mail_leaves_while_a_long_job_runs(
    app: Flask, session: Session, town: Any, worker: Any
) -> None:
    folder = app.extensions["civic_settings"].mail_dir
    process = worker(LONG_JOB)
    assert process.stdout.readline().strip() == "a long job began"
    ask(session, "ana@example.org")
    wait_for(folder, 1)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=50)


def test_what_is_asked_for_is_done_after_the_commit(
    app: Flask, session: Session, town: Any, worker: Any
) -> None:
    worker()
    queue.enqueue(session, SCRUB)
    session.rollback()
    assert session.scalar(select(Job.id)) is None
    queue.enqueue(session, SCRUB)
    queue.enqueue(session, SCRUB)
    assert len(session.scalars(select(Job.id)).all()) == 1
    session.commit()
    end = time.monotonic() + 20
    while session.scalar(select(Job.id)) is not None:
        session.rollback()
        assert time.monotonic() < end, "nobody did it"
        time.sleep(0.05)


def test_a_job_is_claimed_once_and_an_abandoned_one_again(session: Session, town: Any) -> None:
    queue.enqueue(session, "one")
    session.commit()
    first = queue.claim(session, "a")
    session.commit()
    assert first is not None
    assert not queue.is_asked(session)
    assert queue.claim(session, "b") is None
    # Asked for while it runs: what it has read already may have changed since.
    queue.enqueue(session, "one")
    session.commit()
    queue.finish(session, first)
    session.commit()
    again = queue.claim(session, "b")
    assert again is not None
    session.execute(update(Job).values(seen_at=utcnow() - queue.ABANDONED_AFTER * 2))
    session.commit()
    assert queue.claim(session, "c") == again


def test_what_failed_stays_until_it_is_done(session: Session, town: Any) -> None:
    queue.enqueue(session, "one")
    claimed = queue.claim(session, "a")
    assert claimed is not None
    queue.finish(session, claimed, "OSError")
    session.commit()
    assert session.execute(select(Job.state, Job.problem)).one() == (JobState.FAILED, "OSError")
    assert not queue.is_asked(session)
    queue.enqueue(session, "one")
    claimed = queue.claim(session, "a")
    assert claimed is not None
    queue.finish(session, claimed)
    session.commit()
    assert session.scalar(select(Job.id)) is None


def test_a_job_that_fails_is_tried_again_in_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    table, job = Timetable(), schedule.Job("x", lambda _: None, seconds=1)
    assert table.is_due(job)
    table.begin(job)
    assert not table.is_due(job)
    table.fail(job)
    now += 59
    assert not table.is_due(job)
    now += 1
    assert table.is_due(job)


def test_a_daily_job_runs_once_a_day_whatever_the_clock_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    monkeypatch.setattr("civic.tasks.worker.utcnow", lambda: moment)
    table, job = Timetable(), schedule.Job("x", lambda _: None, at=clock(3, 30))
    assert table.is_due(job), "at the start"
    table.begin(job)
    moment += timedelta(hours=15, minutes=29)
    assert not table.is_due(job)
    moment += timedelta(minutes=1)
    assert table.is_due(job)
    table.begin(job)
    moment -= timedelta(minutes=1)
    moment += timedelta(days=40)
    assert table.is_due(job), "set forward"


def test_jobs_are_registered_by_name_and_refuse_odd_times() -> None:
    def work(session: Session) -> None:
        """Do nothing."""

    try:
        assert every(minutes=5)(work) is work
        job = schedule.find_job(schedule.name_of(work))
        assert job is not None
        assert not job.is_light
        daily(at="03:30")(work)
        job = schedule.find_job(schedule.name_of(work))
        assert job is not None
        assert job.at == clock(3, 30)
        with pytest.raises(ValueError, match="period"):
            every(minutes=0)
    finally:
        schedule._jobs.pop(schedule.name_of(work), None)
