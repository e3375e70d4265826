"""What is known of the town, and which of its areas hold a point."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from civic.calendar import region_of
from civic.database import NamedCache, utcnow
from civic.errors import require
from civic.i18n import N_
from civic.places.geometry import AreaIndex, Bounds, Position
from civic.places.models import Area, AreaLevel, Town
from civic.text.order import as_counted

FRANCE = Bounds(west=-5.3, south=41.3, east=9.7, north=51.2)
"""What maps show before there is a town."""

_FINENESS = {AreaLevel.TOWN: 0, AreaLevel.DISTRICT: 1, AreaLevel.NEIGHBOURHOOD: 2}
"""The levels that contributions belong to; water and parks are only drawn."""


def find_town(session: Session) -> Town | None:
    """Return the town that this installation serves, or None before ``civic init``."""
    town = session.get(Town, 1)
    # Held on to: the session itself forgets what nobody holds, and would ask again.
    session.info["town"] = town
    return town


def get_town_language(session: Session) -> str:
    """Return the language that the town writes to those who have chosen none."""
    town = find_town(session)
    return town.locale if town else "fr"


def get_town_bounds(session: Session) -> Bounds:
    """Return the box of the town; of France while there is none."""
    town = find_town(session)
    return FRANCE if town is None else Bounds(town.west, town.south, town.east, town.north)


def is_demo_town(session: Session) -> bool:
    """Whether this is the demo: a real town with the demo's setting left on is not."""
    town = find_town(session)
    return town is not None and town.is_demo


def get_town(session: Session) -> Town:
    """Return the town; raises NotFound before ``civic init`` or ``civic demo``."""
    return require(
        find_town(session), N_("La ville n’est pas encore créée : lancez « civic init ».")
    )


def get_town_zone(session: Session) -> ZoneInfo:
    """Return the time zone of the town: days, months and deadlines are counted in it."""
    town = find_town(session)
    return ZoneInfo(town.zone if town else "Europe/Paris")


def holiday_region(town: Town | None) -> str:
    """Return the region whose public holidays ``town`` has; see :func:`~civic.calendar.region_of`.

    By its INSEE code, and by what its settings say of Alsace and Moselle.
    """
    if town is None:
        return ""
    return region_of(town.insee_code, alsace_moselle=town.counts_alsace_moselle)


def get_town_day(session: Session, moment: datetime | None = None) -> date:
    """Return the day that it is in the town at ``moment``, which is now by default."""
    return (moment or utcnow()).astimezone(get_town_zone(session)).date()


class AreaName(NamedTuple):
    """An area without its outline."""

    id: int
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class Outlines:
    """The areas of the town as they are now, ready to be asked for a point."""

    index: AreaIndex
    town_ids: frozenset[int]
    bounds: Bounds

    def areas_at(self, position: Position) -> list[int]:
        """Return the ids of the areas that hold ``position``, the smallest first."""
        return self.index.find(position)

    def holds(self, position: Position) -> bool:
        """Whether ``position`` is in the town; its box decides while it has no outline."""
        if self.town_ids:
            return not self.town_ids.isdisjoint(self.index.find(position))
        return self.bounds.holds(position.lat, position.lon)


def get_outlines(session: Session) -> Outlines:
    """Return the outlines, read once per process and again when one of them has changed."""
    return _outlines.of(session)


def list_areas(session: Session, *levels: AreaLevel) -> list[AreaName]:
    """Return the areas of ``levels`` by name, without their outlines.

    Without ``levels``: those that residents name, districts and neighbourhoods.
    """
    wanted = levels or (AreaLevel.DISTRICT, AreaLevel.NEIGHBOURHOOD)
    rows = session.execute(
        select(Area.id, Area.name, Area.slug)
        .where(Area.level.in_(wanted), Area.retired_at.is_(None))
        .order_by(Area.name)
    )
    names = [AreaName(row.id, row.name, row.slug) for row in rows]
    return sorted(names, key=lambda area: as_counted(area.name))


def is_outline_estimated(session: Session) -> bool:
    """Whether the outline of the town was drawn around its addresses."""
    wanted = select(Area.id).where(
        Area.level == AreaLevel.TOWN, Area.is_estimated, Area.retired_at.is_(None)
    )
    return session.scalar(wanted.limit(1)) is not None


def find_retired_area(session: Session, slug: str) -> Area | None:
    """Return the retired area that had this address, or None."""
    wanted = select(Area).where(Area.slug == slug, Area.retired_at.is_not(None))
    return session.scalars(wanted.options(defer(Area.outline), defer(Area.drawing))).first()


def get_area_by_slug(session: Session, slug: str) -> Area:
    """Return an area in use by the end of its address; raises NotFound."""
    return require(
        session.scalars(
            select(Area).where(Area.slug == slug, Area.retired_at.is_(None))
        ).one_or_none(),
        N_("Ce quartier n’existe pas ou plus."),
    )


def list_heirs_of_areas(session: Session) -> dict[str, int]:
    """Return, by the slug of a retired area, the id of the smallest area that is there now."""
    retired = session.execute(
        select(Area.slug, Area.label_lat, Area.label_lon).where(Area.retired_at.is_not(None))
    ).all()
    if not retired:
        return {}
    points = [Position(row.label_lat, row.label_lon) for row in retired]
    found = get_outlines(session).index.find_many(points)
    return {row.slug: areas[0] for row, areas in zip(retired, found, strict=True) if areas}


def _read(session: Session) -> Outlines:
    rows = session.execute(
        select(Area.id, Area.level, Area.outline).where(
            Area.level.in_(list(_FINENESS)), Area.retired_at.is_(None)
        )
    ).all()
    town = get_town(session)
    return Outlines(
        index=AreaIndex((row.id, _FINENESS[row.level], row.outline) for row in rows),
        town_ids=frozenset(row.id for row in rows if row.level is AreaLevel.TOWN),
        bounds=Bounds(west=town.west, south=town.south, east=town.east, north=town.north),
    )


_outlines = NamedCache(_read)
