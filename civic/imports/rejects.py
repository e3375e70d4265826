"""Where rows go that cannot be taken, with their line and the reason."""

import csv
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson


class Rejects:
    """A CSV file of (line, reason, row), made when the first row is rejected."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reasons: Counter[str] = Counter()
        self._file: IO[str] | None = None
        self._writer: Any = None
        path.unlink(missing_ok=True)

    @property
    def total(self) -> int:
        """How many rows were rejected."""
        return self.reasons.total()

    def add(self, line: int, reason: str, row: dict[str, Any]) -> None:
        """Write one row down."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(["line", "reason", "row"])
        self._writer.writerow([line, reason, orjson.dumps(row, default=str).decode()[:20_000]])
        self.reasons[reason.partition(":")[0]] += 1

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
