"""What the map shows, as values."""

from dataclasses import dataclass, field
from typing import TypeAlias

from civic.contributions.workflow import StatusType

Group: TypeAlias = tuple[str, StatusType]
"""A kind and a status type."""


@dataclass(slots=True)
class Cluster:
    """Several things in one cell, with how many there are of each kind and status type."""

    cell: int
    level: int
    n: int = 0
    lat: float = 0.0
    lon: float = 0.0
    by: dict[Group, int] = field(default_factory=dict)

    def add(self, group: Group, n: int, sum_lat: float, sum_lon: float) -> None:
        """Add ``n`` things whose latitudes and longitudes add up to these sums, in degrees."""
        self.lat = (self.lat * self.n + sum_lat) / (self.n + n)
        self.lon = (self.lon * self.n + sum_lon) / (self.n + n)
        self.n += n
        self.by[group] = self.by.get(group, 0) + n


@dataclass(frozen=True, slots=True)
class Single:
    """One thing at its place. ``key`` is what the address of its page is made of."""

    kind: str
    key: str
    title: str
    status_type: StatusType
    category_id: int
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class TileData:
    """The content of one tile; ``icons`` are those of the categories of the singles."""

    clusters: list[Cluster]
    singles: list[Single]
    icons: dict[int, str]

    @property
    def total(self) -> int:
        """How many things the tile holds."""
        return sum(cluster.n for cluster in self.clusters) + len(self.singles)


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
