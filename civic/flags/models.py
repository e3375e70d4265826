"""Flags: somebody asks the moderators to look."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from civic.database import Base, text_enum, utcnow
from civic.database.base import BigId
from civic.database.tables import partial_index


class FlagReason(StrEnum):
    """Why somebody asks."""

    SPAM = "spam"
    INSULTING = "insulting"
    PERSONAL_DATA = "personal_data"
    ILLEGAL = "illegal"
    OFF_TOPIC = "off_topic"
    WRONG_PLACE = "wrong_place"
    OTHER = "other"


class FlagOutcome(StrEnum):
    """What became of it."""

    UPHELD = "upheld"
    REJECTED = "rejected"


class Flag(Base):
    """One request to look at a contribution, or at one of its comments.

    ``receipt`` is the code the flagger keeps. ``weight`` is the flagger's past accuracy (0 to 1).
    """

    __tablename__ = "flag"
    is_shown = False
    __table_args__ = (
        Index("ix_flag_contribution_id", "contribution_id"),
        # One open flag a person and thing: asked again, it is added to.
        partial_index(
            "uq_flag_contribution_id_account_id_open",
            "contribution_id",
            "account_id",
            where="comment_id IS NULL AND resolved_at IS NULL",
            unique=True,
        ),
        partial_index(
            "uq_flag_comment_id_account_id_open",
            "comment_id",
            "account_id",
            where="resolved_at IS NULL",
            unique=True,
        ),
        Index("ix_flag_resolved_at", "resolved_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    network_key: Mapped[str | None] = mapped_column(String(64))
    email: Mapped[str] = mapped_column(String(254), default="")
    reason: Mapped[FlagReason] = mapped_column(text_enum(FlagReason))
    text: Mapped[str] = mapped_column(default="")
    weight: Mapped[float] = mapped_column(default=0.0)
    receipt: Mapped[str] = mapped_column(String(24), unique=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    resolved_at: Mapped[datetime | None]
    outcome: Mapped[FlagOutcome | None] = mapped_column(text_enum(FlagOutcome))
