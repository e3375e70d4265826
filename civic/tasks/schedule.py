"""What runs by itself: functions of a session, registered by the features they belong to.

A job is given a session and may commit in batches; what it leaves is committed for it. It can be
stopped at any moment and is run again, and workers on two machines may run it at once: it has to
be idempotent. Times are UTC.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time

from sqlalchemy.orm import Session

Work = Callable[[Session], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One registered function, with when it is due: ``seconds`` apart, or daily ``at`` HH:MM.

    Without either it runs when it is asked for, and only then (civic.tasks.queue).
    """

    name: str
    work: Work
    seconds: int = 0
    at: time | None = None

    @property
    def runs_by_the_clock(self) -> bool:
        """False of what is only ever asked for."""
        return self.seconds > 0 or self.at is not None

    @property
    def is_light(self) -> bool:
        """True of what is looked for every minute or more often: nothing long may keep it."""
        return 0 < self.seconds <= 60


_jobs: dict[str, Job] = {}


def every(*, minutes: int = 0, seconds: int = 0) -> Callable[[Work], Work]:
    """Run the function so long after it began the last time, and whenever a worker starts."""
    period = 60 * minutes + seconds
    if period < 1:
        raise ValueError(f"not a period: {minutes} minutes and {seconds} seconds")

    def register(work: Work) -> Work:
        _add(Job(name_of(work), work, seconds=period))
        return work

    return register


def daily(*, at: str) -> Callable[[Work], Work]:
    """Run the function once a day at ``HH:MM``, and whenever a worker starts."""
    time_of_day = time.fromisoformat(at)

    def register(work: Work) -> Work:
        _add(Job(name_of(work), work, at=time_of_day))
        return work

    return register


def on_demand(work: Work) -> Work:
    """Run the function when it is asked for, and only then."""
    _add(Job(name_of(work), work))
    return work


def name_of(work: Work) -> str:
    """Return the name under which a function is registered and queued."""
    return f"{work.__module__}.{work.__qualname__}"


def jobs() -> Iterator[Job]:
    """Iterate over what runs by the clock, by name."""
    return iter([_jobs[name] for name in sorted(_jobs) if _jobs[name].runs_by_the_clock])


def find_job(name: str) -> Job | None:
    """Return the job of that name; None for one that an older version had queued."""
    return _jobs.get(name)


def _add(job: Job) -> None:
    _jobs[job.name] = job
