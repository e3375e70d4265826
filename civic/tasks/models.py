"""Work in the background, as rows: what is to be done, how far it is, and who does it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from civic.database import Base, text_enum, utcnow
from civic.database.base import BigId
from civic.database.tables import partial_index


class Lane(StrEnum):
    """Light work goes at once; heavy work never keeps it waiting."""

    LIGHT = "light"
    HEAVY = "heavy"


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """One piece of background work.

    ``kind`` names the function, ``args`` what it is given, ``progress`` how much is done (percent),
    ``resume`` from where it goes on after an interruption. ``owner`` is the worker that has it, and
    ``seen_at`` when that worker last said so.
    """

    __tablename__ = "job"
    is_shown = False
    __table_args__ = (
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress_is_percent"),
        CheckConstraint("state <> 'running' OR owner <> ''", name="running_has_an_owner"),
        CheckConstraint(
            "(finished_at IS NOT NULL) = (state IN ('done', 'failed'))", name="finish_has_a_time"
        ),
        partial_index("uq_job_kind_waiting", "kind", where="state = 'waiting'", unique=True),
        partial_index("ix_job_pending", "lane", "id", where="state IN ('waiting', 'running')"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    lane: Mapped[Lane] = mapped_column(text_enum(Lane))
    kind: Mapped[str] = mapped_column(String(120))
    args: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[JobState] = mapped_column(text_enum(JobState), default=JobState.WAITING)
    progress: Mapped[int] = mapped_column(default=0)
    owner: Mapped[str] = mapped_column(String(80), default="")
    resume: Mapped[dict[str, Any] | None]
    problem: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    seen_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
