"""The record of who changed which setting, when, from what to what."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.accounts.models import Account
from civic.database import Base, text_enum, utcnow
from civic.database.base import BigId


class Subject(StrEnum):
    """What was changed."""

    TOWN = "town"
    LEGAL = "legal"
    DEPARTMENT = "department"
    CATEGORY = "category"
    QUESTION = "question"
    AREA = "area"
    PERSON = "person"
    BLOCKED_WORDS = "blocked_words"


class Change(StrEnum):
    """What was done to it."""

    CREATED = "created"
    EDITED = "edited"
    MOVED = "moved"
    DEACTIVATED = "deactivated"
    REACTIVATED = "reactivated"
    DELETED = "deleted"
    IMPORTED = "imported"
    GRANTED = "granted"
    REVOKED = "revoked"


class SettingChange(Base):
    """One change of a setting; never changed itself.

    ``label`` names the subject as it was called then, and stays empty for a person: their name is
    read from the account, so that it goes with the account. ``details`` maps each changed field
    to [before, after].
    """

    __tablename__ = "setting_change"
    is_shown = False

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    subject: Mapped[Subject] = mapped_column(text_enum(Subject))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    label: Mapped[str] = mapped_column(String(200), default="")
    what: Mapped[Change] = mapped_column(text_enum(Change))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)

    account: Mapped[Account | None] = relationship(lazy="joined")
