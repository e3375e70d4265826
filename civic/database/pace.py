"""How many rows one transaction takes, so that nobody who writes has to wait for it long."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

AIM_S = 0.1
"""How long a transaction should last: under load it may take twice that."""
LEAST_AIM_S = 0.01
PART = 0.2
"""A part of a transaction, after which the time is looked at, lasts such a part of that."""
FEWEST = 10
REST = 0.2
"""This part of the time belongs to the others: who waits looks again each millisecond."""
Item = TypeVar("Item")


class Pace:
    """A size of batches that follows how long the batches before took."""

    def __init__(self, *, first: int, most: int) -> None:
        """Begin with ``first`` rows; never take more than ``most``."""
        self.size = min(first, most)
        self._most, self._aim = most, AIM_S

    @contextmanager
    def batch(self, rows: int) -> Iterator[None]:
        """Time a transaction of ``rows`` rows, its commit included."""
        began = time.perf_counter()
        yield
        lasted = time.perf_counter() - began
        self._learn(rows, lasted, AIM_S)
        time.sleep(REST * lasted)

    def parts(self, items: Sequence[Item], commit: Callable[[], None]) -> Iterator[Sequence[Item]]:
        """Yield ``items`` in small parts to be written; commit as soon as the aim is reached.

        A machine that is suddenly slow then holds the lock one part too long, not one batch. Where
        transactions last longer than they were to, their commits included, the aim comes down.
        """
        began, at = time.perf_counter(), 0
        while at < len(items):
            part = items[at : at + self.size]
            at += len(part)
            part_began = time.perf_counter()
            yield part
            now = time.perf_counter()
            self._learn(len(part), now - part_began, PART * self._aim, least=1)
            if now - began >= self._aim or at == len(items):
                commit()
                held = time.perf_counter() - began
                self._aim = max(LEAST_AIM_S, min(AIM_S, self._aim * _change_of_aim(held)))
                time.sleep(REST * held)
                began = time.perf_counter()

    def _learn(self, rows: int, lasted: float, aim: float, *, least: int = FEWEST) -> None:
        # Half as large at once where it was too slow; larger only step by step.
        fitting = round(rows * aim / max(lasted, 0.001))
        if rows == self.size or fitting < self.size:
            self.size = max(min(least, self._most), min(fitting, 2 * self.size, self._most))


def _change_of_aim(held: float) -> float:
    """Down by how much too long it was, at once where that is half as long again; up slowly."""
    if held > 1.5 * AIM_S:
        return AIM_S / held
    return 1.2 if held < AIM_S else 1.0
