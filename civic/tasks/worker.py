"""The background process: runs the registered jobs, on time and when asked."""

import logging
import threading
from collections.abc import Callable

from flask import Flask
from huey import Huey, crontab
from sqlalchemy.exc import DBAPIError

from civic.database import is_locked, read_only, writing
from civic.extensions import db
from civic.tasks import queue, schedule
from civic.tasks.schedule import Job

log = logging.getLogger(__name__)
STOP_WITHIN_S = 5
"""How long a running job may go on after SIGTERM; what it leaves undone is done later."""


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


def run_worker(app: Flask, *, after_each: Callable[[], None] = lambda: None) -> None:
    """Work until SIGTERM or SIGINT, then return within seconds; call ``after_each`` job.

    Every job also runs once at the start, so that a machine that sleeps at night misses nothing.
    """
    one_at_a_time = threading.Lock()

    def runner(name: str) -> None:
        job = schedule.find_job(name)
        if job is None:
            log.warning("%s is not a job of this version", name)
            return
        with one_at_a_time:
            log.debug("running %s", name)
            run_job(app, job)
            after_each()

    queue.work_with(runner)
    consumer_queue = queue.opened()
    consumer_queue.flush()
    registered = list(schedule.jobs())
    for job in registered:
        _repeat(consumer_queue, job)
        queue.enqueue(job.name, most_waiting=len(registered))
    consumer = consumer_queue.create_consumer(
        workers=1,
        worker_type="thread",
        initial_delay=0.1,
        max_delay=1.0,
        graceful_signal="TERM",
        shutdown_timeout=STOP_WITHIN_S,
    )
    consumer.run()


def _repeat(consumer_queue: Huey, job: Job) -> None:
    due = (
        crontab(minute=f"*/{job.minutes}")
        if job.minutes
        else crontab(minute=str(job.minute), hour=str(job.hour))
    )

    def tick() -> None:
        queue.run(job.name)

    consumer_queue.periodic_task(due, name=f"periodic.{job.name}")(tick)
