"""Incidents: what they have beyond the base row."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from civic.contributions.models import Contribution


class Incident(Contribution):
    """A problem at a place."""

    __tablename__ = "incident"
    __mapper_args__ = {"polymorphic_identity": "incident"}  # noqa: RUF012

    id: Mapped[int] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True
    )
    precisions: Mapped[str] = mapped_column(default="")
