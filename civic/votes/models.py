"""Votes."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from civic.database import Base, utcnow


class Vote(Base):
    """One person supports one contribution; the primary key keeps it at one.

    ``moved_from_id`` names the duplicate that the vote came from when contributions were merged,
    so that a merge can be undone.
    """

    __tablename__ = "vote"
    is_shown = False

    contribution_id: Mapped[int] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime] = mapped_column(default=utcnow)
    moved_from_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))
