"""One tile: its clusters and single things, and how they are told to the browser."""

from typing import Any

from sqlalchemy.orm import Session

from civic.counting.map_data.clusters import CELLS_ACROSS, find_clusters
from civic.counting.map_data.found import Found
from civic.counting.map_data.shapes import Cluster, Single, TileData
from civic.counting.map_data.singles import find_icons, find_singles, opened_cells
from civic.finding.filters import ContributionFilter
from civic.places.geometry import CELL_LEVEL, Tile, cell_to_tile, tile_bounds, tile_to_cell

DEEPEST_TILE = 19


def tile_data(
    session: Session, asked: ContributionFilter, tile: Tile, found: Found | None = None
) -> TileData:
    """Return what ``asked`` finds in ``tile``. The view (box, order, page) of it is not looked at.

    ``found`` are the places of what is asked, where they are known already.

    Nothing is left out: the clusters and singles of all tiles of one zoom add up to the totals'
    ``placed``. Raises ValueError when there is no such tile.
    """
    asked = asked.content()
    code = tile_to_cell(*tile)
    if tile.z > DEEPEST_TILE:
        raise ValueError(f"no tile is deeper than {DEEPEST_TILE}")
    level = min(tile.z + CELLS_ACROSS, CELL_LEVEL)
    clusters = find_clusters(session, asked, [code], tile.z, level, found)
    opened = opened_cells(clusters.values(), tile.z)
    singles: list[Single] = []
    if opened:
        kinds = {kind for cell in opened for kind, _ in clusters[cell].by}
        whole = len(opened) == len(clusters)
        cells = [(code, tile.z)] if whole else [(cell, level) for cell in sorted(opened)]
        singles = find_singles(session, asked, cells, (code, tile.z), kinds, found)
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
