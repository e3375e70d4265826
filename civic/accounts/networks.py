"""The hash of the network address that something came from, and when it is forgotten.

The hash is keyed, but there are few enough addresses to try them all: whoever has the key can
find the address again. It is personal data, and goes after :data:`KEEPS_NETWORKS`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, Table, select, update
from sqlalchemy.orm import Session

from civic.database import Base, utcnow

KEEPS_NETWORKS: Final = timedelta(days=30)
BATCH = 500
"""Rows a transaction: nobody waits long for it."""
_COLUMN = "network_key"
_WRITTEN = ("submitted_at", "created_at", "at")
"""The columns that say when a row was written, of which each table has one."""


def network_columns() -> Iterator[tuple[Table, Column[datetime]]]:
    """Yield every table that keeps the hash, with its column of when the row was written.

    Raises LookupError for a table that does not say when.
    """
    for table in Base.metadata.sorted_tables:
        if _COLUMN in table.c:
            name = next((name for name in _WRITTEN if name in table.c), None)
            if name is None:
                raise LookupError(f"{table.name} keeps {_COLUMN} and does not say since when")
            yield table, table.c[name]


def forget_networks(session: Session) -> int:
    """Remove the hashes of what is older than 30 days, committing in batches; return how many."""
    before = utcnow() - KEEPS_NETWORKS
    return sum(_forget(session, table, written, before) for table, written in network_columns())


def _forget(session: Session, table: Table, written: Column[datetime], before: datetime) -> int:
    key = table.c[_COLUMN]
    # Above the empty text and not « is not null »: the index on the column is used.
    old = select(table.c.id).where(key > "", written < before).limit(BATCH)
    done = 0
    while ids := session.scalars(old).all():
        value = None if key.nullable else ""
        session.execute(update(table).where(table.c.id.in_(ids)).values({_COLUMN: value}))
        session.commit()
        done += len(ids)
    return done
