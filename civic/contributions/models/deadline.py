"""What is due for a contribution, and when."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, and_, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from civic.database import Base, text_enum
from civic.database.base import BigId
from civic.database.tables import partial_index


class Due(StrEnum):
    """What can be due."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    LEGAL = "legal"
    APPEAL = "appeal"
    CONTRACTOR = "contractor"
    CALLBACK = "callback"


class Deadline(Base):
    """One thing that is due: until when, since when it is met, since when its clock stands.

    Of each sort at most one is running. ``due_at`` is what was promised last: while the clock
    stands it does not move, and the time that it stood is added when it goes on.
    """

    __tablename__ = "deadline"
    is_shown = False
    __table_args__ = (
        partial_index(
            "uq_deadline_running", "contribution_id", "what", where="met_at IS NULL", unique=True
        ),
        partial_index("ix_deadline_due", "what", "due_at", where="met_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contribution_id: Mapped[int] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE"), index=True
    )
    what: Mapped[Due] = mapped_column(text_enum(Due))
    due_at: Mapped[datetime]
    met_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]


IS_UNACKNOWLEDGED: ColumnElement[bool] = and_(
    Deadline.what == literal_column(f"'{Due.ACKNOWLEDGE.value}'"),
    Deadline.met_at.is_(None),
    Deadline.paused_at.is_(None),
)
"""Nobody has taken the case in charge yet, and the clock for that runs."""
