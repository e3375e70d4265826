"""The nearest first, by the exact distance."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.database import utcnow
from civic.discovery.filters import ContributionFilter, Sort
from civic.discovery.lists.narrowing import conditions_of, count_total
from civic.discovery.lists.pages import COLUMNS, C, Cursor, Item, Page
from civic.discovery.map_data import is_counted
from civic.discovery.nearby import around, density
from civic.places.geometry import Position
from civic.search.queries import MOST_COUNTED, Search

MOST_NEAR = 400
"""« Near me » ends after so many: farther ones are not near."""


def near_page(
    session: Session,
    asked: ContributionFilter,
    here: Position,
    search: Search | None,
    size: int,
) -> Page:
    """The nearest first, by the exact distance; pages are cut by (distance, id)."""
    cursor = Cursor.parse(asked.cursor, Sort.NEAR)
    number = cursor.number if cursor else 1
    wanted = min(number * size + 1, MOST_NEAR + 1)
    around_here = density(session, asked, here, wanted)
    is_kept = asked.bbox is None and is_counted(asked)
    total = around_here.total if is_kept else count_total(session, asked, search)
    where = conditions_of(session, asked, search, in_order=True, by_place=True)
    radius = around_here.radius_m
    found = around(session, here, radius, *where)
    while len(found) < min(wanted, total) and radius < 100_000:
        radius *= 4
        found = around(session, here, radius, *where)
    found = found[:MOST_NEAR]
    metres = {row.id: distance for distance, row in found}
    order = [(round(distance, 3), row.id) for distance, row in found]
    start = 0
    if cursor is not None:
        begin = (cursor.value(), cursor.id)
        after = sum(pair < begin if cursor.is_backward else pair <= begin for pair in order)
        start = max(after - size, 0) if cursor.is_backward else after
    ids = [key for _, key in order[start : start + size]]
    rows = {row.id: row for row in session.execute(select(*COLUMNS).where(C.id.in_(ids)))}
    items = [Item(rows[key], metres=metres[key]) for key in ids if key in rows]
    day = f"{utcnow():%Y%m%d}"

    def at(index: int, page: int, *, back: bool) -> str:
        distance, key = order[index]
        return str(Cursor(Sort.NEAR, repr(distance), key, day, page, back))

    has_next = start + size < len(order)
    return Page(
        items=items,
        total=total if is_kept else min(total, MOST_COUNTED),
        is_exact=is_kept or total <= MOST_COUNTED,
        corrections=search.corrections if search else (),
        next_cursor=at(start + len(ids) - 1, number + 1, back=False) if has_next else "",
        previous_cursor=at(start, max(number - 1, 1), back=True) if start and ids else "",
    )
