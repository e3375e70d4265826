"""The background process: runs the registered jobs on time, and what was asked for.

Two threads: light jobs have one of their own, so that a sign-in code leaves while the night's work
runs.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from flask import Flask
from sqlalchemy.exc import DBAPIError

from civic.database import is_locked, read_only, utcnow, writing
from civic.extensions import db
from civic.tasks import queue, schedule
from civic.tasks.schedule import Job

log = logging.getLogger(__name__)
STOP_WITHIN_S = 5
"""How long a running job may go on after SIGTERM; what it leaves undone is done later."""
LOOK_S = 0.5
AGAIN_S = 60
"""What failed is tried again so much later at the earliest."""


def run_job(app: Flask, job: Job) -> None:
    """Run one job in a transaction of its own; raises what it raises, with nothing left open.

    It begins as a reader: most find nothing to do, and keep nobody from writing. Where somebody
    wrote between what it read and what it writes, it is run once more, as a writer.
    """
    try:
        with app.app_context(), read_only():
            _run(job)
    except DBAPIError as error:
        if not is_locked(error):
            raise
        with app.app_context(), writing():
            _run(job)


def _run(job: Job) -> None:
    session = db.session()
    try:
        job.work(session)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        db.session.remove()


@dataclass(slots=True)
class Timetable:
    """When each job is due next: at once, then by its own clock.

    Periods are counted on a clock that nobody sets. A daily job is due when the last time of day at
    which it should have run is another than the one it ran for: a clock that is set forward skips
    nothing, one that is set back repeats what has to be idempotent anyway.
    """

    _due: dict[str, float] = field(default_factory=dict)
    _ran_for: dict[str, datetime] = field(default_factory=dict)

    def is_due(self, job: Job) -> bool:
        """Say whether ``job`` is due now."""
        if time.monotonic() < self._due.get(job.name, 0.0):
            return False
        return job.at is None or self._ran_for.get(job.name) != _last_time(job)

    def begin(self, job: Job) -> None:
        """Note that ``job`` begins."""
        self._due[job.name] = time.monotonic() + job.seconds
        if job.at is not None:
            self._ran_for[job.name] = _last_time(job)

    def fail(self, job: Job) -> None:
        """Note that ``job`` failed: it is due again in a minute, or later by its own clock."""
        self._due[job.name] = time.monotonic() + max(AGAIN_S, job.seconds)
        self._ran_for.pop(job.name, None)


def run_worker(app: Flask, *, after_each: Callable[[], None] = lambda: None) -> None:
    """Work until SIGTERM or SIGINT, then return within seconds.

    Calls ``after_each`` when a job that is not light has ended. Every job also runs once at the
    start, so that a machine that sleeps at night misses nothing.
    """
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    lanes = [
        partial(_run_due, app, [job for job in schedule.jobs() if job.is_light], Timetable()),
        partial(_run_heavy, app, Timetable(), after_each),
    ]
    threads = [
        threading.Thread(target=_repeat, args=(lane, stopping), daemon=True) for lane in lanes
    ]
    for thread in threads:
        thread.start()
    stopping.wait()
    end = time.monotonic() + STOP_WITHIN_S
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))


def _repeat(lane: Callable[[], None], stopping: threading.Event) -> None:
    while not stopping.wait(LOOK_S):
        try:
            lane()
        except Exception:
            log.exception("what was asked for was not looked for")
            stopping.wait(AGAIN_S)


def _run_heavy(app: Flask, timetable: Timetable, after_each: Callable[[], None]) -> None:
    heavy = [job for job in schedule.jobs() if not job.is_light]
    if _run_due(app, heavy, timetable) or _run_asked(app):
        after_each()


def _run_due(app: Flask, jobs: Sequence[Job], timetable: Timetable) -> bool:
    """Run what is due, and say whether anything was."""
    due = [job for job in jobs if timetable.is_due(job)]
    for job in due:
        timetable.begin(job)
        log.debug("running %s", job.name)
        try:
            run_job(app, job)
        except Exception:
            log.exception("%s failed", job.name)
            timetable.fail(job)
    return bool(due)


def _run_asked(app: Flask) -> bool:
    """Run the oldest job that was asked for, and say whether there was one."""
    with app.app_context():
        with read_only():
            is_asked = queue.is_asked(db.session())
        db.session.rollback()
        if not is_asked:
            return False
        claimed = queue.claim(db.session(), f"{socket.gethostname()}:{os.getpid()}")
        db.session.commit()
    if claimed is None:
        return False
    problem = _problem_of(app, claimed.kind)
    with app.app_context():
        queue.finish(db.session(), claimed, problem)
        db.session.commit()
    return True


def _problem_of(app: Flask, kind: str) -> str:
    """Run the job of that name, and return what failed; "" when nothing did."""
    job = schedule.find_job(kind)
    if job is None:
        return "not a job of this version"
    try:
        run_job(app, job)
    except Exception as error:
        log.exception("%s failed", kind)
        return type(error).__name__
    return ""


def _last_time(job: Job) -> datetime:
    """Return when the daily ``job`` was due last."""
    now = utcnow()
    today = datetime.combine(now.date(), job.at or now.time(), now.tzinfo)
    return today if today <= now else today - timedelta(days=1)
