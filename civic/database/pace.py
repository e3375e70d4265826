"""How many rows one transaction takes, so that nobody who writes has to wait for it long."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

AIM_S = 0.1
"""How long a transaction should last: under load it may take twice that."""
FEWEST = 10
REST = 0.2
"""This part of the time belongs to the others: who waits looks again each millisecond."""


class Pace:
    """A size of batches that follows how long the batches before took."""

    def __init__(self, *, first: int, most: int) -> None:
        """Begin with ``first`` rows; never take more than ``most``."""
        self.size = min(first, most)
        self._least, self._most = min(FEWEST, most), most

    @contextmanager
    def batch(self, rows: int) -> Iterator[None]:
        """Time a transaction of ``rows`` rows, its commit included."""
        began = time.perf_counter()
        yield
        lasted = max(time.perf_counter() - began, 0.001)
        # Half as large at once where it was too slow; larger only step by step.
        fitting = round(rows * AIM_S / lasted)
        if rows == self.size or fitting < self.size:
            self.size = max(self._least, min(fitting, 2 * self.size, self._most))
        time.sleep(REST * lasted)
