"""How connections are opened and transactions begun.

On the embedded engine a deferred BEGIN loses votes under concurrent writers, without an error:
the driver's own transaction handling is therefore switched off, writers begin IMMEDIATE and
readers begin plainly. Who writes is said by a context variable, set before the first statement.

Writers there go one by one, and whoever waits looks again each millisecond: the driver by itself
would soon sleep for tenths of a second while others pass.
"""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civic.database.public_change import watch_writes

log = logging.getLogger(__name__)
_write_intent: ContextVar[bool] = ContextVar("civic_write_intent", default=True)
_has_waited: ContextVar[bool] = ContextVar("civic_has_waited", default=False)
_is_alone: ContextVar[bool] = ContextVar("civic_is_alone", default=False)

_WAIT_S = 3.0
"""Who has waited so long for the others to finish writing is told to come back."""
_CONNECT_S = 3
_AWAY_S = 10
"""A server of which nothing comes back for so long is away."""
LONGEST_HELD_S = 0.25
"""A transaction that keeps others from writing for longer is named in the log."""
_PATIENT = f"PRAGMA busy_timeout={int(_WAIT_S * 1000)}"
_LOCKED = frozenset({"55P03", "40P01", "40001"})
"""What the other engine says of a lock that was not to be had: in time, at all, in this order."""
_DISK_FULL = "53100"
_SINCE = "civic_writes_since"
_PRAGMAS = (
    "journal_mode=WAL",
    # What was answered is on the disk: without this a power cut may take the last seconds away.
    "synchronous=FULL",
    "foreign_keys=ON",
    # What is deleted is overwritten, not only marked as free.
    "secure_delete=ON",
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


@contextmanager
def alone() -> Iterator[None]:
    """Within this block transactions may last: nobody writes to a database without a town."""
    token = _is_alone.set(True)
    try:
        yield
    finally:
        _is_alone.reset(token)


def set_write_intent(*, writes: bool) -> None:
    """Say, at the start of a request, whether its transactions write."""
    _write_intent.set(writes)
    _has_waited.set(False)


def stop_writing() -> None:
    """Let what follows in this request only read: somebody else writes, or it has failed."""
    _write_intent.set(False)


def start_writing(session: Session) -> None:
    """Go from reading to writing: what was loaded stays, and may have been changed since.

    For requests that first find out what they are about: on the embedded engine the others need
    not wait for that. Elsewhere the transaction goes on.
    """
    set_write_intent(writes=True)
    if session.get_bind().dialect.name == "sqlite":
        session.commit()


def configure_engine(engine: Engine) -> None:
    """Attach what this engine needs to each new connection and transaction."""
    watch_writes(engine)
    if engine.dialect.name != "sqlite":
        event.listen(engine, "connect", _prepare_connection)
        return
    event.listen(engine, "connect", _prepare_embedded_connection)
    event.listen(engine, "begin", _begin_embedded_transaction)
    event.listen(engine, "commit", _note_end)
    event.listen(engine, "rollback", _note_end)


def limit_cache(engine: Engine, kilobytes: int) -> None:
    """Let each new connection keep so much of the database at most (the embedded engine only)."""
    if engine.dialect.name == "sqlite":
        pragma = f"PRAGMA cache_size={-kilobytes}"
        event.listen(engine, "connect", lambda connection, _record: connection.execute(pragma))


def url_for_data_dir(data_dir: Path) -> str:
    """Return the address of the embedded database kept in ``data_dir``."""
    return f"sqlite:///{data_dir / 'civic.db'}"


def is_embedded(url: str) -> bool:
    """Whether ``url`` names the embedded engine (one file, one machine)."""
    return url.startswith("sqlite")


def engine_options(url: str) -> dict[str, Any]:
    """Return the options of ``create_engine`` that suit the engine named by ``url``.

    A process has a few threads, so few connections are kept, but twenty threads do not wait for
    one (another server may have as many); the connection used last is used first, since
    it knows most of the database already. What a failed statement was given stays out of its error,
    and so out of the log: it may be private.
    """
    options: dict[str, Any] = {"hide_parameters": True, "pool_use_lifo": True}
    if is_embedded(url):
        waits = {"timeout": _WAIT_S, "check_same_thread": False}
        return options | {"connect_args": waits, "pool_size": 5, "max_overflow": 15}
    away = {"connect_timeout": _CONNECT_S, "tcp_user_timeout": 1000 * _AWAY_S}
    sizes = {"pool_size": 3, "max_overflow": 17, "pool_timeout": 10}
    return options | sizes | {"pool_pre_ping": True, "connect_args": away}


def _prepare_connection(connection: Any, _record: object) -> None:
    """Ask for plans that suit short questions, and wait no longer than on the embedded engine."""
    connection.execute("SET max_parallel_workers_per_gather = 0")
    connection.execute("SET jit = off")
    connection.execute(f"SET lock_timeout = {int(_WAIT_S * 1000)}")
    connection.commit()


def _prepare_embedded_connection(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute(_PATIENT)
    cursor.close()


def _begin_embedded_transaction(connection: Connection) -> None:
    if not _write_intent.get():
        connection.exec_driver_sql("BEGIN")
        return
    driver: Any = connection.connection.driver_connection
    # Who was refused once has waited long enough: the page that says so asks only once more.
    end = time.monotonic() + (0 if _has_waited.get() else _WAIT_S)
    driver.execute("PRAGMA busy_timeout=1")
    try:
        while not _begin_writing(driver):
            if time.monotonic() >= end:
                # The last try, which is refused in the words of every other statement.
                _has_waited.set(True)
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                break
    except sqlite3.Error:
        # A disk that fails, say: told in those words as well.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(_PATIENT)
    connection.info[_SINCE] = time.monotonic()


def _note_end(connection: Connection) -> None:
    since = connection.info.pop(_SINCE, None)
    if since is None or _is_alone.get():
        return
    if (held := time.monotonic() - since) > LONGEST_HELD_S:
        log.warning("others could not write for %d ms", held * 1000)


def is_unwritable(error: DBAPIError) -> bool:
    """Whether ``error`` says that the database cannot be written, or that its disk is full."""
    code = getattr(error.orig, "sqlite_errorcode", 0)
    is_full = getattr(error.orig, "sqlstate", "") == _DISK_FULL
    return is_full or code & 0xFF in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL}


def is_locked(error: DBAPIError) -> bool:
    """Whether a statement failed because somebody else writes, or has written meanwhile."""
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_BUSY or getattr(error.orig, "sqlstate", "") in _LOCKED


def _begin_writing(driver: sqlite3.Connection) -> bool:
    """Begin to write; after a millisecond return False where another still does."""
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
