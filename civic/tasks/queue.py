"""Work that is asked for: a row, written in the transaction that caused it.

What runs by the clock needs none (see ``schedule``): it finds what is due in its own tables.
"""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from civic.database import insert_or_ignore, utcnow
from civic.tasks.models import Job, JobState, Lane

ABANDONED_AFTER = timedelta(hours=1)
"""What a worker took so long ago and never finished is taken again."""


class Claimed(NamedTuple):
    """A job that this worker has taken: its row, and the name of what it runs."""

    id: int
    kind: str


def enqueue(session: Session, kind: str) -> None:
    """Have a worker run the job of the name ``kind`` after the commit, once for all who ask.

    By name (see :func:`civic.tasks.schedule.name_of`), since operations may not import the jobs.
    """
    waiting = select(Job.id).where(Job.kind == kind, Job.state == JobState.WAITING)
    while not insert_or_ignore(session, Job, {"kind": kind, "lane": Lane.HEAVY}):
        # No worker takes it before this transaction ends: what it writes is seen by the job.
        if session.scalar(waiting.with_for_update()) is not None:
            break


def report(session: Session, kind: str, percent: int) -> None:
    """Say how much of the job ``kind`` that runs now is done."""
    running = update(Job).where(Job.kind == kind, Job.state == JobState.RUNNING)
    session.execute(running.values(progress=percent, seen_at=utcnow()))


def find_asked(session: Session, kind: str) -> Job | None:
    """Return the job ``kind`` that was asked for last; None for one that is done."""
    return session.scalar(select(Job).where(Job.kind == kind).order_by(Job.id.desc()).limit(1))


def is_asked(session: Session) -> bool:
    """Say, as a reader, whether there is a job for :func:`claim`."""
    return session.scalar(select(Job.id).where(_is_free()).limit(1)) is not None


def claim(session: Session, owner: str) -> Claimed | None:
    """Take the oldest job that waits, or that a worker has abandoned; None when there is none.

    Each is taken by one worker only. The caller commits before it begins the work.
    """
    oldest = select(Job.id).where(_is_free()).order_by(Job.id).limit(1)
    taken = session.execute(
        update(Job)
        .where(Job.id == oldest.with_for_update(skip_locked=True).scalar_subquery())
        .values(state=JobState.RUNNING, owner=owner, seen_at=utcnow())
        .returning(Job.id, Job.kind)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return None if taken is None else Claimed(*taken)


def finish(session: Session, job: Claimed, problem: str = "") -> None:
    """Say that a job that was claimed is done, or what failed; done rows are not kept."""
    if problem:
        of_the_job = update(Job).where(Job.id == job.id)
        values = {"state": JobState.FAILED, "problem": problem, "finished_at": utcnow()}
        session.execute(of_the_job.values(values))
        return
    # What failed before it is done now, too.
    session.execute(delete(Job).where(Job.kind == job.kind, Job.id <= job.id))


def _is_free() -> ColumnElement[bool]:
    abandoned = and_(Job.state == JobState.RUNNING, Job.seen_at < utcnow() - ABANDONED_AFTER)
    return or_(Job.state == JobState.WAITING, abandoned)
