"""The things that a tile answers one by one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.contributions.workflow import StatusType
from civic.counting.queries import Cluster, Found
from civic.database.tables import is_among
from civic.taxonomy.models import Category

MOST_SINGLES = 150
"""So many single things at most in one tile: some 15 kB compressed."""
OPEN_FROM = 16
"""From this tile zoom on, cells with a few things are answered one by one."""
OPEN_UP_TO = 25


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


def find_singles(session: Session, found: Found, cells: Sequence[tuple[int, int]]) -> list[Single]:
    """Return what of ``found`` lies in ``cells`` (code, zoom) and is public, by kind and key."""
    singles: list[Single] = []
    for layer, ids in found.ids_in(cells):
        statement: Any = select(
            layer.kind,
            layer.key,
            layer.title,
            layer.status_type,
            layer.category_id,
            layer.lat,
            layer.lon,
        )
        # The snapshot is of another moment than this transaction: what is hidden shows nowhere.
        here = is_among(session, layer.id, ids), layer.is_visible, layer.cell.is_not(None)
        for kind, key, title, status_type, *place in session.execute(statement.where(*here)):
            singles.append(Single(kind, key, title, StatusType(status_type), *place))
    return sorted(singles, key=lambda single: (single.kind, single.key))


def find_icons(session: Session, singles: Iterable[Single]) -> dict[int, str]:
    """Return the icons of the categories of ``singles``."""
    wanted = sorted({single.category_id for single in singles} - {0})
    if not wanted:
        return {}
    rows = session.execute(select(Category.id, Category.icon).where(Category.id.in_(wanted)))
    return {row.id: row.icon for row in rows}
