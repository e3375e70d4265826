"""How tables and indexes are laid out where the engines name it differently."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    Connection,
    Index,
    and_,
    any_,
    bindparam,
    exists,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.orm import Session

from civic.database.base import Base

NUMBERED_ONCE: dict[str, Any] = {"sqlite_autoincrement": True}
"""Table argument: a number is never given again, also when the row that bore it is gone."""


def partial_index(
    name: str,
    *columns: str | Column[Any],
    where: str,
    include: Sequence[str] = (),
    unique: bool = False,
) -> Index:
    """Return an index of the rows that ``where`` (plain SQL, written out) holds for.

    A statement uses it only when it contains the same condition with the same literals. ``include``
    is what it answers besides: the embedded engine has the primary key in every index.
    """
    condition = text(where)
    return Index(
        name,
        *columns,
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
        postgresql_include=list(include),
    )


def in_force(model: type[Base]) -> Any:
    """Return the condition that a row is neither undone nor an undoing (its column undoes_id)."""
    here: Any = model
    later = inspect(model).local_table.alias()
    return and_(here.undoes_id.is_(None), ~exists().where(later.c.undoes_id == here.id))


def is_among(bind: Session | Connection, column: Any, keys: Sequence[int]) -> Any:
    """Return the condition that ``column`` is one of ``keys``, thousands of them in one value."""
    dialect = bind.dialect if isinstance(bind, Connection) else bind.get_bind().dialect
    if dialect.name == "sqlite":
        listed = func.json_each(json.dumps(keys)).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(bindparam(None, list(keys), ARRAY(column.type)))


def hidden_from_planner(column: Any) -> Any:
    """Return ``column`` spelt so that no index on it is used."""
    return func.coalesce(column, column)


def not_by_index(session: Session, column: Any) -> Any:
    """Return ``column`` spelt so that the embedded engine uses no index on it.

    It has no statistics: it would take a common value for a rare one, and read most of a table. The
    other engine has, and is only misled by such a spelling.
    """
    return hidden_from_planner(column) if session.get_bind().dialect.name == "sqlite" else column


def read_again(session: Session, row: Base) -> None:
    """Read ``row`` anew and keep others from changing it until this transaction ends.

    The embedded engine has one writer anyway: the transaction must be a writing one.
    """
    table = inspect(row).mapper.base_mapper.local_table
    (key,) = inspect(row).identity or (None,)
    session.execute(select(table.c.id).where(table.c.id == key).with_for_update())
    session.refresh(row)


def lock_against_writers(session: Session, *models: type[Base]) -> None:
    """Keep others from writing to the tables of ``models`` until this transaction ends.

    Readers go on. The embedded engine has one writer anyway: the transaction must be a writing one.
    """
    if session.get_bind().dialect.name == "sqlite":
        return
    for model in models:
        session.execute(text(f'LOCK TABLE "{model.__tablename__}" IN EXCLUSIVE MODE'))
