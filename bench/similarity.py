"""``python -m bench.similarity FILE``: how good the search for near duplicates is on real reports.

The rule and what it cannot show are in docs/adr/0030-near-duplicates.md.
"""

import csv
import gzip
import io
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from civic.places.geometry import Position, haversine_m
from civic.similar.likeness import DEFAULT_RADIUS_M, THRESHOLD, Subject, likeness, subject

SAME_PLACE_M = 30.0
SAME_TIME_DAYS = 3.0
NEIGHBOUR_M = (75.0, 150.0)
LONG_AFTER_DAYS = 150.0
MOST_PAIRS = 2_000
SEED = 1
_GRID = 0.002  # degrees: some 150 to 220 m


@dataclass(frozen=True, slots=True)
class _Report:
    kind: str
    what: str
    at: datetime
    position: Position

    def as_subject(self) -> Subject:
        return subject(
            title=self.what, body="", at=self.at, position=self.position, category=self.kind
        )


@dataclass(slots=True)
class SimilarityReport:
    """What came out. ``wrong`` is the share of each sort of negatives that was taken for the same.

    ``precision`` and ``recall`` are of all pairs at the threshold, between 0 and 1.
    """

    threshold: float = THRESHOLD
    positives: int = 0
    found: int = 0
    negatives: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)

    @property
    def recall(self) -> float:
        """The share of the duplicates that is found."""
        return self.found / self.positives if self.positives else 0.0

    @property
    def precision(self) -> float:
        """The share of what is found that is a duplicate."""
        all_found = self.found + sum(self.wrong.values())
        return self.found / all_found if all_found else 0.0

    def as_dict(self) -> dict[str, object]:
        """Return the figures by name."""
        figures: dict[str, object] = {
            "threshold": self.threshold,
            "duplicate pairs": self.positives,
            "found": self.found,
            "recall": round(self.recall, 3),
            "precision": round(self.precision, 3),
        }
        for name, count in self.negatives.items():
            figures[f"{name}: pairs"] = count
            figures[f"{name}: taken for the same"] = self.wrong[name]
        return figures


NEGATIVES = ("another problem at the place", "the same problem next door", "long after")


def measure_similarity(path: Path) -> SimilarityReport:
    """Return precision and recall on pairs made of the reports of ``path`` (a CSV, maybe gzipped).

    Needs the columns type, soustype, datedecl, lat, lon, as Paris publishes them. The draw has a
    fixed seed: the same file gives the same figures.
    """
    duplicates, others = _pairs(list(_read(path)))
    drawn = random.Random(SEED)
    report = SimilarityReport()
    chosen = drawn.sample(duplicates, min(MOST_PAIRS, len(duplicates)))
    report.positives = len(chosen)
    report.found = sum(_is_taken(pair) for pair in chosen)
    for name in NEGATIVES:
        pairs = others[name]
        some = drawn.sample(pairs, min(MOST_PAIRS, len(pairs)))
        report.negatives[name] = len(some)
        report.wrong[name] = sum(_is_taken(pair) for pair in some)
    return report


_Pair = tuple[_Report, _Report]


def _is_taken(pair: _Pair) -> bool:
    alike = likeness(pair[0].as_subject(), pair[1].as_subject(), radius_m=DEFAULT_RADIUS_M)
    return alike.score >= THRESHOLD


def _read(path: Path) -> Iterator[_Report]:
    with (
        gzip.open(path) if path.suffix == ".gz" else path.open("rb") as raw,
        io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file,
    ):
        for row in csv.DictReader(file):
            try:
                at = datetime.fromisoformat(row["datedecl"][:10]).replace(tzinfo=UTC)
                position = Position(float(row["lat"]), float(row["lon"]))
            except (KeyError, TypeError, ValueError):
                continue
            if row.get("type") and row.get("soustype"):
                yield _Report(row["type"], row["soustype"], at, position)


def _pairs(reports: list[_Report]) -> tuple[list[_Pair], dict[str, list[_Pair]]]:
    squares: dict[tuple[int, int], list[int]] = {}
    for index, report in enumerate(reports):
        squares.setdefault(_square(report.position), []).append(index)
    duplicates: list[_Pair] = []
    others: dict[str, list[_Pair]] = {name: [] for name in NEGATIVES}
    for index, one in enumerate(reports):
        x, y = _square(one.position)
        for square in ((x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
            for second in squares.get(square, ()):
                if second <= index:
                    continue
                name = _sort_of(one, reports[second])
                if name == "duplicate":
                    duplicates.append((one, reports[second]))
                elif name:
                    others[name].append((one, reports[second]))
    return duplicates, others


def _square(position: Position) -> tuple[int, int]:
    return int(position.lat // _GRID), int(position.lon // _GRID)


def _sort_of(one: _Report, other: _Report) -> str:
    """Return what the pair is by the rule; nothing for pairs that prove nothing."""
    metres = haversine_m(one.position, other.position)
    days = abs((one.at - other.at).total_seconds()) / 86_400
    if metres <= SAME_PLACE_M and days <= SAME_TIME_DAYS:
        return "duplicate" if one.what == other.what else NEGATIVES[0]
    if one.what != other.what:
        return ""
    if NEIGHBOUR_M[0] <= metres <= NEIGHBOUR_M[1] and days <= SAME_TIME_DAYS:
        return NEGATIVES[1]
    if metres <= SAME_PLACE_M and days >= LONG_AFTER_DAYS:
        return NEGATIVES[2]
    return ""


if __name__ == "__main__":
    for name, value in measure_similarity(Path(sys.argv[1])).as_dict().items():
        print(f"{name}: {value}")
