"""Messages: in or out, on a channel, for an audience."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.accounts.models import Account
from civic.contributions.models import Audience, Channel, Contribution
from civic.database import Base, text_enum, utcnow
from civic.database.base import BigId, values_around
from civic.people.models import Person


class Direction(StrEnum):
    """Whether the town received it or sent it."""

    IN = "in"
    OUT = "out"


class Message(Base):
    """One message about a contribution, or to a person, or both.

    ``person`` is whom the town writes to or hears from; ``author`` the account that wrote it or
    entered it, null for who has none.
    """

    __tablename__ = "message"
    is_shown = False
    __table_args__ = (
        CheckConstraint(
            "contribution_id IS NOT NULL OR person_id IS NOT NULL", name="is_about_something"
        ),
        CheckConstraint(
            "audience <> 'public' OR contribution_id IS NOT NULL", name="public_is_on_a_page"
        ),
        Index("ix_message_contribution_id_at", "contribution_id", "at"),
        Index("ix_message_person_id_at", "person_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contribution_id: Mapped[int | None] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE")
    )
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    direction: Mapped[Direction] = mapped_column(text_enum(Direction))
    channel: Mapped[Channel] = mapped_column(text_enum(Channel))
    audience: Mapped[Audience] = mapped_column(text_enum(Audience))
    body: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=utcnow)

    contribution: Mapped[Contribution | None] = relationship(lazy="select")
    person: Mapped[Person | None] = relationship(lazy="select")
    author: Mapped[Account | None] = relationship(lazy="select")

    def shows(self) -> bool:
        """Only a message for everybody is seen."""
        return Audience.PUBLIC in values_around(self, "audience")
