"""Comments and what people think of them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.accounts.models import Account
from civic.contributions.models import Contribution, ModerationState
from civic.database import Base, text_enum, utcnow
from civic.database.base import BigId, values_around
from civic.taxonomy.models import Department


class Stance(StrEnum):
    """For or against an idea, or neither."""

    FOR = "for"
    AGAINST = "against"
    NEITHER = "neither"


class Comment(Base):
    """One comment; ``parent_id`` makes it a reply (one level only).

    ``department_id`` is set when it is an official answer of a department. ``score`` is the
    Wilson lower bound of its helpful votes. ``import_run_id`` is the import that it is of.
    """

    __tablename__ = "comment"
    __table_args__ = (
        Index("ix_comment_contribution_id_created_at", "contribution_id", "created_at"),
        Index("ix_comment_network_key", "network_key"),
        Index(
            "uq_comment_external_source_external_id",
            "external_source",
            "external_id",
            unique=True,
        ),
        CheckConstraint("parent_id <> id", name="parent_is_another"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("comment.id", ondelete="CASCADE"), index=True
    )
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    body: Mapped[str]
    stance: Mapped[Stance] = mapped_column(text_enum(Stance), default=Stance.NEITHER)
    moderation_state: Mapped[ModerationState] = mapped_column(text_enum(ModerationState))
    network_key: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    edited_at: Mapped[datetime | None]
    helpful_count: Mapped[int] = mapped_column(default=0)
    unhelpful_count: Mapped[int] = mapped_column(default=0)
    score: Mapped[float] = mapped_column(default=0.0)
    external_source: Mapped[str | None] = mapped_column(String(60))
    external_id: Mapped[str | None] = mapped_column(String(120))
    import_run_id: Mapped[int | None] = mapped_column(BigId, index=True)

    author: Mapped[Account | None] = relationship(lazy="select")
    department: Mapped[Department | None] = relationship(lazy="select")
    contribution: Mapped[Contribution] = relationship(lazy="select")

    def shows(self) -> bool:
        """What was and stays held or hidden, the public sees nothing of."""
        states = values_around(self, "moderation_state")
        return not states or ModerationState.PUBLISHED in states

    @property
    def is_public(self) -> bool:
        """Whether the public may see it."""
        return self.moderation_state == ModerationState.PUBLISHED


class CommentVote(Base):
    """One person finds one comment helpful, or not."""

    __tablename__ = "comment_vote"
    is_shown = False

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    is_helpful: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=utcnow)
