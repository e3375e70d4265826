"""The counts behind the map: kept in step within the transaction of every change.

Whatever a flush inserts, changes or deletes on a layer of the map is remembered as differences and
added to the counts just before the commit, in the order of their keys: locks are held shortly, two
writers that meet wait for each other and do not deadlock, and what is rolled back never counts.

Statements that go past the session's objects (bulk inserts, ``update()``) are not seen: whoever
writes them tells :func:`add_rows`, or calls :func:`rebuild` when done.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    case,
    delete,
    event,
    func,
    insert,
    inspect,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import Mapper, Session, SessionTransaction, object_session

from civic.contributions.map_layers import NO_CATEGORY, MapLayer, grouping, map_layers
from civic.contributions.workflow import StatusType
from civic.database import upsert_add
from civic.database.functions import whole
from civic.database.tables import lock_against_writers, writer_shard
from civic.discovery.models import MapCount
from civic.places.geometry import CELL_LEVEL, parent_cell

ALL_LEVEL = 0
PLACED, UNPLACED = 0, -1
LEVELS = (10, 12, 14, 16, 18)
SHARDED_LEVELS = frozenset({0, 10, 12})
SHARDS = 8
UNITS_A_DEGREE = 10_000_000

_PENDING = "civic.map_counts"
_KEY = ("level", "category_id", "cell", "kind", "status_type", "shard")
_SUMS = ("n", "sum_lat", "sum_lon")

_Key: TypeAlias = tuple[int, int, int, str, str]
_Deltas: TypeAlias = dict[_Key, list[int]]
Progress: TypeAlias = Callable[[int, int], None]
"""Called with how many steps are done, and of how many."""


class MapPoint(NamedTuple):
    """What the counts know of one visible thing; ``cell`` is of zoom 20, None without a place."""

    kind: str
    category_id: int
    status_type: StatusType
    cell: int | None
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A count that is not what counting anew gives: (n, sum_lat, sum_lon) of both."""

    level: int
    cell: int
    category_id: int
    kind: str
    status_type: str
    kept: tuple[int, int, int]
    counted: tuple[int, int, int]


# ------------------------------------------------------------------------------ in step


def add_rows(session: Session, points: Iterable[MapPoint], *, sign: int = 1) -> None:
    """Count visible ``points`` in (``sign`` 1) or out (-1) when this transaction commits."""
    pending = _pending(session)
    for point in points:
        _add(pending, point, sign)


def settle(session: Session) -> None:
    """Write the differences of this transaction to the counts now."""
    session.flush()
    deltas: _Deltas = {}
    for part in session.info.pop(_PENDING, {}).values():
        for key, sums in part.items():
            _sum_up(deltas, key, sums)
    _apply(session, deltas)


def listen(layer: MapLayer) -> None:
    """Keep the counts in step with the table of ``layer``; asking again changes nothing."""
    model = layer.model
    if model in _listened:
        return
    _listened.add(model)

    def inserted(_mapper: Mapper[Any], connection: Connection, target: Any) -> None:
        _note(layer, connection, target, +1)

    def leaving(_mapper: Mapper[Any], connection: Connection, target: Any) -> None:
        if _is_moved(layer, target):
            _note(layer, connection, target, -1)

    def arriving(_mapper: Mapper[Any], connection: Connection, target: Any) -> None:
        if _is_moved(layer, target):
            _note(layer, connection, target, +1)

    def deleted(_mapper: Mapper[Any], connection: Connection, target: Any) -> None:
        _note(layer, connection, target, -1)

    event.listen(model, "after_insert", inserted, propagate=True)
    event.listen(model, "before_update", leaving, propagate=True)
    event.listen(model, "after_update", arriving, propagate=True)
    event.listen(model, "before_delete", deleted, propagate=True)


_listened: set[type[Any]] = set()


def _is_moved(layer: MapLayer, target: Any) -> bool:
    state = inspect(target)
    return any(state.attrs[name].history.has_changes() for name in layer.tracked)


