"""The background process: delivers at once, stops when told, and loses nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts import operations
from civic.notifications.models import OutgoingEmail
from civic.tasks import queue, schedule
from civic.tasks.schedule import daily, every

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


@pytest.fixture
def worker(app: Flask) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    settings = app.extensions["civic_settings"]
    for old in settings.mail_dir.glob("*.eml"):
        old.unlink()

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(settings.data_dir), settings.database_url],
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


def test_a_queue_that_does_not_answer_fails_no_request(
    app: Flask, session: Session, town: Any, caplog: pytest.LogCaptureFixture
) -> None:
    opener = queue._Queue.opener

    def broken() -> Any:
        raise OSError("no queue")

    queue.use(broken)
    try:
        ask(session, "ana@example.org")
    finally:
        queue.use(opener)
    assert session.scalar(select(OutgoingEmail.id)) is not None
    assert "the queue does not answer" in caplog.text


def test_nothing_is_asked_for_before_the_commit_nor_after_a_rollback(
    app: Flask, session: Session, town: Any
) -> None:
    queue.opened().flush()
    operations.request_sign_in(session, "ana@example.org", "/", browser="here")
    assert queue.opened().pending_count() == 0
    session.rollback()
    session.commit()
    assert queue.opened().pending_count() == 0
    ask(session, "ana@example.org")
    assert queue.opened().pending_count() == 1


def test_hints_do_not_pile_up_without_a_worker(app: Flask, session: Session) -> None:
    queue.opened().flush()
    for number in range(50):
        queue.enqueue(f"x{number}")
    assert queue.opened().pending_count() == 20
    queue.opened().flush()


def test_a_job_asked_for_often_leaves_room_for_others(app: Flask, session: Session) -> None:
    queue.opened().flush()
    for name in ["often"] * 50 + ["once"]:
        queue.enqueue(name)
    assert [task.args[0] for task in queue.opened().pending()] == ["often", "once"]
    queue.opened().flush()


def test_what_runs_by_the_clock_may_wait_before_what_is_asked_for(
    app: Flask, session: Session
) -> None:
    huey = queue.opened()
    huey.flush()
    by_the_clock = huey.task(name="by_the_clock")(lambda: None)
    by_the_clock()
    queue.enqueue("asked")
    queue.enqueue("asked")
    assert [task.args for task in huey.pending()] == [(), ("asked",)]
    huey.flush()
    by_the_clock.huey._registry.unregister(by_the_clock.task_class)


def test_the_file_of_the_queue_is_ours_alone(app: Flask, session: Session) -> None:
    settings = app.extensions["civic_settings"]
    if (settings.data_dir / "queue.db").exists():
        assert (settings.data_dir / "queue.db").stat().st_mode & 0o077 == 0


def test_jobs_are_registered_by_name_and_refuse_odd_times() -> None:
    def work(session: Session) -> None:
        """Do nothing."""

    try:
        assert every(minutes=5)(work) is work
        assert schedule.find_job(schedule.name_of(work)) is not None
        daily(at="03:30")(work)
        job = schedule.find_job(schedule.name_of(work))
        assert job is not None
        assert (job.hour, job.minute) == (3, 30)
        with pytest.raises(ValueError, match="divisor"):
            every(minutes=7)
    finally:
        schedule._jobs.pop(schedule.name_of(work), None)
