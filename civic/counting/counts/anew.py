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

from civic.contributions.map_layers import MapLayer, grouping, map_layers
from civic.counting.counts.in_step import settle
from civic.counting.counts.shapes import (
    ALL_LEVEL,
    GROUPINGS,
    PENDING,
    PLACED,
    SUMS,
    UNITS_A_DEGREE,
    UNPLACED,
    Difference,
    Grouping,
    Progress,
    cell_at,
)
from civic.database.functions import whole
from civic.database.tables import lock_against_writers

_MODELS = tuple(dict.fromkeys(counted.model for counted in GROUPINGS))


def rebuild(session: Session, progress: Progress = lambda done, of: None) -> int:
    """Make all counts anew; returns how many rows there are. Flushes, never commits.

    Writers wait until the transaction ends, readers see the old counts until then.
    """
    lock_against_writers(session, *_MODELS)
    session.flush()
    session.info.pop(PENDING, None)
    for model in _MODELS:
        session.execute(delete(model))
    steps = [(layer, *step) for layer in map_layers for step in _steps()]
    for done, (layer, counted, level) in enumerate(steps, start=1):
        names = [*counted.key, *SUMS, "shard"]
        rows = _counted(layer, counted, level).add_columns(literal_column("0"))
        session.execute(insert(counted.model).from_select(names, rows))
        progress(done, len(steps))
    return sum(session.scalar(select(func.count()).select_from(model)) or 0 for model in _MODELS)


def verify(session: Session, progress: Progress = lambda done, of: None) -> list[Difference]:
    """Compare every count with counting anew; returns what differs, nothing when all is exact.

    Writers wait until the transaction ends, so that both sides are of one moment.
    """
    lock_against_writers(session, *_MODELS)
    settle(session)
    found: list[Difference] = []
    steps = list(_steps())
    for done, (counted, level) in enumerate(steps, start=1):
        found += _compared(session, counted, level)
        progress(done, len(steps))
    return found


def _steps() -> Iterator[tuple[Grouping, int]]:
    for counted in GROUPINGS:
        for level in counted.levels:
            yield counted, level


def _cell_or_all(layer: MapLayer, level: int) -> ColumnElement[int]:
    if level == ALL_LEVEL:
        return case(
            (layer.cell.is_(None), literal_column(str(UNPLACED))),
            else_=literal_column(str(PLACED)),
        )
    return cell_at(layer, level)


def _counted(layer: MapLayer, counted: Grouping, level: int) -> Select[Any]:
    """Count the table itself."""
    cell = _cell_or_all(layer, level)
    own = counted.of_layer(layer)
    sums = (
        func.coalesce(func.sum(whole(column * float(UNITS_A_DEGREE))), 0)
        for column in (layer.lat, layer.lon)
    )
    columns = (cell.label("cell_"), *own, layer.kind, layer.status_type)
    statement: Any = (
        select(literal_column(str(level)), *columns, func.count(), *sums)
        .where(layer.is_visible)
        .group_by(*grouping(cell, *own, layer.kind, layer.status_type))
    )
    if level != ALL_LEVEL:
        statement = statement.where(layer.cell.is_not(None))
    return cast("Select[Any]", statement)


def _compared(session: Session, counted: Grouping, level: int) -> Iterator[Difference]:
    """Walk through both sides in the order of cells: memory holds one cell at a time."""
    model: Any = counted.model
    key = [getattr(model, name) for name in counted.key]
    kept = (
        select(*key, *(func.sum(getattr(model, name)) for name in SUMS))
        .where(model.level == level, *counted.narrow)
        .group_by(*key)
        .order_by(model.cell)
    )
    fresh = union_all(*(_counted(layer, counted, level) for layer in map_layers)).order_by("cell_")
    ours, theirs = _by_cell(session, kept), _by_cell(session, fresh)
    for cell, one, other in _side_by_side(ours, theirs):
        for rest in sorted(one.keys() | other.keys()):
            was, is_now = one.get(rest, (0, 0, 0)), other.get(rest, (0, 0, 0))
            if was != is_now:
                yield Difference(counted.name, level, cell, rest, was, is_now)


_Sums: TypeAlias = dict[tuple[Any, ...], tuple[int, int, int]]
_Cell: TypeAlias = tuple[int, _Sums]


def _by_cell(session: Session, statement: Any) -> Iterator[_Cell]:
    """Read rows of a level, the cell, the rest of the key and the sums."""
    with session.execute(statement, execution_options={"yield_per": 2000}) as rows:
        for cell, group in groupby(rows, key=lambda row: row[1]):
            yield (
                cell,
                {
                    (*row[2:-4], str(row[-4])): (int(row[-3]), int(row[-2]), int(row[-1]))
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
