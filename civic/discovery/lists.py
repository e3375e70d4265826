"""Lists of contributions: complete, ordered, cut into pages by the key of their order.

A page begins after the (key, id) that the one before ended with, never at a number of rows. So what
nobody touches while somebody turns the pages is met once and is never skipped, whatever is
voted, published or hidden meanwhile. What is touched moves: an idea whose support passes that of
the cursor is on an earlier page from then on, one that falls behind it is met again, with the
new number. The cursor keeps the key as it was, so the place in the order stays where it was.

A list is narrowed by whatever index fits while few rows answer; when many do, it is read in its own
order and ends with the page. Either way the cost is that of the page, not of what is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, func, literal, select, tuple_, union_all
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions.kinds import kinds
from civic.contributions.map_layers import CONTRIBUTIONS
from civic.contributions.models import IS_LITTLE_SEEN, IS_PUBLISHED, Contribution
from civic.contributions.workflow import StatusType
from civic.database import utcnow
from civic.discovery.filters import ContributionFilter, Sort, conditions
from civic.discovery.map_data import is_counted, totals
from civic.discovery.nearby import around, density
from civic.discovery.ranking import little_seen_order, little_seen_places, with_little_seen
from civic.places.geometry import Position
from civic.search.queries import MOST_COUNTED, Search, condition, understand
from civic.text.references import normalise_reference

PAGE_SIZE = 20
MOST_NEAR = 400
"""« Near me » ends after so many: farther ones are not near."""
LITTLE_SEEN_POOL = 200
COMMON = 2_000
"""More than so many are not sorted for a page: the list is read in its own order instead."""

C = Contribution
CARD_COLUMNS = (
    C.reference,
    C.kind,
    C.title,
    func.substr(C.body, 1, 600).label("body"),
    C.status,
    C.status_type,
    C.category_id,
    C.area_id,
    C.address,
    C.submitted_at,
    C.due_at,
    C.vote_count,
    C.comment_count,
    C.cover_key,
    C.hot,
)
_COLUMNS = (C.id, C.lat, C.lon, *CARD_COLUMNS)


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


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a page; ``row`` holds id, lat, lon and CARD_COLUMNS."""

    row: Row[Any]
    is_little_seen: bool = False
    metres: float | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a list. ``total`` is exact up to MOST_COUNTED; from there on ``is_exact`` is false.

    ``corrections`` are words taken for typing errors: (as typed, as understood).
    """

    items: list[Item]
    total: int
    is_exact: bool = True
    next_cursor: str = ""
    previous_cursor: str = ""
    corrections: tuple[tuple[str, str], ...] = ()


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
        if self.sort in {Sort.SUPPORTED, Sort.DISCUSSED}:
            number = int(self.key)
            if abs(number) >= 1 << 31:
                raise ValueError(self.key)
            return number
        value = float(self.key)
        if not abs(value) < 1e12:
            raise ValueError(self.key)
        return value


def list_page(
    session: Session, asked: ContributionFilter, actor: Actor, *, size: int = PAGE_SIZE
) -> Page:
    """Return one page of what is public and what ``asked`` says, in its order.

    Everybody sees the same list: ``actor`` is who asks, for rules to come. Without an order it is
    the hottest first for ideas alone, the newest first otherwise; « near me » without a place too.
    """
    sort = effective_sort(asked)
    if sort is Sort.WAITING and not asked.status_types:
        asked = replace(asked, status_types=(StatusType.OPEN,))
    asked = _of_contributions(asked)
    search = understand(session, asked.text) if asked.text else None
    if search is not None and not search.answers:
        return Page([], 0)
    if sort is Sort.NEAR and asked.near is not None:
        return _near_page(session, asked, asked.near, search, size)
    total = _total(session, asked, search)
    return _keyset_page(session, asked, sort, search, total, size)


def effective_sort(asked: ContributionFilter) -> Sort:
    """Return the order that is meant."""
    if asked.sort is not None and (asked.sort is not Sort.NEAR or asked.near is not None):
        return asked.sort
    return Sort.HOT if asked.kinds == ("idea",) and not asked.text else Sort.NEWEST


def _of_contributions(asked: ContributionFilter) -> ContributionFilter:
    """Leave out what is on the map only: service actions have lists of their own."""
    codes = tuple(kind.code for kind in kinds)
    wanted = tuple(code for code in asked.kinds if code in codes)
    return replace(asked, kinds=wanted or (("",) if asked.kinds else codes))


# ------------------------------------------------------------------------------------- totals


def _total(session: Session, asked: ContributionFilter, search: Search | None) -> int:
    """Return how many there are, at most MOST_COUNTED + 1 where they have to be counted."""
    if asked.bbox is None and is_counted(asked):
        return totals(session, asked).total
    every_kind = len(asked.kinds) == len(tuple(kinds))
    only_text = replace(asked, text="", kinds=()).is_empty and asked.bbox is None
    if search is not None and only_text and every_kind:
        return search.answers
    where = _where(session, asked, search, in_order=False)
    some = select(literal(1)).select_from(C).where(*where).limit(MOST_COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _is_read_in_order(search: Search | None, total: int) -> bool:
    """Words are looked up at once while their answers are few enough to be counted."""
    return total > COMMON if search is None else search.is_common and total > COMMON


def _where(
    session: Session,
    asked: ContributionFilter,
    search: Search | None,
    *,
    in_order: bool,
    by_time: bool = False,
    by_place: bool = False,
) -> list[ColumnElement[bool]]:
    """Return the conditions; ``in_order`` spells them so that no index but the order's is used.

    ``by_time``: the order is by the moment; ``by_place``: by the cells around a place.
    """
    layer = CONTRIBUTIONS
    if in_order:
        layer = replace(
            layer,
            category_id=func.coalesce(C.category_id, C.category_id),
            area_id=func.coalesce(C.area_id, C.area_id),
            department_id=func.coalesce(C.department_id, C.department_id),
            status_type=func.coalesce(C.status_type, C.status_type),
            status=func.coalesce(C.status, C.status),
            cell=func.coalesce(C.cell, C.cell),
            at=C.submitted_at if by_time else func.coalesce(C.submitted_at, C.submitted_at),
        )
    elif asked.area or asked.categories or asked.department or asked.text or asked.bbox:
        # Without statistics a planner takes kind or status for rare, and reads most of the table.
        layer = replace(
            layer,
            kind=func.coalesce(C.kind, C.kind),
            status_type=func.coalesce(C.status_type, C.status_type),
            status=func.coalesce(C.status, C.status),
        )
    if by_place:
        layer = replace(layer, kind=func.coalesce(C.kind, C.kind))
    found = conditions(session, replace(asked, text=""), layer=layer)
    if search is not None:
        found.append(condition(session, search, C.id, in_order=in_order))
    return found


# ------------------------------------------------------------------------------ pages by a key


def _keyset_page(
    session: Session,
    asked: ContributionFilter,
    sort: Sort,
    search: Search | None,
    total: int,
    size: int,
) -> Page:
    cursor = Cursor.parse(asked.cursor, sort)
    day = cursor.day if cursor else f"{utcnow():%Y%m%d}"
    number = cursor.number if cursor else 1
    where = _where(
        session,
        asked,
        search,
        in_order=_is_read_in_order(search, total),
        by_time=sort in {Sort.NEWEST, Sort.WAITING},
    )
    is_kept = asked.bbox is None and is_counted(asked)
    first = None if cursor else _exact_reference(session, asked)
    draw: list[int] = []
    places: tuple[int, ...] = ()
    if sort is Sort.HOT and asked.kinds == ("idea",) and search is None and total > size:
        places = little_seen_places(size, day, number)
        draw = _draw(session, where, day, number, len(places))
    left_out = draw + ([first.id] if first is not None else [])
    ranked, more, drawn = _ranked(
        session, sort, [*where, *_not_among(left_out)], cursor, size - len(left_out), draw
    )
    items = [Item(row, mark) for row, mark in with_little_seen(ranked, drawn, places)]
    if first is not None:
        items.insert(0, Item(first))
    return Page(
        items=items,
        total=total if is_kept else min(total, MOST_COUNTED),
        is_exact=is_kept or total <= MOST_COUNTED,
        corrections=search.corrections if search else (),
        **_neighbours(sort, ranked, cursor, day, number, more=more),
    )


def _ranked(
    session: Session,
    sort: Sort,
    where: Sequence[ColumnElement[bool]],
    cursor: Cursor | None,
    size: int,
    draw: Sequence[int],
) -> tuple[list[Row[Any]], bool, list[Row[Any]]]:
    """Return one page in order, whether more follow in its direction, and the rows of ``draw``.

    In one statement.
    """
    order = ORDERS[sort]
    backward = cursor is not None and cursor.is_backward
    descending = order.is_descending != backward
    statement: Select[Any] = select(*_COLUMNS).where(*where)
    if cursor is not None:
        here = tuple_(order.column, C.id)
        there = tuple_(literal(cursor.value(), order.column.type), literal(cursor.id, C.id.type))
        statement = statement.where(here < there if descending else here > there)
    if descending:
        statement = statement.order_by(order.column.desc(), C.id.desc())
    else:
        statement = statement.order_by(order.column.asc(), C.id.asc())
    statement = statement.limit(size + 1)
    drawn: dict[int, Row[Any]] = {}
    if draw:
        ranked = statement.subquery()
        both = union_all(
            select(*_COLUMNS).where(C.id.in_(draw), IS_PUBLISHED), select(*ranked.columns)
        )
        found = session.execute(both).all()
        drawn = {row.id: row for row in found if row.id in draw}
        rows = [row for row in found if row.id not in draw]
        at = order.column.key
        rows.sort(key=lambda row: (getattr(row, at), row.id), reverse=descending)
    else:
        rows = list(session.execute(statement))
    kept = rows[:size]
    in_draw = [drawn[id] for id in draw if id in drawn]
    return (kept[::-1] if backward else kept), len(rows) > size, in_draw


def _neighbours(
    sort: Sort,
    ranked: Sequence[Row[Any]],
    cursor: Cursor | None,
    day: str,
    number: int,
    *,
    more: bool,
) -> dict[str, str]:
    if not ranked:
        return {}
    backward = cursor is not None and cursor.is_backward
    has_next = more or backward
    has_previous = cursor is not None and (more if backward else True)

    def at(row: Row[Any], page: int, *, back: bool) -> str:
        return str(Cursor(sort, _key(sort, row), row.id, day, page, back))

    return {
        "next_cursor": at(ranked[-1], number + 1, back=False) if has_next else "",
        "previous_cursor": at(ranked[0], max(number - 1, 1), back=True) if has_previous else "",
    }


def _key(sort: Sort, row: Row[Any]) -> str:
    if sort is Sort.HOT:
        return repr(float(row.hot))
    if sort is Sort.SUPPORTED:
        return str(row.vote_count)
    if sort is Sort.DISCUSSED:
        return str(row.comment_count)
    since = row.submitted_at - datetime(1970, 1, 1, tzinfo=UTC)
    return str(since // timedelta(microseconds=1))


def _not_among(ids: Sequence[int]) -> list[ColumnElement[bool]]:
    return [C.id.not_in(ids)] if ids else []


def _exact_reference(session: Session, asked: ContributionFilter) -> Row[Any] | None:
    """Return what bears the reference that was typed: it stands first."""
    reference = normalise_reference(asked.text) if asked.text else None
    if reference is None:
        return None
    where = conditions(session, replace(asked, text=""))
    return session.execute(select(*_COLUMNS).where(C.reference == reference, *where)).first()


def _draw(
    session: Session,
    where: Sequence[ColumnElement[bool]],
    day: str,
    number: int,
    count: int,
) -> list[int]:
    """Return the ids of the ideas that the draw of ``day`` gives page ``number``.

    Drawn from the youngest that few have supported. The order of the others stays complete: one
    that was drawn is met again at its own place, on another page.
    """
    pool = session.execute(
        select(C.id, C.reference)
        .where(*where, IS_LITTLE_SEEN)
        .order_by(C.submitted_at.desc(), C.id.desc())
        .limit(LITTLE_SEEN_POOL)
    )
    ids = {row.reference: row.id for row in pool}
    chosen = little_seen_order(ids, day)[(number - 1) * count : number * count]
    return [ids[reference] for reference in chosen]


# ------------------------------------------------------------------------------------- near me


def _near_page(
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
    total = around_here.total if is_kept else _total(session, asked, search)
    where = _where(session, asked, search, in_order=True, by_place=True)
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
    rows = {row.id: row for row in session.execute(select(*_COLUMNS).where(C.id.in_(ids)))}
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
