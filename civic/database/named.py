"""What each process keeps of what lists name, as long as nobody changes that."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from civic.database.public_change import names_stamp

Answer = TypeVar("Answer")


class NamedCache(Generic[Answer]):
    """One answer for each database, made of rows that are named (``Base.is_named``).

    Any thread may ask. Two that ask at once after a change both make the answer.
    """

    def __init__(self, make: Callable[[Session], Answer]) -> None:
        self._make = make
        self._kept: WeakKeyDictionary[Engine, tuple[Hashable, Answer]] = WeakKeyDictionary()

    def of(self, session: Session) -> Answer:
        """Return the answer as the transaction of ``session`` sees the rows."""
        connection = session.connection()
        stamp = names_stamp(connection)
        kept = self._kept.get(connection.engine)
        if kept is None or kept[0] != stamp:
            kept = self._kept[connection.engine] = stamp, self._make(session)
        return kept[1]
