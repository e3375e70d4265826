"""What the counts do not know, kept for the tiles of one view.

They know no words, and no days of one category. The places of what answers are read once and cut
into tiles from memory, as long as nobody has committed anything.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import String, select, type_coerce
from sqlalchemy.orm import Session

from civic.contributions.workflow import StatusType
from civic.counting.map_data.reading import is_in_counts, layers_of, steered, way_to
from civic.counting.map_data.shapes import Group, Totals
from civic.database.state import Unchanged
from civic.finding.filters import ContributionFilter, conditions
from civic.places.geometry import CELL_LEVEL, cell_range

MOST_THINGS = 300_000
"""So many places are 12 MB; what finds more is counted by the database, tile by tile."""
MOST_QUESTIONS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Where the things are that a filter finds, in the order of their cells of zoom 20.

    ``groups`` are numbers of ``names``.
    """

    names: tuple[Group, ...]
    groups: NDArray[np.int64]
    ids: NDArray[np.int64]
    cells: NDArray[np.int64]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    totals: Totals

    def clusters(
        self, codes: Sequence[int], z: int, level: int
    ) -> Iterator[tuple[int, str, str, int, float, float]]:
        """Yield (cell of zoom ``level``, kind, status type, n, sums) in tiles of zoom ``z``."""
        for code in codes:
            here = self._within(code, z)
            keys = (self.cells[here] >> 2 * (CELL_LEVEL - level)) * len(self.names)
            keys, at = np.unique(keys + self.groups[here], return_inverse=True)
            counted = np.bincount(at, minlength=len(keys))
            lat = np.bincount(at, self.lat[here], len(keys))
            lon = np.bincount(at, self.lon[here], len(keys))
            for key, n, sum_lat, sum_lon in zip(keys, counted, lat, lon, strict=True):
                cell, group = divmod(int(key), len(self.names))
                kind, status_type = self.names[group]
                yield cell, kind, status_type, int(n), float(sum_lat), float(sum_lon)

    def ids_in(self, cells: Sequence[tuple[int, int]], kinds: Sequence[str]) -> list[int]:
        """Return the ids of the things of ``kinds`` in ``cells`` (code, zoom)."""
        wanted = [at for at, (kind, _) in enumerate(self.names) if kind in kinds]
        found: list[int] = []
        for code, level in cells:
            here = self._within(code, level)
            found += self.ids[here][np.isin(self.groups[here], wanted)].tolist()
        return found

    def _within(self, code: int, level: int) -> slice:
        first, last = cell_range(code, level)
        begin, end = np.searchsorted(self.cells, [first, last + 1])
        return slice(int(begin), int(end))


class FoundBefore:
    """The last few filters that the counts do not know, and what they found."""

    def __init__(self) -> None:
        # That they are too many is kept as well: the other tiles need not find it out again.
        self._kept: Unchanged[ContributionFilter, Found | None] = Unchanged(MOST_QUESTIONS)

    def look_up(self, session: Session, asked: ContributionFilter, stamp: Hashable) -> Found | None:
        """Return where the things of ``asked`` are; None where the counts know, or they are many.

        ``stamp`` says what the database held before the transaction of ``session`` began (see
        civic.database.state); None where that is not known.
        """
        asked = asked.content()
        if stamp is None or is_in_counts(asked):
            return None
        return self._kept.look_up(asked, stamp, lambda: _read(session, asked))


def _read(session: Session, asked: ContributionFilter) -> Found | None:
    rows: list[tuple[Any, ...]] = []
    way = "id" if asked.text else way_to(asked, None)
    for layer in layers_of(asked):
        found = conditions(session, asked, layer=steered(layer, to=way))
        # As plain text: making a hundred thousand members of the enumeration takes longer.
        status_type = type_coerce(layer.status_type, String)
        statement: Any = select(
            layer.kind, status_type, layer.id, layer.cell, layer.lat, layer.lon
        ).where(*found)
        rows += session.connection().execute(statement.limit(MOST_THINGS + 1)).cursor.fetchall()
    if len(rows) > MOST_THINGS:
        return None
    unplaced = Counter((row[0], StatusType(row[1])) for row in rows if row[3] is None)
    rows = [row for row in rows if row[3] is not None]
    kinds, types, ids, cells, lat, lon = zip(*rows, strict=True) if rows else ((),) * 6
    pairs = list(zip(kinds, types, strict=True))
    numbers = {pair: number for number, pair in enumerate(dict.fromkeys(pairs))}
    in_order = np.argsort(np.array(cells, np.int64), kind="stable")
    names = tuple((kind, StatusType(status_type)) for kind, status_type in numbers)
    groups = np.array([numbers[pair] for pair in pairs], np.int64)
    placed = dict(zip(names, np.bincount(groups, minlength=len(names)).tolist(), strict=True))
    return Found(
        names,
        groups[in_order],
        np.array(ids, np.int64)[in_order],
        np.array(cells, np.int64)[in_order],
        np.array(lat, np.float64)[in_order],
        np.array(lon, np.float64)[in_order],
        Totals(placed, dict(unplaced)),
    )
