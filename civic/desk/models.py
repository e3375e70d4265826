"""What only agents see: internal notes, and replies kept for next time."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.accounts.models import Account
from civic.database import Base, utcnow
from civic.database.base import BigId

CALLER = "☎"
"""What the note begins with that says who called: name and number, and nothing else."""


class InternalNote(Base):
    """A note between agents; never public, never in an export."""

    __tablename__ = "internal_note"
    is_shown = False
    __table_args__ = (Index("ix_internal_note_contribution_id_at", "contribution_id", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    body: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=utcnow)

    author: Mapped[Account | None] = relationship(lazy="joined")


class SavedReply(Base):
    """A public sentence kept for next time.

    Offered where its department, kind, category and status are the case's; what is empty suits all.
    """

    __tablename__ = "saved_reply"
    is_shown = False

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20), default="", server_default="")
    category_id: Mapped[int | None] = mapped_column(
        ForeignKey("category.id", ondelete="SET NULL"), index=True
    )
    status: Mapped[str] = mapped_column(String(24), default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
