"""Rows that no answer waits for: written afterwards, many at once, on a connection of their own.

A page that is read changes nothing, yet a session was used and somebody was refused. Such things
are noted in memory and written a little later by a thread of its own. A process that is killed
loses what it noted within that time, so nothing belongs here that anybody is promised.
"""

import atexit
import itertools
import logging
from collections.abc import Hashable
from threading import Lock, Timer
from typing import Any

from sqlalchemy import Engine, Insert, Update
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

log = logging.getLogger(__name__)

_AWAY = (OperationalError, InterfaceError)
"""The database does not answer, or somebody else writes: no single note is to blame."""
MOST = 1000
"""How many notes wait at most: strangers can cause them. What comes beyond is dropped."""


class Afterwards:
    """The notes of one process. Any thread may add one."""

    def __init__(self, engine: Engine, after_s: float | None) -> None:
        """Write to ``engine``, ``after_s`` seconds after the first note; None: only when told."""
        self._engine = engine
        self._after_s = after_s
        self._lock = Lock()
        self._notes: dict[tuple[Insert | Update, Hashable], dict[str, Any]] = {}
        self._numbers = itertools.count()
        self._timer: Timer | None = None
        atexit.register(self.write)

    def note(
        self, statement: Insert | Update, values: dict[str, Any], *, key: Hashable = None
    ) -> None:
        """Have ``statement`` executed with ``values``; a later note of one ``key`` replaces it."""
        with self._lock:
            if len(self._notes) >= MOST:
                return
            self._notes[statement, next(self._numbers) if key is None else (key,)] = values
            if self._timer is None and self._after_s is not None:
                self._timer = Timer(self._after_s, self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Write all that was noted, in one transaction; what the database refuses is logged.

        Where it refuses something, each note is tried by itself: one keeps no other from its place.
        """
        with self._lock:
            notes, self._notes, self._timer = self._notes, {}, None
        together: dict[Insert | Update, list[dict[str, Any]]] = {}
        for (statement, _), values in notes.items():
            together.setdefault(statement, []).append(values)
        if not together:
            return
        try:
            self._write(together)
        except _AWAY:
            log.exception("%s notes could not be written", len(notes))
        except SQLAlchemyError:
            refused = [
                error
                for (statement, _), values in notes.items()
                if (error := self._refusal(statement, values)) is not None
            ]
            shown = refused[0] if refused else None
            log.warning("%s of %s notes were refused", len(refused), len(notes), exc_info=shown)

    def _write(self, together: dict[Insert | Update, list[dict[str, Any]]]) -> None:
        with self._engine.begin() as connection:
            for statement, rows in together.items():
                connection.execute(statement, rows)

    def _refusal(
        self, statement: Insert | Update, values: dict[str, Any]
    ) -> SQLAlchemyError | None:
        try:
            self._write({statement: [values]})
        except SQLAlchemyError as error:
            return error
        return None
