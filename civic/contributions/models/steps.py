"""What happened to a contribution: the steps of its workflow, and every other change."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.accounts.models import Account
from civic.contributions.models.contribution import Audience, Contribution
from civic.contributions.workflow import Party
from civic.database import Base, text_enum, utcnow
from civic.database.base import BigId
from civic.database.tables import in_force
from civic.taxonomy.models import Department


class StatusChange(Base):
    """One step of a workflow: from, to, who, when, why.

    ``sentence`` is what the public reads; ``reason`` a code of the workflow's table;
    ``by_name`` what the public sees of the actor (a department, "l'auteur", "automatique"), never
    a person's name. ``claimed_by`` and ``verified_by`` say who says that it is fixed and who
    checked. ``cause`` names what moved it along (an action's slug). ``audience`` says who reads the
    sentence. A step is undone by another that compensates it and names it in ``undoes_id``.
    """

    __tablename__ = "status_change"
    __table_args__ = (
        CheckConstraint("undoes_id <> id", name="undoes_another"),
        Index("ix_status_change_contribution_id_at", "contribution_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"))
    from_status: Mapped[str | None] = mapped_column(String(24))
    to_status: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    party: Mapped[Party] = mapped_column(text_enum(Party))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    is_automatic: Mapped[bool] = mapped_column(default=False)
    sentence: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(String(40), default="")
    recipient: Mapped[str] = mapped_column(String(160), default="")
    claimed_by: Mapped[str] = mapped_column(String(24), default="")
    verified_by: Mapped[str] = mapped_column(String(24), default="")
    cause: Mapped[str] = mapped_column(String(120), default="")
    audience: Mapped[Audience] = mapped_column(
        text_enum(Audience), default=Audience.PUBLIC, server_default=Audience.PUBLIC.value
    )
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("status_change.id"), unique=True)

    contribution: Mapped[Contribution] = relationship(lazy="select")
    department: Mapped[Department | None] = relationship(lazy="joined")

    def shows(self) -> bool:
        """Nothing is seen of a step of what is not public, where that is at hand."""
        contribution: Contribution | None = self.__dict__.get("contribution")
        return contribution is None or contribution.shows()


IS_IN_FORCE: ColumnElement[bool] = in_force(StatusChange)
"""Neither undone nor an undoing: what the public reads of the steps, and what follows from them."""


class HistoryEntry(Base):
    """One change that is not a step of the workflow: who, when, what, from, to, why.

    ``field`` is one of title, body, category, department, place, assigned_to, photos,
    moderation_state, locked, answers, period, cost. A redaction empties ``before`` and ``after``.
    ``is_automatic``: the software did it, or another system.
    """

    __tablename__ = "history_entry"
    __table_args__ = (Index("ix_history_entry_contribution_id_at", "contribution_id", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    field: Mapped[str] = mapped_column(String(24))
    before: Mapped[str] = mapped_column(default="")
    after: Mapped[str] = mapped_column(default="")
    why: Mapped[str] = mapped_column(default="")
    is_public: Mapped[bool] = mapped_column(default=True)
    is_automatic: Mapped[bool] = mapped_column(default=False, server_default=false())

    actor: Mapped[Account | None] = relationship(lazy="joined")

    def shows(self) -> bool:
        """Only a public line is seen."""
        return self.is_public
