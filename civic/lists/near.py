"""The nearest first, by the exact distance."""

import math
from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from civic.contributions.nearby import around
from civic.counting.density import radius_of
from civic.counting.queries import find_counted
from civic.finding.filters import ContributionFilter, Sort
from civic.lists.narrowing import conditions_of, count_total
from civic.lists.pages import COLUMNS, C, Cursor, Item, Page, neighbours
from civic.places.geometry import Position
from civic.search.queries import Search

FARTHEST = 20_100_000.0
"""Metres: nothing on Earth is farther away."""
MOST_LIKELY = 2_000
"""The radius to begin with is looked up for so many things at most."""


def near_page(
    session: Session,
    asked: ContributionFilter,
    here: Position,
    search: Search | None,
    size: int,
) -> Page:
    """The nearest first, by the exact distance; pages are cut by (distance, id).

    What has no place is neither on a page nor in the total.
    """
    cursor = Cursor.parse(asked.cursor, Sort.NEAR)
    number = cursor.number if cursor else 1
    total = count_total(session, asked, search, placed=True)
    where = conditions_of(session, asked, search, in_order=True, by_place=True)
    backward = cursor is not None and cursor.is_backward
    if cursor is not None and backward:
        found = _before(session, here, (cursor.value(), cursor.id), size, where)
    else:
        wanted = min(number * size + 1, MOST_LIKELY)
        found_all = find_counted(session, asked, search)
        radius = radius_of(found_all, here, wanted) if total > MOST_LIKELY else FARTHEST
        after = (cursor.value(), cursor.id) if cursor else (-1.0, 0)
        found = _after(session, here, after, radius, size, where)
    more = len(found) > size
    shown = (found[-size:] if backward else found[:size]) if more else found
    rows = {
        row.id: row
        for row in session.execute(select(*COLUMNS).where(C.id.in_([key for _, key in shown])))
    }
    return Page(
        items=[Item(rows[key], metres=metres) for metres, key in shown if key in rows],
        total=total,
        corrections=search.corrections if search else (),
        **neighbours(Sort.NEAR, [(repr(metres), id) for metres, id in shown], cursor, more=more),
    )


_Place = tuple[float, int]
"""Metres to the millimetre, and the id: what orders the list."""


def _after(
    session: Session,
    here: Position,
    place: _Place,
    radius: float,
    size: int,
    where: Sequence[ColumnElement[bool]],
) -> list[_Place]:
    """Return ``size`` + 1 things behind ``place``, fewer only when there are no more."""
    found: list[_Place] = []
    for wider in (1.0, 6.0, math.inf):
        outer = min(max(radius, place[0] * 1.2) * wider, FARTHEST)
        found = _between(session, here, place[0], outer, where)
        found = [its_place for its_place in found if its_place > place]
        if len(found) > size or outer == FARTHEST:
            break
    return found[: size + 1]


def _before(
    session: Session,
    here: Position,
    place: _Place,
    size: int,
    where: Sequence[ColumnElement[bool]],
) -> list[_Place]:
    """Return ``size`` + 1 things in front of ``place``, fewer only when there are no more."""
    inner = place[0] * 0.8
    while True:
        found = _between(session, here, inner, place[0] + 0.001, where)
        found = [its_place for its_place in found if inner <= its_place[0] and its_place < place]
        if len(found) > size or inner < 1:
            return found[-size - 1 :]
        inner = inner / 2 if inner > 2 else 0.0


def _between(
    session: Session,
    here: Position,
    inner: float,
    outer: float,
    where: Sequence[ColumnElement[bool]],
) -> list[_Place]:
    found = around(session, here, outer, *where, beyond_m=inner)
    return sorted((round(metres, 3), row.id) for metres, row in found)
