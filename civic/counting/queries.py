"""What a filter finds on the map: how much of what, in a tile, in a box, around a point."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.contributions.map_layers import MapLayer
from civic.contributions.workflow import StatusType
from civic.counting.columns import NEVER, Array, Columns, State
from civic.counting.snapshot import Version, version_for
from civic.finding.filters import ContributionFilter, period_bounds
from civic.finding.names import names_of
from civic.places.geometry import CELL_LEVEL, Bounds, cell_range, cover, cover_level
from civic.places.queries import get_town_day
from civic.search.queries import Search, answering, get_search

MOST_RANGES = 64
"""A box is cut into so many ranges of cells at most; latitude and longitude decide."""

Group: TypeAlias = tuple[str, StatusType]
"""A kind and a status type."""


@dataclass(frozen=True, slots=True)
class Totals:
    """How many things a filter finds, wherever they are."""

    placed: dict[Group, int]
    unplaced: dict[Group, int]

    @property
    def total(self) -> int:
        """All of them: what the list says."""
        return sum(self.placed.values()) + self.unplaced_total

    @property
    def unplaced_total(self) -> int:
        """Those that no map can show."""
        return sum(self.unplaced.values())

    def count(self, kind: str | None = None, status_type: StatusType | None = None) -> int:
        """Return how many there are of a kind, of a status type, or both."""
        return sum(
            n
            for groups in (self.placed, self.unplaced)
            for (its_kind, its_type), n in groups.items()
            if kind in {None, its_kind} and status_type in {None, its_type}
        )


@dataclass(frozen=True, slots=True)
class Cluster:
    """Several things in one cell, with how many there are of each kind and status type.

    ``lat`` and ``lon`` are the middle of them.
    """

    cell: int
    level: int
    n: int
    lat: float
    lon: float
    by: dict[Group, int]


@dataclass(frozen=True, eq=False)
class Found:
    """What a filter finds in one version of the map.

    ``chosen`` are the numbers of its rows, rising; None stands for all.
    """

    version: Version
    chosen: NDArray[np.int64] | None

    @cached_property
    def totals(self) -> Totals:
        """How many there are, with and without a place."""
        columns = self.version.columns
        placed = int(np.searchsorted(columns.cell, 0))
        return Totals(
            self._counted(self._between(placed, len(columns))),
            self._counted(self._between(0, placed)),
        )

    @cached_property
    def by_area(self) -> dict[int, dict[Group, int]]:
        """How many there are by the id of the area itself, 0 for none."""
        area = self.version.columns.area[self._between(0, len(self.version.columns))]
        state = self.version.columns.state[self._between(0, len(self.version.columns))]
        pairs, counts = np.unique(area.astype(np.int64) << 16 | state, return_counts=True)
        found: dict[int, dict[Group, int]] = {}
        for pair, n in zip(pairs.tolist(), counts.tolist(), strict=True):
            _add(found.setdefault(pair >> 16, {}), self.version.states[pair & 0xFFFF], n)
        return found

    def clusters(self, codes: Sequence[int], z: int, level: int) -> Iterator[Cluster]:
        """Yield the cells of zoom ``level`` with anything in them, in tiles of zoom ``z``."""
        columns = self.version.columns
        for code in codes:
            rows = self._within(code, z)
            cells = columns.cell[rows] >> 2 * (CELL_LEVEL - level)
            lat, lon, state = columns.lat[rows], columns.lon[rows], columns.state[rows]
            ends = [0, *(np.flatnonzero(np.diff(cells)) + 1).tolist(), len(cells)]
            for first, last in pairwise(ends):
                if first < last:
                    yield Cluster(
                        int(cells[first]),
                        level,
                        last - first,
                        float(lat[first:last].mean()),
                        float(lon[first:last].mean()),
                        self._by_group(state[first:last]),
                    )

    def ids_in(self, cells: Sequence[tuple[int, int]]) -> list[tuple[MapLayer, list[int]]]:
        """Return the ids of what lies in ``cells`` (code, zoom), by the layer they are of."""
        key, layers = self.version.columns.key, self.version.layers
        found: list[list[int]] = [[] for _ in layers]
        for code, level in cells:
            for one in key[self._within(code, level)].tolist():
                found[one % len(layers)].append(one // len(layers))
        return [(layer, ids) for layer, ids in zip(layers, found, strict=True) if ids]

    def count_in(self, code: int, level: int) -> int:
        """Return how many there are in one cell."""
        rows = self._within(code, level)
        return rows.stop - rows.start if isinstance(rows, slice) else len(rows)

    def count_within(self, box: Bounds) -> int:
        """Return how many there are in ``box``, edges included."""
        columns, found = self.version.columns, 0
        for first, last in cover(box, cover_level(box, MOST_RANGES)):
            begin, end = np.searchsorted(columns.cell, [first, last + 1])
            rows = self._between(int(begin), int(end))
            found += int(_inside(box, columns.lat[rows], columns.lon[rows]).sum())
        return found

    def _within(self, code: int, level: int) -> Any:
        first, last = cell_range(code, level)
        begin, end = np.searchsorted(self.version.columns.cell, [first, last + 1])
        return self._between(int(begin), int(end))

    def _between(self, begin: int, end: int) -> Any:
        """Return what indexes the columns: those of the rows that are found, without copying."""
        if self.chosen is None:
            return slice(begin, end)
        first, last = np.searchsorted(self.chosen, [begin, end])
        return self.chosen[first:last]

    def _counted(self, rows: Any) -> dict[Group, int]:
        return self._by_group(self.version.columns.state[rows])

    def _by_group(self, state: Array) -> dict[Group, int]:
        groups: dict[Group, int] = {}
        for number, n in enumerate(np.bincount(state).tolist()):
            if n:
                _add(groups, self.version.states[number], n)
        return groups


def _add(groups: dict[Group, int], state: State, n: int) -> None:
    group = state[0], state[2]
    groups[group] = groups.get(group, 0) + n


def _inside(box: Bounds, lat: Array, lon: Array) -> Array:
    if box.west <= box.east:
        across = (lon >= box.west) & (lon <= box.east)
    else:
        across = (lon >= box.west) | (lon <= box.east)
    inside: Array = across & (lat >= box.south) & (lat <= box.north)
    return inside


def find_counted(
    session: Session, asked: ContributionFilter, search: Search | None = None
) -> Found:
    """Return what ``asked`` finds, the view (box, place, order, page) aside.

    ``search`` is how its words are understood. The same object given again is taken to have the
    same answers: they are looked up once.
    """
    asked, version = asked.content(), version_for(session)
    if asked.text and search is None:
        return _chosen(session, version, asked, get_search(session, asked.text))
    # The key holds the search itself: nobody else can be given its identity meanwhile. The last so
    # many days are others from midnight on.
    key = asked, asked.period and get_town_day(session), _Same(search)
    found: Found = version.kept.look_up(key, lambda: _chosen(session, version, asked, search))
    return found


def count_totals(session: Session, asked: ContributionFilter) -> Totals:
    """Return how many things ``asked`` finds, with and without a place, whatever the box."""
    return find_counted(session, asked).totals


class _Same:
    """One object, equal to itself alone."""

    def __init__(self, it: object) -> None:
        self._it = it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._it is other._it

    def __hash__(self) -> int:
        return id(self._it)


def _chosen(
    session: Session, version: Version, asked: ContributionFilter, search: Search | None
) -> Found:
    conditions = list(_conditions(session, version, asked, search))
    if not conditions:
        return Found(version, None)
    mask = conditions[0]
    for condition in conditions[1:]:
        mask &= condition
    return Found(version, np.flatnonzero(mask))


def _conditions(
    session: Session, version: Version, asked: ContributionFilter, search: Search | None
) -> Iterator[Array]:
    """Yield, for every row, whether it meets each thing that is asked."""
    columns = version.columns
    if asked.kinds or asked.status_types or asked.statuses:
        wanted = np.array([_is_wanted(asked, state) for state in version.states], bool)
        yield wanted[columns.state]
    if asked.categories:
        yield np.isin(columns.category, names_of(session).category_ids(asked.categories))
    if asked.department:
        department = names_of(session).department(asked.department)
        yield columns.department == (-1 if department is None else department.id)
    if asked.area:
        yield np.isin(columns.area, names_of(session).area_ids(asked.area))
    yield from _when(session, columns, asked)
    if search is not None:
        yield np.isin(columns.key, _keys(session, version, asked.text, search))


def _is_wanted(asked: ContributionFilter, state: State) -> bool:
    kind, status, status_type = state
    return (
        (not asked.kinds or kind in asked.kinds)
        and (not asked.statuses or status in asked.statuses)
        and (not asked.status_types or status_type in asked.status_types)
    )


def _when(session: Session, columns: Columns, asked: ContributionFilter) -> Iterator[Array]:
    if not (asked.period or asked.since or asked.until):
        return
    # Both are whole seconds: the fraction of a moment, which is left off, changes nothing.
    begin, end = (_seconds(moment) for moment in period_bounds(session, asked))
    yield columns.at >= max(begin, NEVER + 1)
    if asked.until:
        yield columns.at < end


def _seconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


def _keys(session: Session, version: Version, text: str, search: Search) -> Array:
    """Return the keys of what answers the words."""
    found = []
    for number, layer in enumerate(version.layers):
        if layer.text_condition is not None:
            statement = select(layer.id).where(layer.text_condition(session, text))
        else:
            statement = answering(session, search)
        rows = session.connection().execute(statement).cursor.fetchall()
        ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
        found.append(ids * len(version.layers) + number)
    return np.concatenate(found)
