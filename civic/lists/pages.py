"""What a page of a list is made of: columns, orders, rows, and the cursor to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, func, select

from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.contributions.projection import public_columns
from civic.database import utcnow
from civic.finding.filters import Sort

PAGE_SIZE = 20

C = Contribution
# Of the text, a card needs the beginning only.
COLUMNS = (*public_columns({"body": func.substr(C.body, 1, 600)}), C.hot)


def select_cards() -> Select[Any]:
    """Select what a card shows of everything published; order and number are the caller's."""
    statement: Select[Any] = select(*COLUMNS).where(IS_PUBLISHED)
    return statement


class _Order(NamedTuple):
    """A column and its direction; the id goes the same way."""

    column: Any
    is_descending: bool


ORDERS = {
    Sort.HOT: _Order(C.hot, is_descending=True),
    Sort.NEWEST: _Order(C.submitted_at, is_descending=True),
    Sort.SUPPORTED: _Order(C.vote_count, is_descending=True),
    Sort.DISCUSSED: _Order(C.comment_count, is_descending=True),
    Sort.WAITING: _Order(C.submitted_at, is_descending=False),
}


_LARGEST = {Sort.SUPPORTED: 1 << 31, Sort.DISCUSSED: 1 << 31, Sort.RELEVANT: 1 << 63}
"""What whole numbers may be the key of a cursor."""


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a page; ``row`` is one of :func:`select_cards`."""

    row: Row[Any]
    is_little_seen: bool = False
    metres: float | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a list, and how many there are in all: exactly.

    ``corrections`` are words taken for typing errors: (as typed, as understood). ``number`` counts
    pages from 1, as the reader turned them.
    """

    items: list[Item]
    total: int
    next_cursor: str = ""
    previous_cursor: str = ""
    corrections: tuple[tuple[str, str], ...] = ()
    number: int = 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after ``key`` and ``id`` in the direction of reading.

    ``day`` seeds the draw of little-seen ones and ``number`` is the page's: both stay as they were
    when the reader began.
    """

    sort: Sort
    key: str
    id: int
    day: str
    number: int = 1
    is_backward: bool = False

    def __str__(self) -> str:
        """Return the text for an address."""
        way = "b" if self.is_backward else "f"
        return "~".join((self.sort, way, self.key, str(self.id), self.day, str(self.number)))

    @classmethod
    def parse(cls, text: str, sort: Sort) -> "Cursor | None":
        """Return the cursor of ``sort`` in ``text``; None for anything else: the first page."""
        parts = text.split("~")
        if len(parts) != 6 or parts[0] != sort or parts[1] not in {"f", "b"}:
            return None
        try:
            datetime.strptime(parts[4], "%Y%m%d").replace(tzinfo=UTC)
            cursor = cls(sort, parts[2], int(parts[3]), parts[4], int(parts[5]), parts[1] == "b")
            cursor.value()
        except (ValueError, OverflowError):
            return None
        sane = 0 <= cursor.id < 1 << 62 and 0 < cursor.number < 1 << 31
        return cursor if sane else None

    def value(self) -> Any:
        """Return the key as the database compares it."""
        if self.sort in {Sort.NEWEST, Sort.WAITING}:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(self.key))
        if self.sort in _LARGEST:
            number = int(self.key)
            if abs(number) >= _LARGEST[self.sort]:
                raise ValueError(self.key)
            return number
        value = float(self.key)
        if not abs(value) < 1e12:
            raise ValueError(self.key)
        return value


def neighbours(
    sort: Sort, shown: Sequence[tuple[str, int]], cursor: Cursor | None, *, more: bool
) -> dict[str, Any]:
    """Return number and neighbours of the page that is ``shown``: (key, id) of each row in order.

    ``more``: whether there is more in the direction of ``cursor``.
    """
    number = cursor.number if cursor else 1
    if not shown:
        return {"number": number}
    day = cursor.day if cursor else f"{utcnow():%Y%m%d}"
    backward = cursor is not None and cursor.is_backward

    def at(place: tuple[str, int], page: int, *, back: bool) -> str:
        return str(Cursor(sort, *place, day, page, back))

    has_next, has_previous = more or backward, cursor is not None and (more or not backward)
    return {
        "number": number,
        "next_cursor": at(shown[-1], number + 1, back=False) if has_next else "",
        "previous_cursor": at(shown[0], max(number - 1, 1), back=True) if has_previous else "",
    }
