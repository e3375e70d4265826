"""After something was deleted for good: nothing of it stays in the files of the database.

On the embedded engine what is deleted is overwritten at once (``secure_delete``), but the log
beside the file (WAL) still holds the pages as they were, until it is emptied. On the other engine
dead rows stay until VACUUM; its own log and its archives are the operator's (docs/operate.md).
"""

import sqlite3
import time
from typing import Any

from sqlalchemy import Engine, inspect

_TRIES = 25
_PAUSE_S = 0.2
_BUSY_MS = 100
"""While it waits, the emptying of the log lets nobody write: it gives up soon, and tries again."""


def scrub(engine: Engine) -> bool:
    """Remove the traces of what was deleted; False when readers did not let it, for five seconds.

    Call it with no transaction open.
    """
    if engine.dialect.name == "sqlite":
        return _empty_log(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        quote = engine.dialect.identifier_preparer.quote
        names = ", ".join(quote(name) for name in inspect(connection).get_table_names())
        connection.exec_driver_sql(f"VACUUM (SKIP_LOCKED) {names}")
    return True


def _empty_log(engine: Engine) -> bool:
    raw = engine.raw_connection()
    driver: Any = raw.driver_connection
    try:
        driver.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        for _ in range(_TRIES):
            try:
                busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError:
                busy = True
            if not busy:
                return True
            time.sleep(_PAUSE_S)
        return False
    finally:
        # Not back to the pool: the next user waits as long as the others do.
        raw.invalidate()
        raw.close()
