"""Remembering what was done, and forgetting it in time."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from civic.database import insert_or_ignore, utcnow
from civic.idempotency.models import Idempotency

KEPT = timedelta(days=30)
"""So long after it was made, an entry that waited on a telephone may still arrive."""


def remember(
    session: Session,
    scope: str,
    key: str,
    *,
    result: str,
    actor: str = "",
    kept: timedelta = KEPT,
    now: datetime | None = None,
) -> None:
    """Write down, in the transaction of what it did, that request ``key`` of ``scope`` is done.

    Raises IntegrityError when somebody was quicker: roll back, and answer with
    :func:`civic.idempotency.queries.find_result`.
    """
    expires_at = (now or utcnow()) + kept
    session.add(
        Idempotency(scope=scope, key=key, actor=actor, result=result, expires_at=expires_at)
    )
    session.flush()


def claim(
    session: Session, scope: str, key: str, *, kept: timedelta, now: datetime | None = None
) -> bool:
    """Take ``key`` of ``scope`` for as long as ``kept``; False while somebody else has it.

    Of two who claim at one moment, the second waits for the first to commit or to roll back.
    """
    now = now or utcnow()
    values = {"scope": scope, "key": key, "actor": "", "result": "", "expires_at": now + kept}
    if insert_or_ignore(session, Idempotency, values):
        return True
    renewed = session.execute(
        update(Idempotency)
        .where(Idempotency.scope == scope, Idempotency.key == key, Idempotency.expires_at <= now)
        .values(expires_at=now + kept)
        .returning(Idempotency.id)
        .execution_options(synchronize_session=False)
    )
    return renewed.first() is not None


def forget_expired(session: Session, now: datetime | None = None) -> None:
    """Delete the keys whose time is over."""
    session.execute(delete(Idempotency).where(Idempotency.expires_at < (now or utcnow())))
