"""What the home page, the map and its cards read beside the counts."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from civic.contributions.kinds import kinds
from civic.contributions.map_layers import CONTRIBUTIONS, MapLayer, map_layers
from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.contributions.workflow import StatusType
from civic.discovery.area_year import median_of, year_by_area
from civic.discovery.filters import ContributionFilter, apply
from civic.discovery.lists import CARD_COLUMNS
from civic.discovery.map_data import totals
from civic.places.models import Area


@dataclass(frozen=True, slots=True)
class Month:
    """What was done since some day: counts by kind."""

    submitted: dict[str, int]
    fixed: dict[str, int]


@dataclass(slots=True)
class AreaFigures:
    """What the view by area says of one area. Rates are None where nothing is known."""

    area: Area
    square_km: float
    incidents: int = 0
    votes: int = 0
    median_days: float | None = None

    @property
    def density(self) -> float | None:
        """Incidents per square kilometre."""
        return self.incidents / self.square_km if self.square_km else None

    @property
    def support(self) -> float | None:
        """Votes per thousand inhabitants."""
        return 1000 * self.votes / self.area.population if self.area.population else None


def layer_rows(layer: MapLayer) -> Select[Any]:
    """Select what a card shows of the things of a layer; conditions are the caller's."""
    return select(
        layer.kind.label("kind"),
        layer.key.label("key"),
        layer.title.label("title"),
        layer.status.label("status"),
        layer.address.label("address"),
        layer.at.label("at"),
    )


def other_rows(
    session: Session, asked: ContributionFilter, *, limit: int
) -> list[tuple[MapLayer, Any]]:
    """Return what is on the map beside contributions, the latest of each layer first."""
    found: list[tuple[MapLayer, Any]] = []
    for layer in map_layers:
        if layer is CONTRIBUTIONS:
            continue
        if asked.kinds and not set(asked.kinds).intersection(layer.codes()):
            continue
        statement = apply(session, layer_rows(layer), asked, layer=layer)
        statement = statement.order_by(layer.at.desc(), layer.id.desc()).limit(limit)
        found += [(layer, row) for row in session.execute(statement)]
    return found


def find_layer_row(session: Session, layer: MapLayer, key: str) -> Any | None:
    """Return the card's row of one public thing, or None."""
    statement = layer_rows(layer).where(layer.is_visible, layer.key == key)
    return session.execute(statement).first()


def find_public(session: Session, reference: str) -> Row[Any] | None:
    """Return the card's row of a public contribution, or None."""
    statement = _cards().where(Contribution.reference == reference)
    return session.execute(statement).one_or_none()


def latest(session: Session, *, limit: int) -> Sequence[Row[Any]]:
    """Return what was submitted last."""
    order = Contribution.submitted_at.desc(), Contribution.id.desc()
    return session.execute(_cards().order_by(*order).limit(limit)).all()


def latest_fixed(session: Session, *, limit: int) -> Sequence[Row[Any]]:
    """Return what was fixed or done last, whatever the kind."""
    statement = _cards().where(Contribution.status_type == StatusType.FIXED)
    order = Contribution.closed_at.desc(), Contribution.id.desc()
    return session.execute(statement.order_by(*order).limit(limit)).all()


def rising(session: Session, kind: str, *, limit: int) -> Sequence[Row[Any]]:
    """Return the hottest open contributions of ``kind``."""
    statement = _cards().where(
        Contribution.kind == kind, Contribution.status_type == StatusType.OPEN
    )
    order = Contribution.hot.desc(), Contribution.id.desc()
    return session.execute(statement.order_by(*order).limit(limit)).all()


def _cards() -> Select[Any]:
    statement: Select[Any] = select(
        Contribution.id, Contribution.lat, Contribution.lon, *CARD_COLUMNS
    ).where(IS_PUBLISHED)
    return statement


def month(session: Session, first: date, since: datetime) -> Month:
    """Return how many came and were fixed since the day ``first``, which began at ``since``."""
    codes = tuple(kind.code for kind in kinds)
    came = totals(session, ContributionFilter(kinds=codes, since=first))
    fixed = session.execute(
        select(Contribution.kind, func.count())
        .where(
            IS_PUBLISHED,
            Contribution.status_type == StatusType.FIXED,
            Contribution.closed_at >= since,
        )
        .group_by(Contribution.kind)
    )
    submitted = {code: came.count(code) for code in codes if came.count(code)}
    return Month(submitted, {row[0]: row[1] for row in fixed})


def fixed_since(session: Session, since: datetime) -> int:
    """Return how much of what is not a contribution was finished since a moment."""
    found = 0
    for layer in map_layers:
        if layer is not CONTRIBUTIONS:
            found += (
                session.scalar(
                    select(func.count()).where(
                        layer.is_visible,
                        layer.status_type == StatusType.FIXED,
                        layer.moved_at >= since,
                    )
                )
                or 0
            )
    return found


def drawn_areas(session: Session) -> Sequence[Any]:
    """Return the outlines that the map draws."""
    return session.execute(
        select(
            Area.slug,
            Area.name,
            Area.level,
            Area.label_lat,
            Area.label_lon,
            Area.south,
            Area.west,
            Area.north,
            Area.east,
            Area.drawing,
        ).order_by(Area.level, Area.slug)
    ).all()


def area_figures(
    session: Session, areas: Sequence[Area], sizes: dict[int, float]
) -> list[AreaFigures]:
    """Return the figures of ``areas`` over the last twelve months.

    ``sizes`` are square kilometres by area id. A contribution counts for the area it lies in, or
    for the one of ``areas`` that holds that area.
    """
    found = {area.id: AreaFigures(area, sizes.get(area.id, 0.0)) for area in areas}
    tree = session.execute(select(Area.id, Area.parent_id))
    parents: dict[int, int | None] = {row.id: row.parent_id for row in tree}

    def figures_of(area_id: int | None) -> AreaFigures | None:
        while area_id is not None and area_id not in found:
            area_id = parents.get(area_id)
        return None if area_id is None else found[area_id]

    days: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for area_id, year in year_by_area(session).items():
        figures = figures_of(area_id)
        if figures is not None:
            figures.incidents += year.incidents
            figures.votes += year.votes
            days[figures.area.id].update(year.days)
    for key, counts in days.items():
        found[key].median_days = median_of(counts)
    return [found[area.id] for area in areas]
