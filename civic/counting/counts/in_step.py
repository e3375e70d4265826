"""The counts follow every change within its transaction."""

import os
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeAlias, cast

from sqlalchemy import Connection, Select, event, inspect, select
from sqlalchemy.orm import Mapper, Session, SessionTransaction, object_session

from civic.contributions.map_layers import MapLayer
from civic.counting.counts.shapes import (
    ALL_LEVEL,
    GROUPINGS,
    LEVELS,
    PENDING,
    PLACED,
    SHARDED_LEVELS,
    SHARDS,
    SUMS,
    UNITS_A_DEGREE,
    UNPLACED,
    MapPoint,
)
from civic.database import upsert_add
from civic.database.tables import writer_shard
from civic.places.areas import Located, register_located
from civic.places.geometry import parent_cell

_Key: TypeAlias = tuple[Any, ...]
"""The number of a grouping, and its key."""
_Deltas: TypeAlias = dict[_Key, list[int]]


def add_rows(session: Session, points: Iterable[MapPoint], *, sign: int = 1) -> None:
    """Count visible ``points`` in (``sign`` 1) or out (-1) when this transaction commits."""
    pending = _pending(session)
    for point in points:
        _add(pending, point, sign)


def settle(session: Session) -> None:
    """Write the differences of this transaction to the counts now."""
    session.flush()
    deltas: _Deltas = {}
    for part in session.info.pop(PENDING, {}).values():
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
    register_located(
        Located(
            model,
            before=lambda session, ids: _note_many(session, layer, ids, -1),
            after=lambda session, ids: _note_many(session, layer, ids, +1),
        )
    )


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
    if session is not None:
        _count(session, connection, _rows(layer).where(layer.id == target.id), sign)


def _note_many(session: Session, layer: MapLayer, ids: Iterable[int], sign: int) -> None:
    rows = _rows(layer).where(layer.id.in_(ids)).order_by(layer.id)
    _count(session, session.connection(), rows, sign)


def _count(session: Session, connection: Connection, rows: Select[Any], sign: int) -> None:
    found = connection.execute(rows)
    add_rows(session, [MapPoint(*row[1:]) for row in found if row[0]], sign=sign)


def _rows(layer: MapLayer) -> Select[Any]:
    # Whether it is visible is asked, not demanded: a row that a condition leaves out is not locked.
    statement: Any = select(
        layer.is_visible,
        layer.kind,
        layer.status,
        layer.status_type,
        layer.category_id,
        layer.area_id,
        layer.department_id,
        layer.at,
        layer.cell,
        layer.lat,
        layer.lon,
    )
    # As strong as the lock of the update to come, and no stronger: foreign keys to it go on.
    return cast("Select[Any]", statement.with_for_update(key_share=True))


def _pending(session: Session) -> _Deltas:
    transaction = session.get_nested_transaction() or session.get_transaction() or session.begin()
    parts: dict[SessionTransaction, _Deltas] = session.info.setdefault(PENDING, {})
    return parts.setdefault(transaction, {})


def _add(deltas: _Deltas, point: MapPoint, sign: int) -> None:
    cell, lat, lon = point.cell, point.lat, point.lon
    if cell is None or lat is None or lon is None:
        cells, sums = {ALL_LEVEL: UNPLACED}, (sign, 0, 0)
    else:
        cells = {ALL_LEVEL: PLACED} | {level: parent_cell(cell, level) for level in LEVELS}
        sums = (sign, sign * int(lat * UNITS_A_DEGREE), sign * int(lon * UNITS_A_DEGREE))
    end = (point.kind, str(point.status_type))
    for number, grouping in enumerate(GROUPINGS):
        values = grouping.of_point(point)
        for level in grouping.levels:
            if level in cells:
                _sum_up(deltas, (number, level, cells[level], *values, *end), sums)


def _sum_up(deltas: _Deltas, key: _Key, sums: Iterable[int]) -> None:
    known = deltas.setdefault(key, [0, 0, 0])
    for at, value in enumerate(sums):
        known[at] += value


def _apply(session: Session, deltas: _Deltas) -> None:
    shard = writer_shard(session, os.getpid(), SHARDS)
    rows: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for (number, *key), sums in sorted(deltas.items()):
        if any(sums):
            level = key[0]
            rows[number].append((*key, *sums, shard if level in SHARDED_LEVELS else 0))
    for number, its_rows in rows.items():
        grouping = GROUPINGS[number]
        upsert_add(session, grouping.model, (*grouping.key, *SUMS, "shard"), its_rows, add=SUMS)


@event.listens_for(Session, "before_commit")
def _write_differences(session: Session) -> None:
    if session.new or session.dirty or session.deleted:
        session.flush()
    parts = session.info.get(PENDING)
    if parts:
        transaction = session.get_nested_transaction() or session.get_transaction()
        _apply(session, parts.pop(transaction, {}))


@event.listens_for(Session, "after_transaction_end")
def _forget_differences(session: Session, transaction: SessionTransaction) -> None:
    session.info.get(PENDING, {}).pop(transaction, None)
