"""Whether anything public has changed since: the public change number, by one cheap question."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from select import select
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

_NUMBER = "SELECT CAST(coalesce(sum(number), 0) AS text) FROM public_change"
_VERSION = "PRAGMA data_version"

PATIENCE_S = 0.5
"""A server that does not answer a question of a millisecond within so long is taken for away."""
REST_S = 2.0

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


class Unchanged(Generic[Question, Answer]):
    """The last ``most`` answers, each given again as long as nothing public has changed.

    Any thread may ask; two that ask the same at once both make the answer.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Question, tuple[Hashable, Answer]] = OrderedDict()
        self._lock = Lock()

    def look_up(self, asked: Question, stamp: Hashable, make: Callable[[], Answer]) -> Answer:
        """Return the answer to ``asked``, made now unless it is known.

        ``stamp`` is that of a :class:`Watch` from before the transaction began that ``make`` reads
        in; None where that is not known: then nothing is kept.
        """
        if stamp is None:
            return make()
        known = self._kept.get(asked)
        if known is not None and known[0] == stamp:
            return known[1]
        answer = make()
        with self._lock:
            self._kept[asked] = stamp, answer
            self._kept.move_to_end(asked)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return answer


class Watch:
    """One connection of its own, which never writes: whatever is committed, others did it.

    It is opened with the first question, and anew after ``engine.dispose()``. Any thread may ask.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._connection: Any = None
        self._last: tuple[Any, Any] = (None, None)
        self._rests_until = 0.0
        event.listen(engine, "engine_disposed", lambda _engine: self.close())

    def stamp(self) -> Hashable:
        """Return a stamp: as long as it is the same, nobody has committed anything public.

        To be asked before the transaction begins that reads the rows it is to stand for. It may
        differ without need, never the other way round. None when the database does not answer, and
        for ``REST_S`` after that: whoever asks may be all that a process answers with.
        """
        if time.monotonic() < self._rests_until:
            return None
        try:
            with self._lock:
                if self._connection is None:
                    self._connection = self._open()
                return self._ask()
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error):
            self._rests_until = time.monotonic() + REST_S
            self.close()
            return None

    def close(self) -> None:
        """Hang up; the next question opens another connection, whose stamps are others."""
        with self._lock:
            connection, self._connection = self._connection, None
            self._last = None, None
        if connection is not None:
            connection.close()

    def _ask(self) -> Hashable:
        if self._engine.dialect.name == "sqlite":
            return self._connection, self._number_in_the_file()
        return self._connection, self._number_of_the_server(self._connection.pgconn)

    def _number_of_the_server(self, server: Any) -> bytes:
        """Read the number; raises OperationalError after ``PATIENCE_S`` without an answer."""
        server.send_query(_NUMBER.encode())
        end = time.monotonic() + PATIENCE_S
        while server.is_busy():
            if not select([server.socket], (), (), max(end - time.monotonic(), 0))[0]:
                raise self._engine.dialect.loaded_dbapi.OperationalError
            server.consume_input()
        answer = server.get_result()
        if answer is None or answer.error_message or server.get_result() is not None:
            raise self._engine.dialect.loaded_dbapi.OperationalError
        return bytes(answer.get_value(0, 0))

    def _number_in_the_file(self) -> Any:
        """Read the number only when anybody has committed anything: that is told much faster."""
        # Asked first, so that what is committed in between is found by the next question.
        version = self._connection.execute(_VERSION).fetchone()
        if self._last[0] != version:
            self._last = version, self._connection.execute(_NUMBER).fetchone()
        return self._last[1]

    def _open(self) -> Any:
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        if self._engine.dialect.name != "sqlite":
            connection.autocommit = True
        return connection
