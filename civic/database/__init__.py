"""The only code that knows there are two engines.

Everything above speaks SQLAlchemy; what differs between the embedded engine and PostgreSQL is
decided here once.
"""

from civic.database.base import Base
from civic.database.bulk import add_missing, fetch_rows, fill_defaults, insert_rows, upsert_add
from civic.database.clock import utcnow
from civic.database.engine import (
    alone,
    configure_engine,
    is_locked,
    is_unwritable,
    limit_cache,
    read_only,
    start_writing,
    stop_writing,
    url_for_data_dir,
    writing,
)
from civic.database.named import NamedCache
from civic.database.pace import Pace
from civic.database.public_change import raise_public_change
from civic.database.statements import (
    insert_many_or_ignore,
    insert_missing,
    insert_or_ignore,
    reserve_ids,
    table_of,
)
from civic.database.tables import read_again
from civic.database.types import JSONValue, UTCDateTime, plain_string, text_enum

__all__ = [
    "Base",
    "JSONValue",
    "NamedCache",
    "Pace",
    "UTCDateTime",
    "add_missing",
    "alone",
    "configure_engine",
    "fetch_rows",
    "fill_defaults",
    "insert_many_or_ignore",
    "insert_missing",
    "insert_or_ignore",
    "insert_rows",
    "is_locked",
    "is_unwritable",
    "limit_cache",
    "plain_string",
    "raise_public_change",
    "read_again",
    "read_only",
    "reserve_ids",
    "start_writing",
    "stop_writing",
    "table_of",
    "text_enum",
    "upsert_add",
    "url_for_data_dir",
    "utcnow",
    "writing",
]
