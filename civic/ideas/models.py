"""Ideas: what they have beyond the base row."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from civic.contributions.models import Contribution


class Idea(Contribution):
    """A suggestion for improvement. ``body`` is Markdown; ``cost`` is in whole euros."""

    __tablename__ = "idea"
    __mapper_args__ = {"polymorphic_identity": "idea"}  # noqa: RUF012

    id: Mapped[int] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True
    )
    period: Mapped[str] = mapped_column(String(80), default="")
    cost: Mapped[int | None]
