"""Column types that behave alike on both engines."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, DateTime, Enum, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

JSONValue = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""JSON text on the embedded engine, JSONB on PostgreSQL; ``None`` is SQL NULL on both."""


def plain_string(length: int) -> String:
    """Return a column type for words that are compared byte by byte, whatever the language.

    So that a range of beginnings is the same range, and an order the same order, on both engines.
    """
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware in, aware out, stored in UTC.

    Raises ValueError when given a naive datetime, whose zone nobody can know.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values and convert the others to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware value in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def text_enum(enum: type[StrEnum], *, length: int = 24) -> Enum:
    """Return a column type that stores the values of ``enum`` as text, kept by a CHECK."""
    return Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        length=length,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
        name=_constraint_name(enum),
    )


def _constraint_name(enum: type[Any]) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in enum.__name__).lstrip("_")
