"""The public change number: raised by what the public can see, and by nothing else.

It is the stamp of every cache. Each transaction that changes something public adds one to a row
of :class:`PublicChange` just before it commits, and the number is the sum of the rows. A commit
becomes visible together with what it added: whoever reads the same sum twice has seen every public
change in between, in whatever order writers committed. Several rows instead of one keep writers on
PostgreSQL from waiting for each other; the embedded engine has one writer anyway.

Objects that a session flushes are asked (:meth:`civic.database.base.Base.shows`); of other
statements the table decides (:attr:`civic.database.base.Base.is_shown`), so that none is missed.
"""

import re
import threading
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, event
from sqlalchemy.orm import Mapped, Session, mapped_column

from civic.database.base import Base

SHARDS = 16

_CHANGED = "civic_public_change"
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


def watch_writes(engine: Engine) -> None:
    """Attach what raises the number to ``engine``."""
    event.listen(engine, "before_cursor_execute", _note_statement)
    event.listen(engine, "commit", _raise)
    event.listen(engine, "rollback", _forget)


def _note_statement(
    connection: Connection, _cursor: object, statement: str, *_others: object
) -> None:
    if not _is_flushing.get() and _is_public(statement):
        connection.info[_CHANGED] = True


@lru_cache(maxsize=2_048)
def _is_public(statement: str) -> bool:
    """Whether a statement writes to a table that the public sees something of."""
    head = statement.lstrip()[:6].upper()
    if head.startswith("WITH"):
        tables = _WRITES.findall(statement)
    elif head in {"INSERT", "UPDATE", "DELETE"}:
        tables = _WRITES.findall(statement)[:1]
    else:
        return False
    return any(
        table not in _private_tables() and not table.startswith(_DERIVED) for table in tables
    )


@cache
def _private_tables() -> frozenset[str]:
    models = [mapper.class_ for mapper in Base.registry.mappers]
    return frozenset(model.__tablename__ for model in models if not model.is_shown)


def _raise(connection: Connection) -> None:
    if not connection.info.pop(_CHANGED, False):
        return
    if connection.get_execution_options().get(_EXEMPT):
        return
    embedded = connection.dialect.name == "sqlite"
    shard = 0 if embedded else threading.get_native_id() % SHARDS
    connection.exec_driver_sql(_RAISE.format(shard=shard))


def _forget(connection: Connection) -> None:
    connection.info.pop(_CHANGED, None)


@event.listens_for(Session, "before_flush")
def _begin_flush(_session: Session, _context: Any, _instances: Any) -> None:
    _is_flushing.set(True)


@event.listens_for(Session, "after_flush")
def _note_flush(session: Session, _context: Any) -> None:
    _is_flushing.set(False)
    touched: list[Any] = [*session.new, *session.deleted]
    touched += [item for item in session.dirty if session.is_modified(item)]
    if any(item.shows() for item in touched if isinstance(item, Base)):
        raise_public_change(session)


@event.listens_for(Session, "after_soft_rollback")
def _end_flush(_session: Session, _previous: Any) -> None:
    _is_flushing.set(False)
