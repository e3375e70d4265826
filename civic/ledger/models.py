"""What was recorded, and the leaf that proves it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from civic.database import Base, utcnow
from civic.database.base import BigId


class LedgerLeaf(Base):
    """One numbered entry of the ledger: its time, its type, and the salted hash of its text.

    Inserted by the worker alone; both engines refuse to change or delete it, by trigger. It refers
    to nothing, so that nothing has to stay for it.
    """

    __tablename__ = "ledger_leaf"
    is_shown = False
    __table_args__ = (
        CheckConstraint("number >= 0", name="number_is_not_negative"),
        CheckConstraint("length(hash) = 64", name="hash_is_sha256"),
    )

    number: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(24))
    hash: Mapped[str] = mapped_column(String(64))


class LedgerEntry(Base):
    """The text of one entry, and the salt of its hash: what a redaction takes away.

    ``number`` is that of its leaf, None until the worker has numbered it. An entry that is redacted
    before keeps only its hash, and is deleted once its leaf exists.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("(line IS NULL) = (salt IS NULL)", name="text_goes_with_salt"),
        CheckConstraint("number IS NULL OR salt IS NOT NULL", name="numbered_has_text"),
        CheckConstraint("length(hash) = 64", name="hash_is_sha256"),
        Index("ix_ledger_entry_at", "at"),
        Index("ix_ledger_entry_reference", "reference"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[int | None] = mapped_column(BigId, unique=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    what: Mapped[str] = mapped_column(String(24))
    reference: Mapped[str] = mapped_column(String(16), default="")
    line: Mapped[dict[str, Any] | None]
    salt: Mapped[str | None] = mapped_column(String(32))
    hash: Mapped[str] = mapped_column(String(64))
