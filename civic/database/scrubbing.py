"""After something was deleted for good: nothing of it stays in the files of the database.

On the embedded engine what is deleted is overwritten at once (``secure_delete``), but the log
beside the file (WAL) still holds the pages as they were, until it is emptied. On the other engine
dead rows stay until VACUUM, and values of rows that are gone in the statistics of the planner until
ANALYZE; its own log and its archives are the operator's (docs/operate.md).
"""

import sqlite3
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, inspect

_TRIES = 25
_PAUSE_S = 0.2
_BUSY_MS = 100
"""While it waits, the emptying of the log lets nobody write: it gives up soon, and tries again."""
_NOW = "SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS xid) AS text)"
_OLDER = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND greatest(age(backend_xmin), age(backend_xid)) > age(CAST(%(now)s AS xid))
"""
"""Who may still see rows that were deleted before now: VACUUM leaves these where they are."""


def scrub(engine: Engine) -> bool:
    """Remove the traces of what was deleted; False when readers did not let it, for five seconds.

    Call it with no transaction open.
    """
    if engine.dialect.name == "sqlite":
        return _empty_log(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_alone = _is_soon(_has_nobody_older(connection))
        quote = engine.dialect.identifier_preparer.quote
        names = ", ".join(quote(name) for name in inspect(connection).get_table_names())
        connection.exec_driver_sql(f"VACUUM (ANALYZE, SKIP_LOCKED) {names}")
    return is_alone


def _is_soon(is_so: Callable[[], bool]) -> bool:
    for _ in range(_TRIES):
        if is_so():
            return True
        time.sleep(_PAUSE_S)
    return False


def _has_nobody_older(connection: Connection) -> Callable[[], bool]:
    now = connection.exec_driver_sql(_NOW).scalar_one()
    return lambda: not connection.exec_driver_sql(_OLDER, {"now": now}).scalar_one()


def _empty_log(engine: Engine) -> bool:
    raw = engine.raw_connection()
    driver: Any = raw.driver_connection

    def is_emptied() -> bool:
        try:
            busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:
            return False
        return not busy

    try:
        driver.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        return _is_soon(is_emptied)
    finally:
        # Not back to the pool: the next user waits as long as the others do.
        raw.invalidate()
        raw.close()
