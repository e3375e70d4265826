"""Asking for background work: by name, and only once the rows it needs are committed.

The queue is a hint. What has to be done is in the database, and a periodic job finds it there even
if the hint is lost; so a queue that does not answer never fails a request.
"""

import logging
from collections.abc import Callable
from typing import Any

from huey import Huey
from sqlalchemy import event
from sqlalchemy.orm import Session

log = logging.getLogger(__name__)
_WANTED = "civic_work_after_commit"
_MOST_WAITING = 20
"""With no worker running, more hints than these would only fill the disk."""


class _Queue:
    """The queue of this process, and what a worker does with the name of a job."""

    opener: Callable[[], Huey] | None = None
    huey: Huey | None = None
    task: Any = None
    runner: Callable[[str], None] | None = None


def use(opener: Callable[[], Huey]) -> None:
    """Say how the queue is opened; the one in use before is closed."""
    if _Queue.huey is not None:
        _Queue.huey.storage.close()
    _Queue.opener, _Queue.huey, _Queue.task = opener, None, None


def opened() -> Huey:
    """Return the queue, opened now if it was not; raises RuntimeError before :func:`use`."""
    if _Queue.opener is None:
        raise RuntimeError("civic.tasks has no queue yet: build the application first")
    if _Queue.huey is None:
        _Queue.huey = _Queue.opener()
        _Queue.task = _Queue.huey.task(name="run")(run)
    return _Queue.huey


def work_with(runner: Callable[[str], None]) -> None:
    """Make this process a worker: ``runner`` does the job of a name."""
    _Queue.runner = runner


def run(name: str) -> None:
    """Do the job ``name``: what the queue calls, in a worker."""
    if _Queue.runner is None:
        raise RuntimeError(f"{name} can only be run by a worker")
    _Queue.runner(name)


def enqueue(name: str, *, most_waiting: int = _MOST_WAITING) -> None:
    """Ask a worker to run the job ``name``, unless it is asked for or that many hints wait already.

    One job asked for again and again must not keep the others from being asked for.
    """
    pending = opened().pending(most_waiting)
    # What runs by the clock waits there too, and has no name of a job.
    waiting = {word for task in pending for word in task.args}
    if len(pending) < most_waiting and name not in waiting:
        _Queue.task(name)


def enqueue_after_commit(session: Session, name: str) -> None:
    """Ask a worker to run the job ``name`` as soon as the session's transaction is committed.

    By name (see civic.tasks.schedule.name_of), because operations may not import the jobs.
    """
    session.info.setdefault(_WANTED, set()).add(name)


@event.listens_for(Session, "after_commit")
def _ask(session: Session) -> None:
    for name in session.info.pop(_WANTED, ()):
        try:
            enqueue(name)
        except Exception:
            log.exception("the queue does not answer; the periodic job will do it")


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_WANTED, None)
