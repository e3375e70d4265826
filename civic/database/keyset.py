"""Pages that go on where the last one ended, at the same cost however far down."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

Column = ColumnElement[Any] | InstrumentedAttribute[Any]


def follows(
    columns: Sequence[Column], key: Sequence[object], *, descending: bool = False
) -> ColumnElement[bool]:
    """Return the condition that a row comes after ``key`` in the order of ``columns``.

    ``key`` holds a value or an expression for each column; all go the same way and the last one
    tells equals apart. It is one comparison of rows, which an index of the columns answers; a row
    with a null among them never follows.
    """
    there = tuple_(
        *(
            value if isinstance(value, ColumnElement) else literal(value, column.type)
            for column, value in zip(columns, key, strict=True)
        )
    )
    here = tuple_(*columns)
    return here < there if descending else here > there
