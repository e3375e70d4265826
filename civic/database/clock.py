"""The one clock of the application."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_replayed: ContextVar[datetime | None] = ContextVar("replayed", default=None)


def utcnow() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _replayed.get() or datetime.now(UTC)


@contextmanager
def replaying(moment: datetime) -> Iterator[None]:
    """Let the clock stand at ``moment`` within: the demo plays its past through the real verbs."""
    token = _replayed.set(moment)
    try:
        yield
    finally:
        _replayed.reset(token)
