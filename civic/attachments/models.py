"""Photos."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from civic.contributions.models import ModerationState
from civic.database import Base, text_enum, utcnow
from civic.database.base import BigId, values_around
from civic.database.tables import partial_index


class Photo(Base):
    """One photo, re-encoded and without metadata, stored in several sizes under ``key``.

    Until its form is sent it belongs to ``draft_token`` only, which a returned form carries. So
    long the original waits, not decoded yet (``original_format``, in bytes, and under the name that
    it came with), and the place the camera wrote down is kept, to be offered as that of the report.
    ``status_change_id`` is set for a photo of the finished work or of a contest.
    """

    __tablename__ = "photo"
    __table_args__ = (
        Index("ix_photo_contribution_id_position", "contribution_id", "position"),
        partial_index(
            "uq_photo_draft_token_sha256",
            "draft_token",
            "sha256",
            where="draft_token <> 'removed'",
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contribution_id: Mapped[int | None] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE")
    )
    status_change_id: Mapped[int | None] = mapped_column(
        ForeignKey("status_change.id", ondelete="CASCADE"), index=True
    )
    draft_token: Mapped[str | None] = mapped_column(String(64), index=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    original_format: Mapped[str] = mapped_column(String(4), default="")
    original_bytes: Mapped[int] = mapped_column(default=0)
    original_name: Mapped[str] = mapped_column(String(120), default="")
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    colour: Mapped[str] = mapped_column(String(7), default="#888888")
    description: Mapped[str] = mapped_column(String(250), default="")
    position: Mapped[int] = mapped_column(default=0)
    moderation_state: Mapped[ModerationState] = mapped_column(
        text_enum(ModerationState), default=ModerationState.PUBLISHED
    )
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    gps_lat: Mapped[float | None]
    gps_lon: Mapped[float | None]

    def shows(self) -> bool:
        """A photo of a form that was not sent yet is seen by nobody else."""
        states = values_around(self, "moderation_state")
        is_sent = self.contribution_id is not None
        return is_sent and (not states or ModerationState.PUBLISHED in states)
