"""How connections are opened and transactions begun.

On the embedded engine a deferred BEGIN loses votes under concurrent writers, without an error:
the driver's own transaction handling is therefore switched off, writers begin IMMEDIATE and
readers begin plainly. Who writes is said by a context variable, set before the first statement.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

_write_intent: ContextVar[bool] = ContextVar("civic_write_intent", default=True)

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "cache_size=-65536",
    "temp_store=MEMORY",
)


@contextmanager
def read_only() -> Iterator[None]:
    """Within this block new transactions begin as readers (the embedded engine only)."""
    token = _write_intent.set(False)
    try:
        yield
    finally:
        _write_intent.reset(token)


@contextmanager
def writing() -> Iterator[None]:
    """Within this block new transactions begin as writers: the default outside of requests."""
    token = _write_intent.set(True)
    try:
        yield
    finally:
        _write_intent.reset(token)


def set_write_intent(*, writes: bool) -> None:
    """Say, at the start of a request, whether its transactions write."""
    _write_intent.set(writes)


def configure_engine(engine: Engine) -> None:
    """Attach what this engine needs to each new connection and transaction."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _prepare_embedded_connection)
    event.listen(engine, "begin", _begin_embedded_transaction)


def url_for_data_dir(data_dir: Path) -> str:
    """Return the address of the embedded database kept in ``data_dir``."""
    return f"sqlite:///{data_dir / 'civic.db'}"


def is_embedded(url: str) -> bool:
    """Whether ``url`` names the embedded engine (one file, one machine)."""
    return url.startswith("sqlite")


def engine_options(url: str) -> dict[str, Any]:
    """Return the options of ``create_engine`` that suit the engine named by ``url``.

    A process serves one request at a time (see the server's settings), so its pool is small.
    """
    if is_embedded(url):
        return {"connect_args": {"timeout": 10, "check_same_thread": False}}
    return {"pool_size": 2, "max_overflow": 6, "pool_pre_ping": True}


def _prepare_embedded_connection(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_embedded_transaction(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _write_intent.get() else "BEGIN")
