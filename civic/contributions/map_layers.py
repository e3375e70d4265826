"""What the map shows: contributions, and whatever a higher row registers (service actions).

A layer tells the map which columns of one table to read. The map, its counts and its filters know
layers only, so the rows that own the tables need not know each other.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.orm import InstrumentedAttribute, Session

from civic.contributions.kinds import kinds
from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.contributions.workflow import Workflow
from civic.database import Base

Column = ColumnElement[Any] | InstrumentedAttribute[Any]


class MapKind(Protocol):
    """What pages say of a kind of thing on the map; labels are French msgids."""

    @property
    def code(self) -> str:
        """The value of the kind column."""

    @property
    def label(self) -> str:
        """One of them."""

    @property
    def label_plural(self) -> str:
        """Many of them."""

    @property
    def icon(self) -> str:
        """A name of the sprite."""

    @property
    def blueprint(self) -> str:
        """Where its pages live."""

    @property
    def workflow(self) -> Workflow:
        """Its statuses."""


@dataclass(frozen=True, eq=False)
class MapLayer:
    """One table on the map.

    ``is_visible`` says in SQL what the public may see. ``category_id`` is the literal 0 where
    there are no categories. ``at`` is what the period filter looks at, ``moved_at`` when
    its status last changed. ``key`` is what the
    address of a page is made of: ``<blueprint>.show`` takes it as ``parameter``. ``tracked``
    names the attributes that change what the map shows. ``text_condition`` finds by words.
    """

    model: type[Base]
    kinds: Callable[[], tuple[MapKind, ...]]
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
    moved_at: Column
    key: Column
    parameter: str
    is_visible: ColumnElement[bool]
    tracked: frozenset[str]
    text_condition: Callable[[Session, str], ColumnElement[bool]] | None = None

    def codes(self) -> tuple[str, ...]:
        """Return the values of its kind column."""
        return tuple(kind.code for kind in self.kinds())

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

    def kinds(self) -> dict[str, MapKind]:
        """Return the kinds that may be on the map, by code."""
        return {kind.code: kind for layer in self for kind in layer.kinds()}

    def of_kind(self, code: str) -> MapLayer | None:
        """Return the layer that the kind ``code`` is on, or None."""
        return next((layer for layer in self if code in layer.codes()), None)


CONTRIBUTIONS = MapLayer(
    model=Contribution,
    kinds=lambda: tuple(kinds),
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
    moved_at=Contribution.status_since,
    key=Contribution.reference,
    parameter="reference",
    is_visible=IS_PUBLISHED,
    tracked=frozenset(
        {
            "kind",
            "category_id",
            "department_id",
            "area_id",
            "status",
            "status_type",
            "moderation_state",
            "submitted_at",
            "cell",
            "lat",
            "lon",
        }
    ),
)

NO_CATEGORY: ColumnElement[int] = literal_column("0")

map_layers = MapLayerRegistry()
map_layers.register(CONTRIBUTIONS)
