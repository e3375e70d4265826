"""What the map shows of one tile: clusters with exact counts, and single things where few.

A data tile is 512 pixels wide: tile z/x/y of the ordinary numbering is what a screen at zoom z + 1
shows on 512 pixels. It is cut in 8 by 8 cells; a cell with several things in it is a cluster.

What only kind, category and status type narrow is read from the counts; everything else is counted
from the indexes of the table, over the tile alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, func, literal_column, select, union_all
from sqlalchemy.orm import Session

from civic.contributions.map_layers import Column, MapLayer, grouping, map_layers
from civic.contributions.workflow import StatusType
from civic.discovery.counts import (
    ALL_LEVEL,
    LEVELS,
    PLACED,
    UNITS_A_DEGREE,
    UNPLACED,
    cell_at,
)
from civic.discovery.filters import ContributionFilter, category_ids, conditions
from civic.discovery.models import MapCount
from civic.places.geometry import (
    CELL_LEVEL,
    Tile,
    cell_range,
    cell_to_tile,
    tile_bounds,
    tile_to_cell,
)
from civic.taxonomy.models import Category

CELLS_ACROSS = 3
"""A tile is 2**3 cells wide."""
DEEPEST_TILE = 19
MOST_SINGLES = 150
"""So many single things at most in one tile: some 15 kB compressed."""
OPEN_FROM = 16
"""From this tile zoom on, cells with a few things are answered one by one."""
OPEN_UP_TO = 25
COARSE = 12
"""Up to this tile zoom a tile holds so much that the days of a filter are looked up first."""

Group: TypeAlias = tuple[str, StatusType]


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


def is_counted(asked: ContributionFilter) -> bool:
    """Whether nothing but kind, category and status type narrows it: what the counts know."""
    content = asked.content()
    return content == ContributionFilter(
        kinds=content.kinds, categories=content.categories, status_types=content.status_types
    )


def tile_data(session: Session, asked: ContributionFilter, tile: Tile) -> TileData:
    """Return what ``asked`` finds in ``tile``. The view (box, order, page) of it is not looked at.

    Nothing is left out: the clusters and singles of all tiles of one zoom add up to the totals'
    ``placed``. Raises ValueError when there is no such tile.
    """
    asked = asked.content()
    code = tile_to_cell(*tile)
    if tile.z > DEEPEST_TILE:
        raise ValueError(f"no tile is deeper than {DEEPEST_TILE}")
    level = min(tile.z + CELLS_ACROSS, CELL_LEVEL)
    clusters = _clusters(session, asked, [code], tile.z, level)
    opened = _opened(clusters.values(), tile.z)
    singles: list[Single] = []
    if opened:
        kinds = {kind for cell in opened for kind, _ in clusters[cell].by}
        whole = len(opened) == len(clusters)
        cells = [(code, tile.z)] if whole else [(cell, level) for cell in sorted(opened)]
        singles = _singles(session, asked, cells, (code, tile.z), kinds)
    return TileData(
        clusters=[clusters[cell] for cell in sorted(clusters.keys() - opened)],
        singles=singles,
        icons=_icons(session, singles),
    )


def totals(session: Session, asked: ContributionFilter) -> Totals:
    """Return how many things ``asked`` finds, with and without a place, whatever the box."""
    asked = asked.content()
    found = Totals({}, {})
    for is_placed, kind, status_type, n in (
        _kept_totals(session, asked) if is_counted(asked) else _live_totals(session, asked)
    ):
        groups = found.placed if is_placed else found.unplaced
        groups[kind, StatusType(status_type)] = n
    return found


def pyramid(session: Session, asked: ContributionFilter, tiles: Sequence[Tile]) -> list[Cluster]:
    """Return the clusters of several tiles of one zoom, the single things as clusters of one.

    For the picture that is drawn without script.
    """
    if not tiles:
        return []
    level = min(tiles[0].z + CELLS_ACROSS, CELL_LEVEL)
    codes = [tile_to_cell(*tile) for tile in tiles]
    return list(_clusters(session, asked.content(), codes, tiles[0].z, level).values())


# --------------------------------------------------------------------------------- clusters


def _clusters(
    session: Session, asked: ContributionFilter, codes: Sequence[int], z: int, level: int
) -> dict[int, Cluster]:
    if is_counted(asked) and level <= LEVELS[-1]:
        rows = _kept_rows(session, asked, codes, z, level)
    else:
        rows = _live_rows(session, asked, codes, z, level)
    clusters: dict[int, Cluster] = {}
    for cell, kind, status_type, n, sum_lat, sum_lon in rows:
        cluster = clusters.setdefault(cell, Cluster(cell, level))
        cluster.add((kind, StatusType(status_type)), n, sum_lat, sum_lon)
    return clusters


def _kept_rows(
    session: Session, asked: ContributionFilter, codes: Sequence[int], z: int, level: int
) -> Iterable[tuple[Any, ...]]:
    stored = next(known for known in LEVELS if known >= level)
    cell = MapCount.cell.op(">>")(literal_column(str(2 * (stored - level))))
    base: Any = (
        select(
            cell,
            MapCount.kind,
            MapCount.status_type,
            func.sum(MapCount.n),
            func.sum(MapCount.sum_lat),
            func.sum(MapCount.sum_lon),
        )
        .where(MapCount.level == stored, *_kept_conditions(session, asked))
        .group_by(cell, MapCount.kind, MapCount.status_type)
        .having(func.sum(MapCount.n) > 0)
    )
    ranges = _merged(
        (code << 2 * (stored - z), (code + 1 << 2 * (stored - z)) - 1) for code in codes
    )
    statement = _in_ranges(base, MapCount.cell, ranges)
    for cell_, kind, status_type, n, sum_lat, sum_lon in session.execute(statement):
        degrees = int(sum_lat) / UNITS_A_DEGREE, int(sum_lon) / UNITS_A_DEGREE
        yield (cell_, kind, status_type, int(n), *degrees)


def _kept_conditions(session: Session, asked: ContributionFilter) -> list[ColumnElement[bool]]:
    categories = category_ids(session, asked.categories) if asked.categories else [0]
    found: list[ColumnElement[bool]] = [
        # One category is by far the most common: an equality leaves the rest of the key usable.
        MapCount.category_id == categories[0]
        if len(categories) == 1
        else MapCount.category_id.in_(categories)
    ]
    if asked.kinds:
        found.append(MapCount.kind.in_(asked.kinds))
    if asked.status_types:
        found.append(MapCount.status_type.in_(asked.status_types))
    return found


def _live_rows(
    session: Session, asked: ContributionFilter, codes: Sequence[int], z: int, level: int
) -> Iterable[tuple[Any, ...]]:
    ranges = _merged(cell_range(code, z) for code in codes)
    by_period = _is_by_period(asked, z)
    for layer in _layers(asked):
        cell = cell_at(layer, level)
        found = conditions(session, asked, layer=_steered(layer, by_period=by_period))
        base = (
            select(
                cell,
                layer.kind,
                layer.status_type,
                func.count(),
                func.sum(layer.lat),
                func.sum(layer.lon),
            )
            .where(*found)
            .group_by(*grouping(cell, layer.kind, layer.status_type))
        )
        place = _hidden_from_planner(layer.cell) if by_period else layer.cell
        for row in session.execute(_in_ranges(base, place, ranges)):
            yield tuple(row)


def _is_by_period(asked: ContributionFilter, z: int) -> bool:
    """Whether the days narrow more than the tile does, and nothing else has an index of its own."""
    narrowed = asked.categories or asked.area or asked.department or asked.text
    return z <= COARSE and bool(asked.period or asked.since) and not narrowed


def _steered(layer: MapLayer, *, by_period: bool = False) -> MapLayer:
    """Return ``layer`` spelt so that only the indexes made for the map answer its conditions.

    Without statistics a planner takes kind or status for rare, and reads a third of the table.
    """
    return replace(
        layer,
        kind=_hidden_from_planner(layer.kind),
        status=_hidden_from_planner(layer.status),
        status_type=_hidden_from_planner(layer.status_type),
        at=layer.at if by_period else _hidden_from_planner(layer.at),
    )


def _hidden_from_planner(column: Column) -> Column:
    return func.coalesce(column, column)


def _layers(asked: ContributionFilter, kinds: Iterable[str] = ()) -> list[MapLayer]:
    """The layers that can hold anything of what is asked."""
    wanted = set(kinds) or set(asked.kinds)
    return [layer for layer in map_layers if not wanted or wanted.intersection(layer.codes())]


# ---------------------------------------------------------------------------------- singles


def _opened(clusters: Iterable[Cluster], z: int) -> set[int]:
    """Choose the cells whose things are answered one by one, the emptiest first."""
    by_size = sorted(clusters, key=lambda cluster: (cluster.n, cluster.cell))
    limit = OPEN_UP_TO if z >= OPEN_FROM else 1
    everything = z >= OPEN_FROM and sum(cluster.n for cluster in by_size) <= MOST_SINGLES
    opened: set[int] = set()
    room = MOST_SINGLES
    for cluster in by_size:
        if not everything and cluster.n > limit:
            break
        if cluster.n > room:
            break
        room -= cluster.n
        opened.add(cluster.cell)
    return opened


def _singles(
    session: Session,
    asked: ContributionFilter,
    cells: Sequence[tuple[int, int]],
    tile: tuple[int, int],
    kinds: set[str],
) -> list[Single]:
    found: list[Single] = []
    for layer in _layers(asked, kinds):
        found_by = conditions(session, asked, layer=_steered(layer))
        base = _single_columns(layer).where(*found_by)
        statement: Any
        if is_counted(asked) or len(cells) == 1:
            statement = _in_ranges(base, layer.cell, [cell_range(*cell) for cell in cells])
        else:
            # Words are looked up once, not once a range.
            wanted = cell_at(layer, cells[0][1]).in_([cell for cell, _ in cells])
            statement = base.where(layer.cell.between(*cell_range(*tile)), wanted)
        found += [
            Single(kind, key, title, StatusType(status_type), category, lat, lon)
            for kind, key, title, status_type, category, lat, lon in session.execute(statement)
        ]
    return sorted(found, key=lambda single: (single.kind, single.key))


def _single_columns(layer: MapLayer) -> Select[Any]:
    return select(
        layer.kind,
        layer.key,
        layer.title,
        layer.status_type,
        layer.category_id,
        layer.lat,
        layer.lon,
    )


def _in_ranges(base: Select[Any], cell: Column, ranges: list[tuple[int, int]]) -> Any:
    """One arm a range: a long OR makes both planners read the whole table.

    Filled up with empty ranges to a power of two, so that few statements have to be prepared.
    """
    arms = 1 << (len(ranges) - 1).bit_length()
    ranges = ranges + [(1, 0)] * (arms - len(ranges))
    parts = [base.where(cell.between(first, last)) for first, last in ranges]
    return parts[0] if len(parts) == 1 else union_all(*parts)


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join the ranges that follow one another."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and merged[-1][1] + 1 == first:
            merged[-1] = merged[-1][0], last
        else:
            merged.append((first, last))
    return merged


def _icons(session: Session, singles: Iterable[Single]) -> dict[int, str]:
    wanted = sorted({single.category_id for single in singles} - {0})
    if not wanted:
        return {}
    rows = session.execute(select(Category.id, Category.icon).where(Category.id.in_(wanted)))
    return {row.id: row.icon for row in rows}


# ----------------------------------------------------------------------------------- totals


def _kept_totals(session: Session, asked: ContributionFilter) -> Iterable[tuple[Any, ...]]:
    statement = (
        select(MapCount.cell, MapCount.kind, MapCount.status_type, func.sum(MapCount.n))
        .where(MapCount.level == ALL_LEVEL, MapCount.cell.in_((UNPLACED, PLACED)))
        .where(*_kept_conditions(session, asked))
        .group_by(MapCount.cell, MapCount.kind, MapCount.status_type)
        .having(func.sum(MapCount.n) > 0)
    )
    for cell, kind, status_type, n in session.execute(statement):
        yield cell == PLACED, kind, status_type, int(n)


def _live_totals(session: Session, asked: ContributionFilter) -> Iterable[tuple[Any, ...]]:
    for layer in _layers(asked):
        is_placed = layer.cell.is_not(None)
        statement = (
            select(is_placed, layer.kind, layer.status_type, func.count())
            .where(*conditions(session, asked, layer=layer))
            .group_by(*grouping(is_placed, layer.kind, layer.status_type))
        )
        for row in session.execute(statement):
            yield tuple(row)


# ------------------------------------------------------------------------------------- JSON


def tile_body(data: TileData) -> dict[str, Any]:
    """Return ``data`` as the short words of the answer; degrees to the nearest metre or so.

    ``clusters``: [lat, lon, n, {kind: {status type: n}}, box], the box [south, west, north, east]
    of the cell. ``points``: [kind, key, lat, lon, status type, icon, title].
    """
    return {
        "clusters": [_cluster_body(cluster) for cluster in data.clusters],
        "points": [
            [
                single.kind,
                single.key,
                round(single.lat, 6),
                round(single.lon, 6),
                single.status_type.value,
                data.icons.get(single.category_id, ""),
                single.title[:80],
            ]
            for single in data.singles
        ],
    }


def _cluster_body(cluster: Cluster) -> list[Any]:
    by: dict[str, dict[str, int]] = {}
    for (kind, status_type), n in sorted(cluster.by.items()):
        by.setdefault(kind, {})[status_type.value] = n
    box = tile_bounds(cell_to_tile(cluster.cell, cluster.level))
    return [
        round(cluster.lat, 6),
        round(cluster.lon, 6),
        cluster.n,
        by,
        [round(edge, 5) for edge in (box.south, box.west, box.north, box.east)],
    ]
