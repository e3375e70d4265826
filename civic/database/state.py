"""Whether anything has changed since: a stamp of what the database holds, by one cheap question."""

from collections.abc import Hashable

from sqlalchemy import text
from sqlalchemy.orm import Session

_SNAPSHOT = text("SELECT CAST(pg_current_snapshot() AS text)")
_VERSION = text("PRAGMA data_version")


def state_of(session: Session) -> Hashable:
    """Return a stamp: as long as it is the same in this process, nobody has committed anything.

    To be asked before the rows that it is to stand for are read. It may differ without need, never
    the other way round.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        # Which transactions are over: a number never comes back.
        return str(connection.execute(_SNAPSHOT).scalar_one())
    version = connection.execute(_VERSION).scalar_one()
    # The version counts what others committed, as this connection sees it; the changes are its own.
    mine = connection.info.setdefault("civic.connection", object())
    driver = connection.connection.driver_connection
    return mine, version, driver.total_changes if driver is not None else None
