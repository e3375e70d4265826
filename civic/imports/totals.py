"""What became of the rows of one file."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

BATCH = 2_000
"""Rows that are read together at most."""
FIRST_PART = 10
SHOWN = 10
"""So many rows does a trial show as they would be."""


@dataclass(slots=True)
class Totals:
    """What became of the rows of one file. ``shown`` are the first ones of a trial."""

    read: int = 0
    added: int = 0
    updated: int = 0
    known: int = 0
    changed_since: int = 0
    rejected: int = 0
    left_out: int = 0
    remarks: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    shown: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the totals for a script."""
        return {
            "read": self.read,
            "added": self.added,
            "updated": self.updated,
            "known": self.known,
            "changed_since": self.changed_since,
            "rejected": self.rejected,
            "left_out": self.left_out,
            "remarks": dict(self.remarks),
            "reasons": dict(self.reasons),
        }

    def include(self, other: "Totals") -> None:
        """Add what became of other rows of the same file, which was read for another kind."""
        for name in ("added", "updated", "known", "changed_since"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        taken = other.read - other.left_out
        self.left_out -= taken
        self.remarks += other.remarks
        self.reasons, self.rejected = other.reasons, other.rejected
        self.shown = (self.shown + other.shown)[:SHOWN]
