"""Asking whether something was done already."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.idempotency.models import Idempotency


def find_result(session: Session, scope: str, key: str, *, actor: str = "") -> str | None:
    """Return what came of the request ``key`` of ``scope``, None when it was not done.

    A key that somebody else used is not found: ``actor`` has to be the same as when it was done.
    """
    return session.scalar(
        select(Idempotency.result).where(
            Idempotency.scope == scope, Idempotency.key == key, Idempotency.actor == actor
        )
    )
