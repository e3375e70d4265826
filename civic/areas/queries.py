"""The figures of areas: what is open, what was settled, what the last twelve months were."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.areas.year import median_of, year_by_area
from civic.contributions.kinds import kinds
from civic.counting.queries import find_counted
from civic.finding.filters import ContributionFilter
from civic.finding.names import AreaName, names_of
from civic.places.drawn import DrawnArea
from civic.places.models import Area


@dataclass(frozen=True, slots=True)
class Standing:
    """How many contributions stand where."""

    open: int = 0
    fixed: int = 0
    closed: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.open + self.fixed + self.closed

    def __add__(self, other: "Standing") -> "Standing":
        """Return both together."""
        return Standing(
            self.open + other.open, self.fixed + other.fixed, self.closed + other.closed
        )


@dataclass(slots=True)
class AreaFigures:
    """What the view by area says of one area. Rates are None where nothing is known."""

    area: DrawnArea
    incidents: int = 0
    votes: int = 0
    median_days: float | None = None

    @property
    def density(self) -> float | None:
        """Incidents per square kilometre."""
        return self.incidents / self.area.square_km if self.area.square_km else None

    @property
    def support(self) -> float | None:
        """Votes per thousand inhabitants."""
        return 1000 * self.votes / self.area.population if self.area.population else None


def count_standing_in(session: Session, area_ids: list[int]) -> Standing:
    """Return how many contributions stand where in the areas ``area_ids`` together."""
    found = Standing()
    for area_id, standing in _counted(session):
        if area_id in area_ids:
            found += standing
    return found


def count_standing_by_area(session: Session) -> dict[int, Standing]:
    """Return how many contributions stand where by area, inner areas included."""
    areas = names_of(session).areas
    found: dict[int, Standing] = {}
    for area_id, standing in _counted(session):
        above: AreaName | None = areas.get(area_id)
        while above is not None:
            found[above.id] = found.get(above.id, Standing()) + standing
            above = areas.get(above.parent_id) if above.parent_id is not None else None
    return found


def _counted(session: Session) -> Iterator[tuple[int, Standing]]:
    """Yield what stands where by area: the cost is that of the areas there are."""
    asked = ContributionFilter(kinds=tuple(kind.code for kind in kinds))
    for area_id, groups in find_counted(session, asked).by_area.items():
        standing = Counter[str]()
        for (_, status_type), n in groups.items():
            standing[status_type.value] += n
        yield area_id, Standing(**standing)


def list_area_figures(session: Session, areas: Sequence[DrawnArea]) -> list[AreaFigures]:
    """Return the figures of ``areas`` over the last twelve months.

    A contribution counts for the area it lies in, or for the one of ``areas`` that holds that area.
    """
    found = {area.id: AreaFigures(area) for area in areas}
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
