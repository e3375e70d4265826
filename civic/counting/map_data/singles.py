"""The things that a tile answers one by one."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from civic.contributions.map_layers import MapLayer
from civic.contributions.workflow import StatusType
from civic.counting.counts import cell_at
from civic.counting.map_data.found import Found
from civic.counting.map_data.reading import in_ranges, layers_of, steered
from civic.counting.map_data.shapes import Cluster, Single
from civic.finding.filters import ContributionFilter, conditions
from civic.places.geometry import cell_range
from civic.taxonomy.models import Category

MOST_SINGLES = 150
"""So many single things at most in one tile: some 15 kB compressed."""
OPEN_FROM = 16
"""From this tile zoom on, cells with a few things are answered one by one."""
OPEN_UP_TO = 25


def opened_cells(clusters: Iterable[Cluster], z: int) -> set[int]:
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


def find_singles(
    session: Session,
    asked: ContributionFilter,
    cells: Sequence[tuple[int, int]],
    tile: tuple[int, int],
    kinds: set[str],
    found_before: Found | None = None,
) -> list[Single]:
    """Return what lies in ``cells`` (code, zoom) of ``tile`` (code, zoom), by kind and key."""
    found: list[Single] = []
    for layer in layers_of(asked, kinds):
        if found_before is not None:
            ids = found_before.ids_in(cells, layer.codes())
            statement: Any = _single_columns(layer).where(layer.id.in_(ids))
            found += _singles(session, statement)
            continue
        found_by = conditions(session, asked, layer=steered(layer, to="cell"))
        base = _single_columns(layer).where(*found_by)
        if not asked.text or len(cells) == 1:
            statement = in_ranges(base, layer.cell, [cell_range(*cell) for cell in cells])
        else:
            # Words are looked up once, not once a range.
            wanted = cell_at(layer, cells[0][1]).in_([cell for cell, _ in cells])
            statement = base.where(layer.cell.between(*cell_range(*tile)), wanted)
        found += _singles(session, statement)
    return sorted(found, key=lambda single: (single.kind, single.key))


def _singles(session: Session, statement: Select[Any]) -> list[Single]:
    return [
        Single(kind, key, title, StatusType(status_type), category, lat, lon)
        for kind, key, title, status_type, category, lat, lon in session.execute(statement)
    ]


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


def find_icons(session: Session, singles: Iterable[Single]) -> dict[int, str]:
    """Return the icons of the categories of ``singles``."""
    wanted = sorted({single.category_id for single in singles} - {0})
    if not wanted:
        return {}
    rows = session.execute(select(Category.id, Category.icon).where(Category.id.in_(wanted)))
    return {row.id: row.icon for row in rows}
