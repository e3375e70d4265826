"""Many rows at once, by the quickest way of each engine, within the caller's transaction."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Dialect,
    Float,
    Integer,
    Select,
    Table,
)
from sqlalchemy.orm import Session

from civic.database.base import Base
from civic.database.public_change import note_rows
from civic.database.statements import table_of


def fill_defaults(model: type[Base], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``row`` with the model's default for each column that it does not name.

    For rows that go past the session. A column without a default is left out: it is null, or the
    engine's own default.
    """
    filled = {
        name: default.arg(None) if default.is_callable else default.arg
        for name, default in _defaults_of(model)
        if name not in row
    }
    return {**row, **filled}


@cache
def _defaults_of(model: type[Base]) -> tuple[tuple[str, Any], ...]:
    columns = table_of(model).columns
    return tuple((column.name, column.default) for column in columns if column.default is not None)


def insert_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert ``rows``, all of the same columns; no default of the model is filled in.

    No objects are made, and no listener but the public change number hears of it.
    """
    if not rows:
        return
    note_rows(session, model)
    table, names, dialect = table_of(model), tuple(rows[0]), session.get_bind().dialect
    readers = [_as_stored(table.c[name], dialect) for name in names]
    values = [
        tuple(read(row[name]) for name, read in zip(names, readers, strict=True)) for row in rows
    ]
    if dialect.name == "sqlite":
        _insert_each(session, table, names, values)
        return
    statement = f"COPY {table.name} ({', '.join(names)}) FROM STDIN"
    with _driver(session).cursor() as cursor, cursor.copy(statement) as copy:
        for row in values:
            copy.write_row(row)


def fetch_rows(
    connection: Connection, statement: Select[Any], most: int
) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Yield the rows of ``statement`` as the driver gives them, ``most`` at a time.

    For millions of them: no objects are made, and memory holds no more than is yielded. Within the
    transaction of ``connection``, which has begun.
    """
    spelt = statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    driver: Any = connection.connection.dbapi_connection
    cursor = driver.cursor() if connection.dialect.name == "sqlite" else driver.cursor(name="rows")
    with contextlib.closing(cursor):
        cursor.execute(str(spelt))
        while rows := cursor.fetchmany(most):
            yield rows


def upsert_add(
    session: Session,
    model: type[Base],
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    add: Sequence[str],
) -> None:
    """Insert ``rows`` of the columns ``names``; where one exists, add its columns ``add`` to it.

    The other columns are the key. Numbers and texts only, each key once. The sums are made by the
    engine, so concurrent writers lose nothing. Give the rows in a fixed order of keys: two writers
    that meet then wait for each other and do not deadlock.
    """
    table = table_of(model)
    sums = ", ".join(f"{name} = {table.name}.{name} + excluded.{name}" for name in add)
    key = ", ".join(name for name in names if name not in add)
    _put(session, table, names, rows, f"ON CONFLICT ({key}) DO UPDATE SET {sums}")


def add_missing(
    session: Session, model: type[Base], names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert ``rows`` of the columns ``names``, except those that a constraint says are there.

    Numbers and texts only. Give them in a fixed order of keys: two writers that meet then wait for
    each other and do not deadlock.
    """
    _put(session, table_of(model), names, rows, "ON CONFLICT DO NOTHING")


def _put(
    session: Session,
    table: Table,
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    tail: str,
) -> None:
    if not rows:
        return
    if session.get_bind().dialect.name == "sqlite":
        _insert_each(session, table, names, rows, tail)
        return
    head = f"INSERT INTO {table.name} ({', '.join(names)})"
    arrays = ", ".join(f"%s::{_array_of(table, name)}" for name in names)
    columns = tuple(list(column) for column in zip(*rows, strict=True))
    # One statement for all, whose rows are taken in the order they are given.
    statement = f"{head} SELECT * FROM unnest({arrays}) {tail}"  # noqa: S608 (our names)
    session.connection().exec_driver_sql(statement, columns)


def _insert_each(
    session: Session,
    table: Table,
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    tail: str = "",
) -> None:
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks}) {tail}"  # noqa: S608 (our names)
    session.connection().exec_driver_sql(statement, list(rows))


def _as_stored(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any]:
    """Return what makes a value of ``column`` one that the driver stores."""
    process = column.type.dialect_impl(dialect).bind_processor(dialect)
    return process or _unchanged


def _unchanged(value: Any) -> Any:
    return value


def _array_of(table: Table, name: str) -> str:
    kind = table.c[name].type
    if isinstance(kind, BigInteger):
        return "bigint[]"
    if isinstance(kind, Integer):
        return "integer[]"
    return "double precision[]" if isinstance(kind, Float) else "text[]"


def _driver(session: Session) -> Any:
    """Return the driver's own connection, within the transaction of ``session``."""
    return session.connection().connection.driver_connection
