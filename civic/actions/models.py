"""Service actions, their milestones, updates and the contributions that asked for them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.attachments.models import Photo
from civic.contributions.models import Contribution
from civic.contributions.workflow import StatusType
from civic.database import Base, text_enum, utcnow
from civic.database.base import BigId
from civic.database.tables import in_force
from civic.places.models import Area
from civic.taxonomy.models import Department


class Action(Base):
    """Work the town commits to.

    ``first_start_on`` and ``first_end_on`` are the dates as published first, ``start_on`` and
    ``end_on`` as they are now: a slipped date stays visible. ``cost`` is in whole euros.
    ``progress`` is 0 to 100. ``cell`` is the Morton code of the position at zoom 20.
    """

    __tablename__ = "action"
    __table_args__ = (
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress_is_percent"),
        CheckConstraint("end_on >= start_on", name="ends_after_start"),
        Index("ix_action_status_type", "status_type"),
        Index("ix_action_cell", "cell"),
        Index(
            "uq_action_external_source_external_id",
            "external_source",
            "external_id",
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    slug: Mapped[str] = mapped_column(String(140), unique=True)
    title: Mapped[str] = mapped_column(String(160))
    body: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(String(24))
    status_type: Mapped[StatusType] = mapped_column(text_enum(StatusType))
    status_since: Mapped[datetime] = mapped_column(default=utcnow)
    is_published: Mapped[bool] = mapped_column(default=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    cell: Mapped[int | None] = mapped_column(BigInteger)
    address: Mapped[str] = mapped_column(String(250), default="")
    first_start_on: Mapped[date | None] = mapped_column(Date)
    first_end_on: Mapped[date | None] = mapped_column(Date)
    start_on: Mapped[date | None] = mapped_column(Date)
    end_on: Mapped[date | None] = mapped_column(Date)
    finished_on: Mapped[date | None] = mapped_column(Date)
    cost: Mapped[int | None]
    budget_line: Mapped[str] = mapped_column(String(160), default="")
    progress: Mapped[int] = mapped_column(default=0)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    external_source: Mapped[str | None] = mapped_column(String(60))
    external_id: Mapped[str | None] = mapped_column(String(120))

    department: Mapped[Department] = relationship(lazy="joined", innerjoin=True)
    area: Mapped[Area | None] = relationship(lazy="select")
    milestones: Mapped[list["Milestone"]] = relationship(
        cascade="all, delete-orphan", order_by="Milestone.position", lazy="select"
    )
    updates: Mapped[list["ActionUpdate"]] = relationship(
        order_by="ActionUpdate.at.desc()", lazy="select", back_populates="action"
    )

    @property
    def news(self) -> list["ActionUpdate"]:
        """The updates that the public reads, the latest first: without what was undone."""
        undone = {update.undoes_id for update in self.updates}
        return [one for one in self.updates if one.undoes_id is None and one.id not in undone]

    contributions: Mapped[list[Contribution]] = relationship(
        secondary="action_contribution", lazy="select", order_by=Contribution.submitted_at
    )


class ActionContribution(Base):
    """An action answers a contribution; many to many."""

    __tablename__ = "action_contribution"

    action_id: Mapped[int] = mapped_column(
        ForeignKey("action.id", ondelete="CASCADE"), primary_key=True
    )
    contribution_id: Mapped[int] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    linked_at: Mapped[datetime] = mapped_column(default=utcnow)
    linked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class Milestone(Base):
    """A step of an action that the public can look forward to."""

    __tablename__ = "milestone"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(160))
    due_on: Mapped[date | None] = mapped_column(Date)
    done_on: Mapped[date | None] = mapped_column(Date)
    position: Mapped[int] = mapped_column(default=0)


class ActionUpdate(Base):
    """News of an action: a public sentence, perhaps a change of status or dates, photos.

    ``before`` is what a step changed of the action, for its undoing, which names it in
    ``undoes_id``.
    """

    __tablename__ = "action_update"
    __table_args__ = (
        CheckConstraint("undoes_id <> id", name="undoes_another"),
        Index("ix_action_update_action_id_at", "action_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    body: Mapped[str]
    from_status: Mapped[str | None] = mapped_column(String(24))
    to_status: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(40), default="")
    progress: Mapped[int] = mapped_column(default=0)
    start_on: Mapped[date | None] = mapped_column(Date)
    end_on: Mapped[date | None] = mapped_column(Date)
    before: Mapped[dict[str, Any] | None]
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("action_update.id"), unique=True)

    action: Mapped[Action] = relationship(back_populates="updates")
    photos: Mapped[list[Photo]] = relationship(secondary="action_update_photo", lazy="selectin")


UPDATE_IN_FORCE: ColumnElement[bool] = in_force(ActionUpdate)
"""Neither undone nor an undoing: what the public reads."""


class ActionUpdatePhoto(Base):
    """A photo of an update."""

    __tablename__ = "action_update_photo"

    action_update_id: Mapped[int] = mapped_column(
        ForeignKey("action_update.id", ondelete="CASCADE"), primary_key=True
    )
    photo_id: Mapped[int] = mapped_column(
        ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )


class ActionFollow(Base):
    """One person hears about one action."""

    __tablename__ = "action_follow"
    is_shown = False

    action_id: Mapped[int] = mapped_column(
        ForeignKey("action.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime] = mapped_column(default=utcnow)
