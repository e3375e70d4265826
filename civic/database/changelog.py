"""A log of changed rows: who reads it learns exactly what was committed since it last looked.

Writers add a row to the log in the transaction that makes the change. On SQLite writers go one by
one, so the numbers of the rows follow the commits. On PostgreSQL they do not: a number drawn early
may be committed late. There a row bears its transaction, and what a reader has not seen is what
its former snapshot did not see.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias
from weakref import ref

from sqlalchemy import BigInteger, Connection, Engine, Table, bindparam, func, select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from civic.database.engine import read_only

Mark: TypeAlias = int | str
"""What a transaction saw of the log: a number on SQLite, a snapshot on PostgreSQL."""

_SNAPSHOT = "SELECT CAST(pg_current_snapshot() AS text)"
_LITTLE_CACHE = "PRAGMA cache_size=-2048"


class current_transaction(GenericFunction[int]):  # noqa: N801 (used like any SQL function)
    """The number of the transaction that writes; nothing on SQLite, which needs none."""

    type = BigInteger()
    inherit_cache = True


@compiles(current_transaction)
def _transaction(_element: current_transaction, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "CAST(CAST(pg_current_xact_id() AS text) AS BIGINT)"


@compiles(current_transaction, "sqlite")
def _no_transaction(_element: current_transaction, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "NULL"


class ChangeLog:
    """Reads ``table`` (columns ``number`` and ``txid``) over one connection that never writes.

    The connection is opened with the first question. Not safe under threads: the caller locks.
    """

    def __init__(self, engine: Engine, table: Table) -> None:
        # Whoever follows is kept by the engine, not the other way round.
        self._engine, self._table = ref(engine), table
        self._is_embedded = engine.dialect.name == "sqlite"
        self._connection: Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Yield the connection within one transaction: everything read is of one moment."""
        connection = self._opened()
        with read_only(), connection.begin():
            yield connection

    def close(self) -> None:
        """Hang up; the next question opens another connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def mark(self, connection: Connection) -> Mark:
        """Return what the transaction of ``connection`` sees of the log."""
        if self._is_embedded:
            return connection.scalar(select(func.coalesce(func.max(self._table.c.number), 0))) or 0
        return str(connection.scalar(text(_SNAPSHOT)))

    def since(self, connection: Connection, mark: Mark, *columns: Any) -> list[tuple[Any, ...]]:
        """Return ``columns`` of what this transaction sees and that of ``mark`` did not."""
        statement = select(*columns).distinct()
        if self._is_embedded:
            unseen = self._table.c.number > bindparam("mark", mark)
        else:
            unseen = text(
                "txid >= CAST(CAST(pg_snapshot_xmin(CAST(:mark AS pg_snapshot)) AS text) AS BIGINT)"
                " AND NOT pg_visible_in_snapshot(CAST(CAST(txid AS text) AS xid8),"
                " CAST(:mark AS pg_snapshot))"
            ).bindparams(mark=mark)  # type: ignore[assignment]
        return [tuple(row) for row in connection.execute(statement.where(unseen))]

    def _opened(self) -> Connection:
        if self._connection is None:
            engine = self._engine()
            if engine is None:
                raise RuntimeError("the engine of this log is gone")
            connection = engine.connect()
            if not self._is_embedded:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            if self._is_embedded:
                # What it reads it reads once.
                connection.connection.cursor().execute(_LITTLE_CACHE)
            # It lives as long as the process: the pool is for those who give back.
            connection.detach()
            self._connection = connection
        return self._connection
