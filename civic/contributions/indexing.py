"""What of a contribution can be found by its words: kept in step within every transaction.

Only what is published is in the index; what is hidden, redacted or deleted leaves it at once.
Statements that go past the session's objects (bulk inserts, ``update()``) are not seen: whoever
writes them tells :func:`index_ids`, or calls :func:`rebuild_index` when done.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, event, func, inspect, select
from sqlalchemy.orm import Session

from civic.contributions.models import Contribution, ModerationState
from civic.database import Pace, raise_public_change
from civic.places.models import Area
from civic.places.reassigning import Located, register_located
from civic.search import operations as search
from civic.taxonomy.models import Category
from civic.text.addresses import address_key
from civic.text.markdown import plain_text
from civic.text.references import part_terms

BATCH = 500

Progress = Callable[[int, int], None]
"""Called with how many are done, and of how many."""

_TABLE = cast("Table", Contribution.__table__)
_TRACKED = (
    "moderation_state",
    "title",
    "body",
    "address",
    "reference",
    "category",
    "category_id",
    "area",
    "area_id",
)
_NAMES: dict[type[Category | Area], tuple[str, ...]] = {
    Category: ("name", "name_en"),
    Area: ("name",),
}
_MARKS = re.compile(r"[*_`\[\]()<>#~\\&|!+\-=\n]")


class FoundBy(NamedTuple):
    """What a published contribution is found by."""

    id: int
    reference: str
    title: str
    body: str
    address: str
    category: str
    category_en: str
    area: str | None


def index_many(session: Session, contributions: Iterable[FoundBy]) -> None:
    """Let published contributions be found: for importers, which have the texts at hand."""
    found_by = list(contributions)
    search.put_texts(
        session,
        {item.id: _texts(item) for item in found_by},
        {item.id: part_terms(item.reference) for item in found_by},
    )


def index_ids(session: Session, ids: Sequence[int]) -> None:
    """Bring the index in step with the stored contributions ``ids``, whatever their state."""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), BATCH):
        some = wanted[start : start + BATCH]
        rows = _read(session, some)
        index_many(session, rows)
        present = {row.id for row in rows}
        search.remove(session, [id for id in some if id not in present])


def rebuild_index(
    session: Session,
    progress: Progress = lambda done, of: None,
    *,
    commit: Callable[[], None] = lambda: None,
) -> int:
    """Make the whole index anew; returns how many contributions can be found.

    Committed in batches, so that others write in between; what is found stays found meanwhile.
    """
    published = _TABLE.c.moderation_state == ModerationState.PUBLISHED
    count = session.scalar(select(func.count()).select_from(_TABLE).where(published)) or 0
    search.forget_words(session)
    search.keep_only(session, select(_TABLE.c.id).where(published))
    raise_public_change(session)
    commit()
    pace = Pace(first=100, most=BATCH)
    last, done = 0, 0
    of_all = select(_TABLE.c.id).where(published).order_by(_TABLE.c.id)
    while ids := session.scalars(of_all.where(_TABLE.c.id > last).limit(pace.size)).all():
        with pace.batch(len(ids)):
            index_ids(session, ids)
            raise_public_change(session)
            commit()
        last, done = ids[-1], done + len(ids)
        progress(done, count)
    search.tidy(session, commit)
    return done


def _read(session: Session, ids: Sequence[int]) -> list[FoundBy]:
    category, area = cast("Table", Category.__table__), cast("Table", Area.__table__)
    statement = (
        select(
            _TABLE.c.id,
            _TABLE.c.reference,
            _TABLE.c.title,
            _TABLE.c.body,
            _TABLE.c.address,
            category.c.name,
            category.c.name_en,
            area.c.name,
        )
        .join_from(_TABLE, category, _TABLE.c.category_id == category.c.id)
        .outerjoin(area, _TABLE.c.area_id == area.c.id)
        .where(_TABLE.c.id.in_(ids), _TABLE.c.moderation_state == ModerationState.PUBLISHED)
    )
    return [FoundBy(*row) for row in session.connection().execute(statement)]


def _texts(item: FoundBy) -> list[str]:
    # Reading Markdown takes longer than all the rest: most reports have none.
    body = plain_text(item.body) if _MARKS.search(item.body) else item.body
    address = item.address
    found = [item.reference, item.title, body, address, _key_of(address)]
    return [*found, item.category, item.category_en, item.area or ""]


@lru_cache(maxsize=4_096)
def _key_of(address: str) -> str:
    return address_key(address)


# ------------------------------------------------------------------------------------- in step


def listen() -> None:
    """Keep the index in step with every flush and new outline; asking again changes nothing."""
    if not event.contains(Session, "after_flush", _after_flush):
        register_located(Located(Contribution, moved=index_ids))
        event.listen(Session, "before_flush", _before_flush)
        event.listen(Session, "after_flush", _after_flush)


def _after_flush(session: Session, _context: Any) -> None:
    changed = [item.id for item in session.new if isinstance(item, Contribution)]
    for item in session.dirty:
        if isinstance(item, Contribution) and _has_changed(item, _TRACKED):
            changed.append(item.id)
        if isinstance(item, Category | Area) and _has_changed(item, _NAMES[type(item)]):
            changed += _belonging_to(session, item)
    if changed:
        index_ids(session, changed)


def _before_flush(session: Session, _context: Any, _instances: Any) -> None:
    # While the row of the index is still there: one of the engines deletes it with the other.
    gone = [item.id for item in session.deleted if isinstance(item, Contribution)]
    if gone:
        search.remove(session, gone)


def _has_changed(item: object, names: Iterable[str]) -> bool:
    attributes = inspect(item).attrs
    return any(attributes[name].history.has_changes() for name in names)


def _belonging_to(session: Session, item: Category | Area) -> list[int]:
    column = _TABLE.c.category_id if isinstance(item, Category) else _TABLE.c.area_id
    ids = session.connection().execute(select(_TABLE.c.id).where(column == item.id))
    return list(ids.scalars())
