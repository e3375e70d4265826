"""The keys of what was done, and with what result."""

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civic.database import Base
from civic.database.base import BigId


class Idempotency(Base):
    """That the request ``key`` of ``scope`` was done, until when that is remembered.

    ``key`` is a hash or an identifier that its sender chose; ``actor`` says who sent it (may be
    empty) and ``result`` what came of it, a reference as a rule.
    """

    __tablename__ = "idempotency"
    is_shown = False
    __table_args__ = (
        UniqueConstraint("scope", "key"),
        Index("ix_idempotency_expires_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    scope: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(120))
    actor: Mapped[str] = mapped_column(String(80), default="")
    result: Mapped[str] = mapped_column(String(200), default="")
    expires_at: Mapped[datetime]
