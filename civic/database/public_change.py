"""The public change number: raised by what the public can see, and by nothing else.

It is the stamp of every cache. Each transaction that changes something public adds one to a row
of :class:`PublicChange` just before it commits, and the number is the sum of the rows. A commit
becomes visible together with what it added: whoever reads the same sum twice has seen every public
change in between, in whatever order writers committed. Several rows instead of one keep writers on
PostgreSQL from waiting for each other; the embedded engine has one writer anyway.

What lists name (categories, departments, areas) has a number of its own in one row more, which the
sum counts too: names are read again when they were changed, not with each vote.

Objects that a session flushes are asked (:meth:`civic.database.base.Base.shows`); of other
statements the table decides (:attr:`civic.database.base.Base.is_shown`), so that none is missed.
"""

import re
import threading
import time
from collections.abc import Hashable
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, event
from sqlalchemy.orm import Mapped, Session, mapped_column

from civic.database.base import Base

SHARDS = 16
_NAMES = SHARDS
"""The row of what lists name."""

_CHANGED = "civic_public_change"
_RENAMED = "civic_names_changed"
_EXEMPT = "civic_exempt"
"""The execution option of connections that raise nothing: migrations, before there is the table."""
_DERIVED = ("contribution_text", "desk_text", "alembic_version")
"""Beginnings of tables without a model: each follows from others, or nobody sees it."""
_WRITES = re.compile(
    r"(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w+)", re.IGNORECASE
)
_RAISE = (
    "INSERT INTO public_change (shard, number) VALUES ({shard}, 1) "
    "ON CONFLICT (shard) DO UPDATE SET number = public_change.number + 1"
)
# A moment, not a count: a database that was restored and then changed has no number of before.
_RAISE_NAMES = (
    "INSERT INTO public_change (shard, number) VALUES ({shard}, {now}) ON CONFLICT (shard) "
    "DO UPDATE SET number = CASE WHEN public_change.number < excluded.number "
    "THEN excluded.number ELSE public_change.number + 1 END"
)
_READ_NAMES = f"SELECT number FROM public_change WHERE shard = {_NAMES}"  # noqa: S608 (a constant)
_is_flushing: ContextVar[bool] = ContextVar("civic_is_flushing", default=False)


class PublicChange(Base):
    """How often writers of one shard have changed what the public can see."""

    __tablename__ = "public_change"
    is_shown = False

    shard: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)


def raise_public_change(session: Session) -> None:
    """Have the transaction of ``session`` raise the number when it commits.

    For what neither objects nor statements tell: a derived table that was made anew.
    """
    session.connection().info[_CHANGED] = True


def note_rows(session: Session, model: type[Base]) -> None:
    """Say that rows of ``model`` were written in a way that no listener hears of."""
    if model.is_shown:
        raise_public_change(session)


def names_stamp(connection: Connection) -> Hashable:
    """Return the number of what lists name, as the transaction of ``connection`` sees it.

    Whoever reads the names after it, in the same transaction, has those of this number or newer
    ones. A transaction that has changed names itself has a stamp of its own, anew with each change.
    """
    own: object = connection.info.get(_RENAMED)
    if own:
        return own
    # Of the driver: all pages ask it, and the way through the statement costs ten times as much.
    driver: Any = connection.connection.driver_connection
    row = driver.execute(_READ_NAMES).fetchone()
    return row[0] if row else 0


def watch_writes(engine: Engine) -> None:
    """Attach what raises the number to ``engine``."""
    event.listen(engine, "before_cursor_execute", _note_statement)
    event.listen(engine, "commit", _raise)
    event.listen(engine, "rollback", _forget)


def _note_statement(
    connection: Connection, _cursor: object, statement: str, *_others: object
) -> None:
    if _is_flushing.get():
        return
    tables = _written_tables(statement)
    if any(table not in _private_tables() and not table.startswith(_DERIVED) for table in tables):
        connection.info[_CHANGED] = True
    if any(table in _named_tables() for table in tables):
        connection.info[_RENAMED] = object()


@lru_cache(maxsize=2_048)
def _written_tables(statement: str) -> list[str]:
    """Return the tables that a statement writes to."""
    head = statement.lstrip()[:6].upper()
    if head.startswith("WITH"):
        return _WRITES.findall(statement)
    return _WRITES.findall(statement)[:1] if head in {"INSERT", "UPDATE", "DELETE"} else []


@cache
def _private_tables() -> frozenset[str]:
    return frozenset(model.__tablename__ for model in _models() if not model.is_shown)


@cache
def _named_tables() -> frozenset[str]:
    return frozenset(model.__tablename__ for model in _models() if model.is_named)


def _models() -> list[type[Base]]:
    return [mapper.class_ for mapper in Base.registry.mappers]


def _raise(connection: Connection) -> None:
    changed, renamed = (connection.info.pop(flag, False) for flag in (_CHANGED, _RENAMED))
    if not changed or connection.get_execution_options().get(_EXEMPT):
        return
    if renamed:
        connection.exec_driver_sql(_RAISE_NAMES.format(shard=_NAMES, now=time.time_ns() // 1_000))
        return
    embedded = connection.dialect.name == "sqlite"
    shard = 0 if embedded else threading.get_native_id() % SHARDS
    connection.exec_driver_sql(_RAISE.format(shard=shard))


def _forget(connection: Connection) -> None:
    connection.info.pop(_CHANGED, None)
    connection.info.pop(_RENAMED, None)


@event.listens_for(Session, "before_flush")
def _begin_flush(_session: Session, _context: Any, _instances: Any) -> None:
    _is_flushing.set(True)


@event.listens_for(Session, "after_flush")
def _note_flush(session: Session, _context: Any) -> None:
    _is_flushing.set(False)
    touched: list[Any] = [*session.new, *session.deleted]
    touched += [item for item in session.dirty if session.is_modified(item)]
    rows = [item for item in touched if isinstance(item, Base)]
    if any(row.shows() for row in rows):
        raise_public_change(session)
    if any(row.is_named for row in rows):
        session.connection().info[_RENAMED] = object()


@event.listens_for(Session, "after_soft_rollback")
def _end_flush(_session: Session, _previous: Any) -> None:
    _is_flushing.set(False)
