"""What runs by itself: functions of a session, registered by the features they belong to.

A job is given a session and may commit in batches; what it leaves is committed for it. It can be
stopped at any moment and is run again: it has to be idempotent. Times are UTC.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

Work = Callable[[Session], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One registered function, with when it is due: ``minutes`` apart, or daily ``at`` HH:MM."""

    name: str
    work: Work
    minutes: int = 0
    hour: int = 0
    minute: int = 0


_jobs: dict[str, Job] = {}


def every(*, minutes: int) -> Callable[[Work], Work]:
    """Run the function every so many minutes (1 to 60, a divisor of 60)."""
    if not 1 <= minutes <= 60 or 60 % minutes:
        raise ValueError(f"not a divisor of 60: {minutes}")

    def register(work: Work) -> Work:
        _add(Job(name_of(work), work, minutes=minutes))
        return work

    return register


def daily(*, at: str) -> Callable[[Work], Work]:
    """Run the function once a day at ``HH:MM``, and whenever a worker starts."""
    hour, minute = (int(part) for part in at.split(":"))

    def register(work: Work) -> Work:
        _add(Job(name_of(work), work, hour=hour, minute=minute))
        return work

    return register


def name_of(work: Work) -> str:
    """Return the name under which a function is registered and queued."""
    return f"{work.__module__}.{work.__qualname__}"


def jobs() -> Iterator[Job]:
    """Iterate over what is registered, by name."""
    return iter([_jobs[name] for name in sorted(_jobs)])


def find_job(name: str) -> Job | None:
    """Return the job of that name; None for one that an older version had queued."""
    return _jobs.get(name)


def _add(job: Job) -> None:
    _jobs[job.name] = job
