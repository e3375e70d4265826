"""Counting anew: to fill the counts, and to prove them."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, TypeAlias, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    delete,
    func,
    insert,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from civic.contributions.map_layers import NO_CATEGORY, MapLayer, grouping, map_layers
from civic.database.functions import whole
from civic.database.tables import lock_against_writers
from civic.discovery.counts.in_step import settle
from civic.discovery.counts.shapes import (
    ALL_LEVEL,
    KEY,
    LEVELS,
    PENDING,
    PLACED,
    SUMS,
    UNITS_A_DEGREE,
    UNPLACED,
    Difference,
    Progress,
    cell_at,
)
from civic.discovery.models import MapCount


def rebuild(session: Session, progress: Progress = lambda done, of: None) -> int:
    """Make all counts anew; returns how many rows there are. Flushes, never commits.

    Writers wait until the transaction ends, readers see the old counts until then.
    """
    lock_against_writers(session, MapCount)
    session.flush()
    session.info.pop(PENDING, None)
    session.execute(delete(MapCount))
    steps = [(layer, step) for layer in map_layers for step in _steps()]
    names = ["level", "cell", "category_id", "kind", "status_type", "shard", *SUMS]
    for done, (layer, (level, per_category)) in enumerate(steps, start=1):
        counted = _counted(layer, level, per_category=per_category)
        if counted is not None:
            session.execute(insert(MapCount).from_select(names, counted))
        progress(done, len(steps))
    return session.scalar(select(func.count()).select_from(MapCount)) or 0


def verify(session: Session, progress: Progress = lambda done, of: None) -> list[Difference]:
    """Compare every count with counting anew; returns what differs, nothing when all is exact.

    Writers wait until the transaction ends, so that both sides are of one moment.
    """
    lock_against_writers(session, MapCount)
    settle(session)
    found: list[Difference] = []
    steps = list(_steps())
    for done, (level, per_category) in enumerate(steps, start=1):
        found += _compared(session, level, per_category=per_category)
        progress(done, len(steps))
    return found


def _steps() -> Iterator[tuple[int, bool]]:
    for level in (ALL_LEVEL, *LEVELS):
        for per_category in (False, True):
            yield level, per_category


def _cell_or_all(layer: MapLayer, level: int) -> ColumnElement[int]:
    if level == ALL_LEVEL:
        return case(
            (layer.cell.is_(None), literal_column(str(UNPLACED))),
            else_=literal_column(str(PLACED)),
        )
    return cell_at(layer, level)


def _counted(layer: MapLayer, level: int, *, per_category: bool) -> Select[Any] | None:
    """Count the table itself; None where a layer without categories has no such rows."""
    if per_category and layer.category_id is NO_CATEGORY:
        return None
    cell = _cell_or_all(layer, level)
    category = layer.category_id if per_category else NO_CATEGORY
    sums = (
        func.coalesce(func.sum(whole(column * float(UNITS_A_DEGREE))), 0)
        for column in (layer.lat, layer.lon)
    )
    statement: Any = (
        select(
            literal_column(str(level)).label("level"),
            cell.label("cell_"),
            category.label("category_"),
            layer.kind.label("kind_"),
            layer.status_type.label("status_type_"),
            literal_column("0").label("shard"),
            func.count().label("n"),
            *sums,
        )
        .where(layer.is_visible)
        .group_by(*grouping(cell, category, layer.kind, layer.status_type))
    )
    if level != ALL_LEVEL:
        statement = statement.where(layer.cell.is_not(None))
    return cast("Select[Any]", statement)


def _compared(session: Session, level: int, *, per_category: bool) -> Iterator[Difference]:
    """Walk through both sides in the order of cells: memory holds one cell at a time."""
    kept = (
        select(
            MapCount.level,
            MapCount.cell,
            MapCount.category_id,
            MapCount.kind,
            MapCount.status_type,
            NO_CATEGORY,
            *(func.sum(getattr(MapCount, name)) for name in SUMS),
        )
        .where(MapCount.level == level)
        .where(MapCount.category_id != 0 if per_category else MapCount.category_id == 0)
        .group_by(*(getattr(MapCount, name) for name in KEY[:5]))
        .order_by(MapCount.cell)
    )
    parts = [_counted(layer, level, per_category=per_category) for layer in map_layers]
    fresh = union_all(*(part for part in parts if part is not None)).order_by("cell_")
    ours, theirs = _by_cell(session, kept), _by_cell(session, fresh)
    for cell, one, other in _side_by_side(ours, theirs):
        for key in sorted(one.keys() | other.keys()):
            was, is_now = one.get(key, (0, 0, 0)), other.get(key, (0, 0, 0))
            if was != is_now:
                category_id, kind, status_type = key
                yield Difference(level, cell, category_id, kind, status_type, was, is_now)


_Sums: TypeAlias = dict[tuple[int, str, str], tuple[int, int, int]]
_Cell: TypeAlias = tuple[int, _Sums]


def _by_cell(session: Session, statement: Any) -> Iterator[_Cell]:
    with session.execute(statement, execution_options={"yield_per": 2000}) as rows:
        for cell, group in groupby(rows, key=lambda row: row[1]):
            yield (
                cell,
                {
                    (row[2], row[3], str(row[4])): (int(row[6]), int(row[7]), int(row[8]))
                    for row in group
                },
            )


def _side_by_side(
    ours: Iterator[_Cell], theirs: Iterator[_Cell]
) -> Iterator[tuple[int, _Sums, _Sums]]:
    end: _Cell = (1 << 62, {})
    one, other = next(ours, end), next(theirs, end)
    while one is not end or other is not end:
        cell = min(one[0], other[0])
        yield cell, one[1] if one[0] == cell else {}, other[1] if other[0] == cell else {}
        if one[0] == cell:
            one = next(ours, end)
        if other[0] == cell:
            other = next(theirs, end)