def _note(layer: MapLayer, connection: Connection, target: Any, sign: int) -> None:
    """Read the row as it is stored, locked, and count it in or out.

    What the object remembers may be older than what another writer has committed since: then the
    difference would be wrong for ever.
    """
    session = object_session(target)
    row = connection.execute(_row(layer, target.id)).first()
    if session is not None and row is not None and row[0]:
        _add(_pending(session), MapPoint(*row[1:]), sign)


def _row(layer: MapLayer, key: int) -> Select[Any]:
    # Whether it is visible is asked, not demanded: a row that a condition leaves out is not locked.
    columns = layer.kind, layer.category_id, layer.status_type, layer.cell, layer.lat, layer.lon
    statement: Any = select(layer.is_visible, *columns).where(layer.id == key)
    # As strong as the lock of the update to come, and no stronger: foreign keys to it go on.
    return cast("Select[Any]", statement.with_for_update(key_share=True))


def _pending(session: Session) -> _Deltas:
    transaction = session.get_nested_transaction() or session.get_transaction()
    parts: dict[SessionTransaction | None, _Deltas] = session.info.setdefault(_PENDING, {})
    return parts.setdefault(transaction, {})


def _add(deltas: _Deltas, point: MapPoint, sign: int) -> None:
    kind, category, status_type, cell, lat, lon = point
    where: list[tuple[int, int]]
    if cell is None or lat is None or lon is None:
        where, sums = [(ALL_LEVEL, UNPLACED)], (sign, 0, 0)
    else:
        where = [(ALL_LEVEL, PLACED), *((level, parent_cell(cell, level)) for level in LEVELS)]
        sums = (sign, sign * int(lat * UNITS_A_DEGREE), sign * int(lon * UNITS_A_DEGREE))
    for level, code in where:
        for category_id in {0, category}:
            _sum_up(deltas, (level, category_id, code, kind, str(status_type)), sums)


def _sum_up(deltas: _Deltas, key: _Key, sums: Iterable[int]) -> None:
    known = deltas.setdefault(key, [0, 0, 0])
    for at, value in enumerate(sums):
        known[at] += value


def _apply(session: Session, deltas: _Deltas) -> None:
    shard = writer_shard(session, os.getpid(), SHARDS)
    rows = []
    for key, sums in sorted(deltas.items()):
        if any(sums):
            place = shard if key[0] in SHARDED_LEVELS else 0
            rows.append(dict(zip(_KEY + _SUMS, (*key, place, *sums), strict=True)))
    upsert_add(session, MapCount, rows, key=_KEY, add=_SUMS)


@event.listens_for(Session, "before_commit")
def _write_differences(session: Session) -> None:
    if session.new or session.dirty or session.deleted:
        session.flush()
    parts = session.info.get(_PENDING)
    if parts:
        transaction = session.get_nested_transaction() or session.get_transaction()
        _apply(session, parts.pop(transaction, {}))


@event.listens_for(Session, "after_transaction_end")
def _forget_differences(session: Session, transaction: SessionTransaction) -> None:
    session.info.get(_PENDING, {}).pop(transaction, None)


# ------------------------------------------------------------------------------ anew


def rebuild(session: Session, progress: Progress = lambda done, of: None) -> int:
    """Make all counts anew; returns how many rows there are. Flushes, never commits.

    Writers wait until the transaction ends, readers see the old counts until then.
    """
    lock_against_writers(session, MapCount)
    session.flush()
    session.info.pop(_PENDING, None)
    session.execute(delete(MapCount))
    steps = [(layer, step) for layer in map_layers for step in _steps()]
    names = ["level", "cell", "category_id", "kind", "status_type", "shard", *_SUMS]
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


def cell_at(layer: MapLayer, level: int) -> ColumnElement[int]:
    """Return the expression for the cell of zoom ``level``, written out so as to be grouped by."""
    shift = 2 * (CELL_LEVEL - level)
    return layer.cell.op(">>")(literal_column(str(shift))) if shift else layer.cell + NO_CATEGORY


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
            *(func.sum(getattr(MapCount, name)) for name in _SUMS),
        )
        .where(MapCount.level == level)
        .where(MapCount.category_id != 0 if per_category else MapCount.category_id == 0)
        .group_by(*(getattr(MapCount, name) for name in _KEY[:5]))
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
