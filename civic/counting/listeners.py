"""Every change of the map is written to its log, in the transaction that makes it.

Statements that go past the session's objects (bulk inserts, ``update()``) are not heard: whoever
writes them tells :func:`note_changed`, or :func:`note_everything`.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import Session

from civic.contributions.map_layers import MapLayer, map_layers
from civic.counting.models import MapChange
from civic.database import Base, raise_public_change, table_of
from civic.places.reassigning import Located, register_located

EVERYTHING = 0
"""The id of no row: all of the layer has changed."""


def listen() -> None:
    """Hear of the changes of every layer; asking again changes nothing."""
    if not event.contains(Session, "after_flush", _note_flushed):
        event.listen(Session, "after_flush", _note_flushed)
    for layer in map_layers:
        if layer.model not in _heard:
            _heard.add(layer.model)
            register_located(Located(layer.model, moved=_moved(layer.model)))


_heard: set[type[Base]] = set()


def note_changed(session: Session, model: type[Base], ids: Iterable[int]) -> None:
    """Note that the rows ``ids`` of ``model`` are added, changed or deleted."""
    _write(session, model, ids)
    raise_public_change(session)


def note_everything(session: Session) -> None:
    """Note that anything may have changed: every snapshot is loaded anew."""
    for layer in map_layers:
        note_changed(session, layer.model, [EVERYTHING])


def _write(session: Session, model: type[Base], ids: Iterable[int]) -> None:
    rows = [{"layer": model.__tablename__, "row_id": id_} for id_ in ids]
    if rows:
        session.connection().execute(insert(table_of(MapChange)), rows)


def _note_flushed(session: Session, _context: Any) -> None:
    for layer in map_layers:
        every: Iterable[Any] = (*session.new, *session.dirty, *session.deleted)
        changed = [item.id for item in every if _is_on_map(session, layer, item)]
        _write(session, layer.model, sorted(changed))


def _is_on_map(session: Session, layer: MapLayer, item: Any) -> bool:
    if not isinstance(item, layer.model):
        return False
    if item in session.new or item in session.deleted:
        return True
    attributes = inspect(item).attrs
    return any(attributes[name].history.has_changes() for name in layer.tracked)


def _moved(model: type[Base]) -> Any:
    return lambda session, ids: note_changed(session, model, ids)
