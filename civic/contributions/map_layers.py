"""What the map shows: contributions, and whatever a higher row registers (service actions).

A layer tells the map which columns of one table to read. The map, its counts and its filters know
layers only, so the rows that own the tables need not know each other.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.orm import InstrumentedAttribute, Session

from civic.contributions.kinds import kinds
from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.database import Base

Column = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True, eq=False)
class MapLayer:
    """One table on the map.

    ``is_visible`` says in SQL what the public may see. ``category_id`` is the literal 0 where
    there are no categories. ``at`` is what the period filter looks at. ``key`` is what the
    address of a page is made of: ``<blueprint>.show`` takes it as ``parameter``. ``tracked``
    names the attributes that change what the map shows. ``text_condition`` finds by words.
    """

    model: type[Base]
    codes: Callable[[], tuple[str, ...]]
    kind: Column
    category_id: Column
    status: Column
    status_type: Column
    title: Column
    address: Column
    area_id: Column
    department_id: Column
    cell: Column
    lat: Column
    lon: Column
    at: Column
    key: Column
    parameter: str
    is_visible: ColumnElement[bool]
    tracked: frozenset[str]
    text_condition: Callable[[Session, str], ColumnElement[bool]] | None = None

    @property
    def id(self) -> Column:
        """The primary key of the table."""
        column: Column = self.model.__table__.c.id
        return column


class MapLayerRegistry:
    """The layers known to this process, contributions first."""

    def __init__(self) -> None:
        self._layers: dict[type[Base], MapLayer] = {}

    def register(self, layer: MapLayer) -> None:
        """Add ``layer``; registering the same table again changes nothing."""
        self._layers.setdefault(layer.model, layer)

    def __iter__(self) -> Iterator[MapLayer]:
        """Iterate over the layers in the order of their registration."""
        return iter(tuple(self._layers.values()))

    def codes(self) -> tuple[str, ...]:
        """Return the kinds that may be on the map."""
        return tuple(code for layer in self for code in layer.codes())


CONTRIBUTIONS = MapLayer(
    model=Contribution,
    codes=lambda: tuple(kind.code for kind in kinds),
    kind=Contribution.kind,
    category_id=Contribution.category_id,
    status=Contribution.status,
    status_type=Contribution.status_type,
    title=Contribution.title,
    address=Contribution.address,
    area_id=Contribution.area_id,
    department_id=Contribution.department_id,
    cell=Contribution.cell,
    lat=Contribution.lat,
    lon=Contribution.lon,
    at=Contribution.submitted_at,
    key=Contribution.reference,
    parameter="reference",
    is_visible=IS_PUBLISHED,
    tracked=frozenset(
        {"kind", "category_id", "status_type", "moderation_state", "cell", "lat", "lon"}
    ),
)

NO_CATEGORY: ColumnElement[int] = literal_column("0")

map_layers = MapLayerRegistry()
map_layers.register(CONTRIBUTIONS)
