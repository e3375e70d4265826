"""The last few answers."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


class Recent(Generic[Question, Answer]):
    """The answers to the last ``most`` questions. Any thread may ask."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[Question, Answer] = OrderedDict()

    def look_up(self, asked: Question, make: Callable[[], Answer]) -> Answer:
        """Return the answer to ``asked``, made now unless it is kept."""
        with self._lock:
            if asked in self._kept:
                self._kept.move_to_end(asked)
                return self._kept[asked]
        answer = make()
        with self._lock:
            self._kept[asked] = answer
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return answer
