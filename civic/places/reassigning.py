"""Every placed row is given its area anew when the outlines of the town change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from sqlalchemy import ColumnElement, Table, bindparam, func, select, update
from sqlalchemy.orm import Session

from civic.database import Base, Pace, read_only
from civic.places.geometry import Position
from civic.places.models import Area
from civic.places.queries import get_outlines

BATCH = 500
"""So few that no reader or writer waits for long between two commits."""

Progress: TypeAlias = Callable[[int, int], None]
"""Called with how many are done, and of how many (0: not known yet)."""


@dataclass(frozen=True, eq=False)
class Located:
    """A table whose rows lie in areas: columns id, lat, lon and area_id.

    ``moved`` is told the ids of the rows that have come to lie in another area.
    """

    model: type[Base]
    moved: Callable[[Session, Sequence[int]], None] = lambda session, ids: None


_located: dict[type[Base], list[Located]] = {}


def register_located(located: Located) -> None:
    """Let the rows of a table be assigned anew when outlines change, and be told of it."""
    _located.setdefault(located.model, []).append(located)


def reassign(
    session: Session,
    progress: Progress = lambda done, of: None,
    commit: Callable[[], None] = lambda: None,
) -> int:
    """Find the area of every placed row anew; returns how many lie in another one.

    Reads in batches by id, and calls ``commit`` after each: memory does not grow with what is
    stored, and nobody waits for all of it. What has no position and belongs to a retired area is
    given the one that is there now.
    """
    session.flush()
    tables = [(cast("Table", model.__table__), told) for model, told in _located.items()]
    # Outlines take a while to read, and nobody has to wait for that.
    with read_only():
        of = sum(
            session.scalar(select(func.count()).select_from(table).where(table.c.lat.is_not(None)))
            or 0
            for table, _ in tables
        )
        get_outlines(session)
    commit()
    done = moved = 0
    pace = Pace(first=100, most=BATCH)
    for table, told in tables:
        last = 0
        while rows := _rows_after(session, table, last, pace.size):
            with pace.batch(len(rows)):
                changed = _assigned(session, rows)
                if changed:
                    _reassign(session, table, told, changed)
                # Also where nothing changed: who reads on may keep others from writing.
                commit()
            last = rows[-1].id
            moved += len(changed)
            done += len(rows)
            progress(done, of)
        with read_only():
            heirs = _with_heirs(session, table)
            commit()
        for part in pace.parts(heirs, commit):
            _reassign(session, table, told, part)
        moved += len(heirs)
    session.expire_all()
    return moved


def _reassign(
    session: Session, table: Table, told: Sequence[Located], changed: Sequence[dict[str, Any]]
) -> None:
    ids = [values["row"] for values in changed]
    session.connection().execute(_moving(table), list(changed))
    for item in told:
        item.moved(session, ids)


def _rows_after(session: Session, table: Table, last: int, limit: int) -> Sequence[Any]:
    return session.execute(
        select(table.c.id, table.c.lat, table.c.lon, table.c.area_id)
        .where(table.c.id > last, table.c.lat.is_not(None))
        .order_by(table.c.id)
        .limit(limit)
    ).all()


def _assigned(session: Session, rows: Sequence[Any]) -> list[dict[str, Any]]:
    index = get_outlines(session).index
    found = index.find_many([Position(row.lat, row.lon) for row in rows])
    return [
        {"row": row.id, "area": areas[0] if areas else None}
        for row, areas in zip(rows, found, strict=True)
        if row.area_id != (areas[0] if areas else None)
    ]


def _with_heirs(session: Session, table: Table) -> list[dict[str, Any]]:
    """Return the rows without a position in retired areas, with the areas that took over."""
    rows = session.execute(
        select(table.c.id, Area.label_lat, Area.label_lon)
        .join(Area, Area.id == table.c.area_id)
        .where(table.c.lat.is_(None), Area.retired_at.is_not(None))
    ).all()
    index = get_outlines(session).index
    found = index.find_many([Position(row.label_lat, row.label_lon) for row in rows])
    return [
        {"row": row.id, "area": areas[0] if areas else None}
        for row, areas in zip(rows, found, strict=True)
    ]


def _moving(table: Table) -> Any:
    here: ColumnElement[bool] = table.c.id == bindparam("row")
    return update(table).where(here).values(area_id=bindparam("area"))
