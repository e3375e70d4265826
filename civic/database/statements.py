"""Statements that both engines spell differently."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Select, Table, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from civic.database.base import Base

_ROWS_A_STATEMENT = 500
"""Both engines limit how many values one statement may carry."""


def _insert(session: Session, table: Table) -> Any:
    return _insert_on(session.get_bind().dialect.name, table)


def _insert_on(engine: str, table: Table) -> Any:
    return (sqlite if engine == "sqlite" else postgresql).insert(table)


def insert_or_ignore(session: Session, model: type[Base], values: Mapping[str, Any]) -> bool:
    """Insert one row unless a constraint says that it is there already.

    Returns whether a row was inserted. Safe against two processes doing it at once.
    """
    statement = _or_ignore(session.get_bind().dialect.name, model)
    return session.execute(statement, dict(values)).first() is not None


@cache
def _or_ignore(engine: str, model: type[Base]) -> Any:
    table = table_of(model)
    return _insert_on(engine, table).on_conflict_do_nothing().returning(*table.primary_key.columns)


def insert_missing(
    session: Session, model: type[Base], columns: Sequence[str], rows: Select[*tuple[Any, ...]]
) -> int:
    """Insert the rows that a query gives, except those that a constraint says are there already.

    ``rows`` needs a WHERE clause. Returns how many rows were inserted.
    """
    statement = _insert(session, table_of(model)).from_select(list(columns), rows)
    statement = statement.on_conflict_do_nothing()
    primary = list(table_of(model).primary_key.columns)
    return len(session.execute(statement.returning(*primary)).all())


def insert_many_or_ignore(
    session: Session, model: type[Base], rows: Iterable[Mapping[str, Any]], *, returning: str
) -> list[Any]:
    """Insert ``rows`` except those that a constraint says are there already.

    Returns the column ``returning`` of what was inserted, in no order.
    """
    table = table_of(model)
    inserted: list[Any] = []
    waiting = list(rows)
    for start in range(0, len(waiting), _ROWS_A_STATEMENT):
        batch = [dict(row) for row in waiting[start : start + _ROWS_A_STATEMENT]]
        statement = _insert(session, table).values(batch).on_conflict_do_nothing()
        inserted.extend(session.execute(statement.returning(table.c[returning])).scalars())
    return inserted


def table_of(model: type[Base]) -> Table:
    """Return the table of ``model``, for statements that make no objects."""
    return cast("Table", model.__table__)


def reserve_ids(session: Session, model: type[Base], number: int) -> list[int]:
    """Return ``number`` ids of ``model`` that nobody else will be given, for rows made in bulk.

    The embedded engine numbers from the highest id on, and a writer there is alone; the other has
    a sequence.
    """
    table = table_of(model)
    if session.get_bind().dialect.name == "sqlite":
        highest = session.scalar(select(func.max(table.c.id))) or 0
        return list(range(highest + 1, highest + 1 + number))
    ids = session.scalars(
        text("SELECT nextval(:name) FROM generate_series(1, :number)"),
        {"name": f"{table.name}_id_seq", "number": number},
    )
    return list(ids)
