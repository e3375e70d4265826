"""Where rows go that cannot be taken, with their line and the reason."""

import csv
import re
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson

_NUMBERS = re.compile(r"-?\d[\d.,]*(?<=\d)")


class Rejects:
    """A CSV file of (line, reason, row), made when the first row is rejected; or no file at all.

    ``reasons`` counts the rows of each kind of reason, ``examples`` has the first of each. Reasons
    that differ by a number, or by what the cell holds, are of one kind.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.reasons: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self._file: IO[str] | None = None
        self._writer: Any = None
        if path is not None:
            path.unlink(missing_ok=True)

    @property
    def total(self) -> int:
        """How many rows were rejected."""
        return self.reasons.total()

    def add(self, line: int, reason: str, row: dict[str, Any]) -> None:
        """Write one row down."""
        if self._file is None and self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(["line", "reason", "row"])
        if self._writer is not None:
            self._writer.writerow([line, reason, orjson.dumps(row, default=str).decode()[:20_000]])
        kind = _NUMBERS.sub("…", reason.partition(":")[0])
        self.reasons[kind] += 1
        if kind not in self.examples:
            cells = " ; ".join(str(value) for value in row.values() if value not in (None, ""))
            self.examples[kind] = f"line {line}: {cells[:80]}" if cells else f"line {line}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
