"""Holds, decisions with their statement of reasons, appeals and merges."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.accounts.models import Account
from civic.contributions.models import Contribution
from civic.database import Base, text_enum, utcnow
from civic.database.base import BigId
from civic.database.tables import partial_index


class Hold(Base):
    """Why something waits for a moderator. ``detail`` says what was seen, for the moderator."""

    __tablename__ = "hold"
    is_shown = False
    __table_args__ = (
        Index("ix_hold_contribution_id", "contribution_id"),
        Index("ix_hold_released_at", "released_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=utcnow)
    released_at: Mapped[datetime | None]


class Measure(StrEnum):
    """What a moderator can do."""

    PUBLISH = "publish"
    HIDE = "hide"
    RESTORE = "restore"
    REDACT = "redact"
    LOCK = "lock"
    UNLOCK = "unlock"
    MERGE = "merge"
    UNMERGE = "unmerge"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"


class Origin(StrEnum):
    """What brought the matter to the moderator."""

    FLAG = "flag"
    RULE = "rule"
    OWN_INITIATIVE = "own_initiative"
    APPEAL = "appeal"


class Decision(Base):
    """What was done, to what, and the statement of reasons (DSA art. 17, as good practice).

    ``clause`` is the numbered clause of the terms (or the law) it rests on; ``until`` the end of a
    suspension; ``reversed_at`` when an appeal was upheld. ``reference`` is quoted in mails. A
    decision is undone by another that compensates it and names it in ``undoes_id``.
    """

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("undoes_id <> id", name="undoes_another"),
        Index("ix_decision_contribution_id", "contribution_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    measure: Mapped[Measure] = mapped_column(text_enum(Measure))
    contribution_id: Mapped[int | None] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE")
    )
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decider_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    origin: Mapped[Origin] = mapped_column(text_enum(Origin))
    is_automated: Mapped[bool] = mapped_column(default=False)
    clause: Mapped[str] = mapped_column(String(40), default="")
    facts: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=utcnow)
    until: Mapped[datetime | None]
    reversed_at: Mapped[datetime | None]
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), unique=True)

    contribution: Mapped[Contribution | None] = relationship(lazy="select")
    decider: Mapped[Account | None] = relationship(foreign_keys=[decider_id], lazy="select")
    subject: Mapped[Account | None] = relationship(foreign_keys=[account_id], lazy="select")
    appeals: Mapped[list["Appeal"]] = relationship(back_populates="decision", order_by="Appeal.at")


class AppealOutcome(StrEnum):
    """How an appeal ended."""

    UPHELD = "upheld"
    REJECTED = "rejected"


class AppealLevel(StrEnum):
    """To whom an appeal goes."""

    MODERATION = "moderation"
    GRACIEUX = "gracieux"
    HIERARCHIQUE = "hierarchique"
    MEDIATOR = "mediator"


class Appeal(Base):
    """Somebody contests a decision of the moderation, or what the town answered; another decides.

    It is about ``decision`` at the level « moderation », and about ``contribution`` at the others,
    where ``due_at`` is until when the law or the town wants an answer.
    """

    __tablename__ = "appeal"
    is_shown = False
    __table_args__ = (
        CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="answer_is_whole"),
        CheckConstraint(
            "(level = 'moderation') = (decision_id IS NOT NULL)", name="moderation_has_a_decision"
        ),
        CheckConstraint(
            "(decision_id IS NULL) <> (contribution_id IS NULL)", name="is_about_one_thing"
        ),
        Index("ix_appeal_decided_at", "decided_at"),
        Index("ix_appeal_contribution_id", "contribution_id"),
        Index("uq_appeal_decision_id", "decision_id", unique=True),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    level: Mapped[AppealLevel] = mapped_column(
        text_enum(AppealLevel), default=AppealLevel.MODERATION
    )
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"))
    contribution_id: Mapped[int | None] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE")
    )
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=utcnow)
    due_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    outcome: Mapped[AppealOutcome | None] = mapped_column(text_enum(AppealOutcome))
    answer: Mapped[str] = mapped_column(default="")

    decision: Mapped[Decision | None] = relationship(back_populates="appeals")

    @property
    def contested(self) -> Decision:
        """The decision it is about; raises LookupError for an appeal at another level."""
        if self.decision is None:
            raise LookupError(f"appeal {self.id} is about no decision of the moderation")
        return self.decision


class Merge(Base):
    """``source`` was found to be a duplicate of ``target``; never a deletion, always reversible."""

    __tablename__ = "merge"
    __table_args__ = (
        Index("ix_merge_source_id", "source_id"),
        partial_index(
            "uq_merge_source_id_open",
            "source_id",
            where="undone_at IS NULL",
            unique=True,
        ),
        Index("ix_merge_target_id", "target_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"))
    target_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    undone_at: Mapped[datetime | None]
