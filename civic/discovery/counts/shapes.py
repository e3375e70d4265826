"""What the counts know, and how they are cut."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, literal_column

from civic.contributions.map_layers import NO_CATEGORY, MapLayer
from civic.contributions.workflow import StatusType
from civic.places.geometry import CELL_LEVEL

ALL_LEVEL = 0
PLACED, UNPLACED = 0, -1
LEVELS = (10, 12, 14, 16, 18)
SHARDED_LEVELS = frozenset({0, 10, 12})
SHARDS = 8
UNITS_A_DEGREE = 10_000_000

PENDING = "civic.map_counts"
KEY = ("level", "category_id", "cell", "kind", "status_type", "shard")
SUMS = ("n", "sum_lat", "sum_lon")

Progress: TypeAlias = Callable[[int, int], None]
"""Called with how many steps are done, and of how many."""


class MapPoint(NamedTuple):
    """What the counts know of one visible thing; ``cell`` is of zoom 20, None without a place."""

    kind: str
    category_id: int
    status_type: StatusType
    cell: int | None
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A count that is not what counting anew gives: (n, sum_lat, sum_lon) of both."""

    level: int
    cell: int
    category_id: int
    kind: str
    status_type: str
    kept: tuple[int, int, int]
    counted: tuple[int, int, int]


def cell_at(layer: MapLayer, level: int) -> ColumnElement[int]:
    """Return the expression for the cell of zoom ``level``, written out so as to be grouped by."""
    shift = 2 * (CELL_LEVEL - level)
    return layer.cell.op(">>")(literal_column(str(shift))) if shift else layer.cell + NO_CATEGORY
