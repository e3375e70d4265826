"""A person and their contacts. An account is a login; a person may have none."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.database import Base, text_enum, utcnow
from civic.database.base import BigId


class ContactKind(StrEnum):
    """How somebody is reached."""

    EMAIL = "email"
    TELEPHONE = "telephone"
    POST = "post"


class Person(Base):
    """Somebody known to the town. ``account_id`` is null for who never signed in.

    ``name`` is what they are called, for the town alone; it may be empty.
    """

    __tablename__ = "person"
    is_shown = False

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), unique=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    contacts: Mapped[list["PersonContact"]] = relationship(
        back_populates="person", cascade="all, delete-orphan", order_by="PersonContact.id"
    )


class PersonContact(Base):
    """One way to reach a person; ``verified_at`` is null until they have shown that it is theirs.

    Several people may share one: a telephone, an address of an association.
    """

    __tablename__ = "person_contact"
    is_shown = False
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "value"),
        CheckConstraint("kind <> 'email' OR value = lower(value)", name="email_is_lower_case"),
        CheckConstraint("value <> ''", name="value_is_not_empty"),
        Index("ix_person_contact_kind_value", "kind", "value"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[ContactKind] = mapped_column(text_enum(ContactKind))
    value: Mapped[str] = mapped_column(String(300))
    verified_at: Mapped[datetime | None]
    added_at: Mapped[datetime] = mapped_column(default=utcnow)

    person: Mapped[Person] = relationship(back_populates="contacts")
