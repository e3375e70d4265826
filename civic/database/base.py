"""The declarative base of every model."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Integer, MetaData, Text, inspect
from sqlalchemy.orm import DeclarativeBase, registry

from civic.database.types import JSONValue, UTCDateTime

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key; the embedded engine numbers rows by itself only for the plain INTEGER."""


class Base(DeclarativeBase):
    """Plain, typed base: ``Mapped[datetime]`` is UTC, ``Mapped[dict]`` and ``Mapped[list]`` JSON.

    The type map sits on the registry, because Flask-SQLAlchemy 3.1 refuses it on the class.
    """

    registry = registry(
        metadata=MetaData(naming_convention=NAMING_CONVENTION),
        type_annotation_map={
            datetime: UTCDateTime,
            str: Text,
            dict[str, Any]: JSONValue,
            list[Any]: JSONValue,
            list[str]: JSONValue,
        },
    )

    is_shown: ClassVar[bool] = True
    """Whether the public sees anything of its rows (see civic.database.public_change)."""

    is_named: ClassVar[bool] = False
    """Whether lists name its rows: a change of them raises the number of names too."""

    def shows(self) -> bool:
        """Whether the public sees this row as it is now, or saw it before what is being flushed."""
        return self.is_shown


def values_around(row: Base, name: str) -> set[Any]:
    """Return the values of an attribute now and before what is being flushed.

    Empty where neither is known, because the row was not loaded.
    """
    history = inspect(row).attrs[name].history
    return {*(history.added or ()), *(history.unchanged or ()), *(history.deleted or ())}
