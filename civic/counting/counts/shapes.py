"""What the counts know, and how they are cut."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, func, literal_column

from civic.contributions.map_layers import NO_CATEGORY, Column, MapLayer
from civic.contributions.workflow import StatusType
from civic.counting.models import MapCount, MapFacetCount, MapPeriodCount
from civic.database import Base
from civic.database.functions import epoch_days
from civic.places.geometry import CELL_LEVEL

ALL_LEVEL = 0
PLACED, UNPLACED = 0, -1
LEVELS = (10, 12, 14, 16, 18, 20)
SHARDED_LEVELS = frozenset({0, 10, 12})
SHARDS = 8
UNITS_A_DEGREE = 10_000_000

PENDING = "civic.map_counts"
SUMS = ("n", "sum_lat", "sum_lon")

Progress: TypeAlias = Callable[[int, int], None]
"""Called with how many steps are done, and of how many."""


class MapPoint(NamedTuple):
    """What the counts know of one visible thing; ``cell`` is of zoom 20, None without a place."""

    kind: str
    status: str
    status_type: StatusType
    category_id: int
    area_id: int | None
    department_id: int | None
    at: datetime
    cell: int | None
    lat: float | None
    lon: float | None


@dataclass(frozen=True, eq=False)
class Grouping:
    """One way of counting: what its rows tell apart, besides cell, kind and status type.

    ``of_point`` and ``of_layer`` give the values of the columns ``names``, of one thing in Python
    and of a whole table in SQL. ``narrow`` are the rows of ``model`` that are meant.
    """

    name: str
    model: type[Base]
    names: tuple[str, ...]
    levels: tuple[int, ...]
    of_point: Callable[[MapPoint], tuple[Any, ...]]
    of_layer: Callable[[MapLayer], Sequence[Column]]
    narrow: tuple[ColumnElement[bool], ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that tell its rows apart, the shard aside."""
        return ("level", "cell", *self.names, "kind", "status_type")


@dataclass(frozen=True, slots=True)
class Difference:
    """A count that is not what counting anew gives: (n, sum_lat, sum_lon) of both.

    ``key`` are the values of :attr:`Grouping.key` after level and cell.
    """

    grouping: str
    level: int
    cell: int
    key: tuple[Any, ...]
    kept: tuple[int, int, int]
    counted: tuple[int, int, int]


@cache
def cell_at(layer: MapLayer, level: int) -> ColumnElement[int]:
    """Return the expression for the cell of zoom ``level``, written out so as to be grouped by."""
    shift = 2 * (CELL_LEVEL - level)
    return layer.cell.op(">>")(literal_column(str(shift))) if shift else layer.cell + NO_CATEGORY


def day_of(moment: datetime) -> int:
    """Return the day of UTC that ``moment`` is in, from 1970-01-01 on."""
    return (moment - _EPOCH) // timedelta(days=1)


def start_of(day: int) -> datetime:
    """Return the first moment of ``day``."""
    return _EPOCH + timedelta(days=day)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _facets_of(point: MapPoint) -> tuple[Any, ...]:
    return point.category_id, point.area_id or 0, point.department_id or 0, point.status


def _facets_in(layer: MapLayer) -> Sequence[Column]:
    area, department = (
        func.coalesce(column, NO_CATEGORY) for column in (layer.area_id, layer.department_id)
    )
    return layer.category_id, area, department, layer.status


def _by_days(days: int, *levels: int) -> Grouping:
    """Return the grouping by blocks of ``days``, a power of two."""
    length: ColumnElement[int] = literal_column(str(days))
    bits: ColumnElement[int] = literal_column(str(days.bit_length() - 1))

    def of_layer(layer: MapLayer) -> Sequence[Column]:
        return length, epoch_days(layer.at).op(">>")(bits).op("<<")(bits)

    return Grouping(
        f"{days} days",
        MapPeriodCount,
        ("days", "first_day"),
        (ALL_LEVEL, *levels),
        lambda point: (days, day_of(point.at) // days * days),
        of_layer,
        (MapPeriodCount.days == length,),
    )


BY_KIND = Grouping("kind", MapCount, (), (ALL_LEVEL, *LEVELS), lambda point: (), lambda layer: ())
BY_FACET = Grouping(
    "facet",
    MapFacetCount,
    ("category_id", "area_id", "department_id", "status"),
    (ALL_LEVEL, *LEVELS),
    _facets_of,
    _facets_in,
)
BY_DAYS = {
    64: _by_days(64, 10, 12, 14, 16, 18),
    8: _by_days(8, 10, 12, 14, 16),
    1: _by_days(1, 10, 12, 14),
}
"""By their length, the longest first: a period is cut into few of them."""
GROUPINGS = (BY_KIND, BY_FACET, *BY_DAYS.values())
"""Deeper than a grouping's levels, its things are counted from the table: there are few days or
few places then."""
