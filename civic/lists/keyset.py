"""Pages cut by the key of the order, with a few places given away by lot."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select, union_all
from sqlalchemy.orm import Session

from civic.contributions.models import IS_LITTLE_SEEN, IS_PUBLISHED
from civic.database import utcnow
from civic.database.keyset import follows
from civic.finding.filters import ContributionFilter, Sort, conditions
from civic.lists.narrowing import conditions_of, is_read_in_order
from civic.lists.pages import COLUMNS, ORDERS, C, Cursor, Item, Page, neighbours
from civic.lists.ranking import little_seen_order, little_seen_places, with_little_seen
from civic.search.queries import Search
from civic.text.references import normalise_reference

LITTLE_SEEN_POOL = 200


def keyset_page(
    session: Session,
    asked: ContributionFilter,
    sort: Sort,
    search: Search | None,
    total: int,
    size: int,
) -> Page:
    """Return the page after the cursor of ``asked``, in the order of the column of ``sort``."""
    cursor = Cursor.parse(asked.cursor, sort)
    day = cursor.day if cursor else f"{utcnow():%Y%m%d}"
    number = cursor.number if cursor else 1
    where = conditions_of(
        session,
        asked,
        search,
        in_order=is_read_in_order(total),
        by_time=sort in {Sort.NEWEST, Sort.WAITING},
    )
    first = None if cursor else _exact_reference(session, asked)
    draw: list[int] = []
    places: tuple[int, ...] = ()
    if sort is Sort.HOT and asked.kinds == ("idea",) and search is None and total > size:
        places = little_seen_places(size, day, number)
        draw = _draw(session, where, day, number, len(places))
    left_out = draw + ([first.id] if first is not None else [])
    apart = [*where, *_not_among(left_out)]
    ranked, more, drawn = _ranked(session, asked, sort, apart, cursor, size - len(left_out), draw)
    if draw and not ranked:
        # The last ones in order were all drawn: they stand at their own places instead.
        places = ()
        ranked, more, drawn = _ranked(session, asked, sort, where, cursor, size, [])
    items = [Item(row, mark) for row, mark in with_little_seen(ranked, drawn, places)]
    if first is not None:
        items.insert(0, Item(first))
    return Page(
        items=items,
        total=total,
        corrections=search.corrections if search else (),
        **neighbours(sort, [(_key(sort, row), row.id) for row in ranked], cursor, more=more),
    )


def _ranked(
    session: Session,
    asked: ContributionFilter,
    sort: Sort,
    where: Sequence[ColumnElement[bool]],
    cursor: Cursor | None,
    size: int,
    draw: Sequence[int],
) -> tuple[list[Row[Any]], bool, list[Row[Any]]]:
    """Return one page in order, whether more follow in its direction, and the rows of ``draw``.

    In one statement.
    """
    backward = cursor is not None and cursor.is_backward
    descending = ORDERS[sort].is_descending != backward
    at = ORDERS[sort].column.key
    arms = [
        _arm(sort, [*where, *more], cursor, size + 1, descending=descending)
        for more in _one_index_each(sort, asked.kinds)
    ]
    if draw:
        arms.append(select(*COLUMNS).where(C.id.in_(draw), IS_PUBLISHED))
    found = session.execute(_together(arms)).all()
    drawn = {row.id: row for row in found if row.id in draw}
    rows = [row for row in found if row.id not in draw]
    rows.sort(key=lambda row: (getattr(row, at), row.id), reverse=descending)
    kept = rows[:size]
    in_draw = [drawn[id] for id in draw if id in drawn]
    return (kept[::-1] if backward else kept), len(rows) > size, in_draw


def _one_index_each(sort: Sort, kinds: Sequence[str]) -> list[list[ColumnElement[bool]]]:
    """Return conditions each of which one index has in the order ``sort``; together they are all.

    The heat and the moment have indexes across kinds, the other orders one a kind.
    """
    if sort in {Sort.HOT, Sort.NEWEST} or len(kinds) < 2:
        return [[]]
    return [[C.kind == kind] for kind in kinds]


def _arm(
    sort: Sort,
    where: Sequence[ColumnElement[bool]],
    cursor: Cursor | None,
    most: int,
    *,
    descending: bool,
) -> Select[Any]:
    column = ORDERS[sort].column
    statement: Select[Any] = select(*COLUMNS).where(*where)
    if cursor is not None:
        key = (cursor.value(), cursor.id)
        statement = statement.where(follows((column, C.id), key, descending=descending))
    if descending:
        statement = statement.order_by(column.desc(), C.id.desc())
    else:
        statement = statement.order_by(column.asc(), C.id.asc())
    return statement.limit(most)


def _together(arms: Sequence[Select[Any]]) -> Any:
    if len(arms) == 1:
        return arms[0]
    return union_all(*(select(*arm.subquery().columns) for arm in arms))


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
    return session.execute(select(*COLUMNS).where(C.reference == reference, *where)).first()


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
