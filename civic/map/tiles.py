"""What the map shows of one tile: clusters with exact counts, and single things where few.

A data tile is 512 pixels wide: tile z/x/y of the ordinary numbering is what a screen at zoom z + 1
shows on 512 pixels. It is cut in 8 by 8 cells; a cell with several things in it is a cluster.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from civic.contributions.projection import public_position
from civic.counting.queries import Cluster, Found
from civic.map.singles import Single, find_icons, find_singles, opened_cells
from civic.places.geometry import CELL_LEVEL, Tile, cell_to_tile, tile_bounds, tile_to_cell

DEEPEST_TILE = 19
CELLS_ACROSS = 3
"""A tile is 2**3 cells wide."""


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


def pyramid(found: Found, tiles: Sequence[Tile]) -> list[Cluster]:
    """Return the clusters of several tiles of one zoom, the single things as clusters of one.

    For the picture that is drawn without script.
    """
    if not tiles:
        return []
    level = min(tiles[0].z + CELLS_ACROSS, CELL_LEVEL)
    return list(found.clusters([tile_to_cell(*tile) for tile in tiles], tiles[0].z, level))


def tile_data(session: Session, found: Found, tile: Tile) -> TileData:
    """Return what of ``found`` is in ``tile``.

    Nothing is left out: the clusters and singles of all tiles of one zoom add up to the totals'
    ``placed``. Raises ValueError when there is no such tile.
    """
    code = tile_to_cell(*tile)
    if tile.z > DEEPEST_TILE:
        raise ValueError(f"no tile is deeper than {DEEPEST_TILE}")
    level = min(tile.z + CELLS_ACROSS, CELL_LEVEL)
    clusters = {cluster.cell: cluster for cluster in found.clusters([code], tile.z, level)}
    opened = opened_cells(clusters.values(), tile.z)
    singles = find_singles(session, found, [(cell, level) for cell in sorted(opened)])
    return TileData(
        clusters=[clusters[cell] for cell in sorted(clusters.keys() - opened)],
        singles=singles,
        icons=find_icons(session, singles),
    )


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
                *public_position(single.lat, single.lon),
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
