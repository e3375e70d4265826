"""Everything public on the map in memory, one snapshot a process, as new as the last commit."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from civic.contributions.map_layers import MapLayer, map_layers
from civic.counting import columns as arrays
from civic.counting.columns import NAMES, Columns, State, States
from civic.counting.listeners import EVERYTHING
from civic.counting.models import MapChange
from civic.counting.recent import Recent
from civic.database import table_of
from civic.database.changelog import ChangeLog, Mark
from civic.database.watch import Watch

LONGEST_WITHOUT_A_LOOK_S = 3600.0
"""After so many seconds all is read anew: the log is pruned in the end."""
MOST_FILTERS = 8
LARGE_CHANGE = 20_000
"""So many changed rows are quicker read with all the others."""

_log = table_of(MapChange)


@dataclass(frozen=True, eq=False)
class Version:
    """The map of one moment; it never changes. ``states`` are what the column ``state`` numbers.

    ``kept`` is what was made of it for the last few questions.
    """

    columns: Columns
    states: Sequence[State]
    layers: tuple[MapLayer, ...]
    kept: Recent[Any, Any] = field(default_factory=lambda: Recent(MOST_FILTERS))


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not in the snapshot as it is in the database; None where it is not at all."""

    layer: str
    row_id: int
    kept: dict[str, Any] | None
    stored: dict[str, Any] | None


class Snapshot:
    """Follows the log of one database. Any thread may ask; one at a time looks.

    Versions are never changed but replaced, so who has one goes on reading it.
    """

    def __init__(self, engine: Engine) -> None:
        self._log, self._watch = ChangeLog(engine, _log), Watch(engine)
        self._lock = RLock()
        self._states = States()
        self._version: Version | None = None
        self._mark: Mark = 0
        self._stamp: object = None
        self._looked_at = 0.0
        event.listen(engine, "engine_disposed", lambda _engine: self.drop())

    def current(self) -> Version:
        """Return the map as it is now: whatever was committed before the call is in it."""
        with self._lock:
            stamp = self._watch.stamp()
            if self._version is None or stamp is None or stamp != self._stamp or self._is_old():
                self._look()
            self._stamp, self._looked_at = stamp, time.time()
            return self._version or self._look()

    def preload(self) -> None:
        """Read everything now and hang up: before a process is forked, so that all share it."""
        with self._lock:
            self.current()
            self._hang_up()

    def drop(self) -> None:
        """Forget everything and hang up; the next question reads all anew."""
        with self._lock:
            self._version = None
            self._hang_up()

    def _hang_up(self) -> None:
        self._log.close()
        self._watch.close()
        self._stamp = None

    def differences(self) -> list[Difference]:
        """Compare what is kept with what is stored at this moment; nothing when all is exact."""
        with self._lock:
            self.current()
            with self._log.transaction() as connection:
                kept = self._followed(connection)
                stored = arrays.read(connection, kept.layers, self._states)
            return _compared(kept, Version(stored, self._states.known, kept.layers))

    def _is_old(self) -> bool:
        return not 0 <= time.time() - self._looked_at < LONGEST_WITHOUT_A_LOOK_S

    def _look(self) -> Version:
        try:
            with self._log.transaction() as connection:
                return self._followed(connection)
        except (SQLAlchemyError, ArithmeticError, LookupError, RuntimeError, ValueError):
            # Whatever went wrong: what is read anew owes nothing to it.
            self.drop()
            with self._log.transaction() as connection:
                return self._followed(connection)

    def _followed(self, connection: Connection) -> Version:
        """Bring the version up to the moment of the transaction."""
        mark, layers = self._log.mark(connection), tuple(map_layers)
        version = self._version
        if version is None or version.layers != layers or self._is_old():
            made = arrays.read(connection, layers, self._states)
            version = Version(made, self._states.known, layers)
        elif mark != self._mark:
            version = self._with_changes(connection, version)
        self._version, self._mark = version, mark
        return version

    def _with_changes(self, connection: Connection, version: Version) -> Version:
        log, layers = _log.c, version.layers
        numbers = {layer.model.__tablename__: at for at, layer in enumerate(layers)}
        ids: defaultdict[int, list[int]] = defaultdict(list)
        for layer, row_id in self._log.since(connection, self._mark, log.layer, log.row_id):
            ids[numbers[layer]].append(row_id)
        if not ids:
            return version
        is_large = sum(map(len, ids.values())) > LARGE_CHANGE
        if is_large or any(EVERYTHING in some for some in ids.values()):
            made = arrays.read(connection, layers, self._states)
        else:
            fresh = arrays.read(connection, layers, self._states, ids)
            keys = [id_ * len(layers) + at for at, some in ids.items() for id_ in some]
            made = arrays.changed(version.columns, np.array(keys, np.int64), fresh)
            if made is version.columns:
                # What nobody sees has changed: what was made of this version stays true.
                return version
        return Version(made, self._states.known, layers)


def _compared(kept: Version, stored: Version) -> list[Difference]:
    ours, theirs = _by_key(kept.columns), _by_key(stored.columns)
    common, here, there = np.intersect1d(ours.key, theirs.key, True, True)
    differs = np.zeros(len(common), bool)
    for name in NAMES:
        differs |= getattr(ours, name)[here] != getattr(theirs, name)[there]
    odd = [*common[differs], *np.setxor1d(ours.key, theirs.key)]
    return [_difference(kept, ours, theirs, int(key)) for key in sorted(odd)]


def _by_key(columns: Columns) -> Columns:
    order = np.argsort(columns.key)
    return columns.each(lambda column: column[order])


def _difference(version: Version, ours: Columns, theirs: Columns, key: int) -> Difference:
    row_id, number = divmod(key, len(version.layers))
    layer = version.layers[number].model.__tablename__
    return Difference(layer, row_id, _row(version, ours, key), _row(version, theirs, key))


def _row(version: Version, columns: Columns, key: int) -> dict[str, Any] | None:
    at = int(np.searchsorted(columns.key, key))
    if at == len(columns) or columns.key[at] != key:
        return None
    values = {name: getattr(columns, name)[at].item() for name in NAMES if name != "key"}
    return values | {"state": ", ".join(version.states[values["state"]])}


_snapshots: WeakKeyDictionary[Engine, Snapshot] = WeakKeyDictionary()
_making = RLock()


def snapshot_of(engine: Engine) -> Snapshot:
    """Return the snapshot that this process keeps of a database."""
    with _making:
        if engine not in _snapshots:
            _snapshots[engine] = Snapshot(engine)
        return _snapshots[engine]


def version_for(session: Session) -> Version:
    """Return the map as it is now, the same one until the transaction of ``session`` ends."""
    known: Version | None = session.info.get(_KNOWN)
    if known is None:
        known = snapshot_of(session.get_bind().engine).current()
        if session.in_transaction():
            session.info[_KNOWN] = known
    return known


_KNOWN = "civic.map_version"


@event.listens_for(Session, "after_transaction_end")
def _forget_version(session: Session, _transaction: object) -> None:
    session.info.pop(_KNOWN, None)
