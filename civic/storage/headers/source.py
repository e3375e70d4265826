"""Reading a few bytes here and there of a stranger's file, and never many."""

import io
from typing import IO

MOST_READS = 4_000
"""A photo whose extended metadata fill 15 MB has some 230 parts."""
MOST_BYTES = 1_000_000
"""Of one read."""

Block = bytes
"""Metadata as a TIFF file: what stands behind « Exif »."""


class DamagedError(ValueError):
    """The file does not go on as it begins."""


class Source:
    """A file read by position. Raises DamagedError past its end, and after too many reads."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._reads_left = MOST_READS
        self.size = file.seek(0, io.SEEK_END)

    def read(self, at: int, length: int) -> bytes:
        """Return exactly ``length`` bytes from position ``at``."""
        self._reads_left -= 1
        if self._reads_left < 0 or length > MOST_BYTES or not 0 <= at <= self.size - length:
            raise DamagedError
        self._file.seek(at)
        data = self._file.read(length)
        if len(data) != length:
            raise DamagedError
        return data

    def number(self, at: int, length: int) -> int:
        """Return the big-endian number at ``at``."""
        return int.from_bytes(self.read(at, length), "big")
