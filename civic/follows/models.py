"""Follows."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from civic.database import Base, text_enum, utcnow


class Origin(StrEnum):
    """What a follow came of: one's own choice or text, support alone, or taking part otherwise."""

    CHOICE = "choice"
    SUPPORT = "support"
    TAKING_PART = "taking_part"


class Follow(Base):
    """One person hears about one contribution. ``is_muted`` keeps a person who opted out."""

    __tablename__ = "follow"
    is_shown = False

    contribution_id: Mapped[int] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime] = mapped_column(default=utcnow)
    is_muted: Mapped[bool] = mapped_column(default=False)
    origin: Mapped[Origin] = mapped_column(
        text_enum(Origin), default=Origin.CHOICE, server_default=Origin.CHOICE.value
    )
    moved_from_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))
