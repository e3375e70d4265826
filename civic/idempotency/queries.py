"""Asking whether something was done already."""

from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from civic.database import Base, utcnow
from civic.idempotency.models import Idempotency

SAME_WORDS = timedelta(minutes=5)
"""The same words of the same person about the same thing, within so long, are a repetition."""

Row = TypeVar("Row", bound=Base)


def find_repeated(
    session: Session, model: type[Row], at: InstrumentedAttribute[Any], **same: Any
) -> Row | None:
    """Return the row that holds all of ``same`` since ``SAME_WORDS``, by its column ``at``."""
    is_recent = at > utcnow() - SAME_WORDS
    return session.scalars(select(model).filter_by(**same).where(is_recent)).first()


def find_result(session: Session, scope: str, key: str, *, actor: str = "") -> str | None:
    """Return what came of the request ``key`` of ``scope``, None when it was not done.

    A key that somebody else used is not found: ``actor`` has to be the same as when it was done.
    """
    return session.scalar(
        select(Idempotency.result).where(
            Idempotency.scope == scope, Idempotency.key == key, Idempotency.actor == actor
        )
    )
