"""The areas as pictures draw them, kept by each process."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shapely.geometry import shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.database import NamedCache
from civic.places.geometry import EARTH_RADIUS_M, Bounds
from civic.places.models import Area, AreaLevel
from civic.places.projection import Rings, flat_rings

_DRAWN_ONLY = (AreaLevel.WATER, AreaLevel.PARK)


@dataclass(frozen=True, slots=True, eq=False)
class DrawnArea:
    """An area and its simplified outline. ``label`` is where its name stands: latitude, longitude.

    ``square_km`` is 0 for water and parks, which nobody lives in.
    """

    id: int
    slug: str
    name: str
    level: AreaLevel
    population: int | None
    label: tuple[float, float]
    bounds: Bounds
    rings: Rings
    square_km: float = 0.0


def list_drawings(session: Session) -> Sequence[Any]:
    """Return the areas in use with the outlines that a map draws, as GeoJSON."""
    return session.execute(
        select(
            Area.id,
            Area.slug,
            Area.name,
            Area.level,
            Area.population,
            Area.label_lat,
            Area.label_lon,
            Area.south,
            Area.west,
            Area.north,
            Area.east,
            Area.drawing,
        )
        .where(Area.retired_at.is_(None))
        .order_by(Area.level, Area.slug)
    ).all()


def list_drawn_areas(session: Session) -> Sequence[DrawnArea]:
    """Return the areas in use, the large ones before those that are drawn over them."""
    return _drawn.of(session)


def _read(session: Session) -> Sequence[DrawnArea]:
    inhabited = select(Area.id, Area.outline).where(Area.level.not_in(_DRAWN_ONLY))
    sizes = {
        row.id: _square_km(row.outline)
        for row in session.execute(inhabited.where(Area.retired_at.is_(None)))
    }
    order = {level: place for place, level in enumerate(AreaLevel)}
    drawn = (
        DrawnArea(
            id=row.id,
            slug=row.slug,
            name=row.name,
            level=row.level,
            population=row.population,
            label=(row.label_lat, row.label_lon),
            bounds=Bounds(row.west, row.south, row.east, row.north),
            rings=flat_rings(row.drawing),
            square_km=sizes.get(row.id, 0.0),
        )
        for row in list_drawings(session)
    )
    return sorted(drawn, key=lambda area: order[area.level])


def _square_km(outline: dict[str, Any]) -> float:
    """Return the surface of an outline: degrees are made metres at its own latitude."""
    found = shape(outline)
    metres = math.radians(EARTH_RADIUS_M)
    _, south, _, north = found.bounds
    narrowing = math.cos(math.radians((south + north) / 2))
    return float(found.area) * metres**2 * narrowing / 1e6


_drawn = NamedCache(_read)
