"""The figures of areas: what is open and what was settled."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.contributions.kinds import kinds
from civic.contributions.models import Contribution
from civic.contributions.workflow import StatusType
from civic.discovery.counts import ALL_LEVEL
from civic.discovery.models import MapFacetCount
from civic.discovery.reference import AreaName, reference_of

C = Contribution


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


def standing_in(session: Session, area_ids: list[int]) -> Standing:
    """Return how many contributions stand where in the areas ``area_ids`` together."""
    found = Standing()
    for area_id, standing in _counted(session):
        if area_id in area_ids:
            found += standing
    return found


def standing_by_area(session: Session) -> dict[int, Standing]:
    """Return how many contributions stand where by area, inner areas included."""
    areas = reference_of(session).areas
    found: dict[int, Standing] = {}
    for area_id, standing in _counted(session):
        above: AreaName | None = areas.get(area_id)
        while above is not None:
            found[above.id] = found.get(above.id, Standing()) + standing
            above = areas.get(above.parent_id) if above.parent_id is not None else None
    return found


def _counted(session: Session) -> Iterator[tuple[int, Standing]]:
    """Read the counts of the map, so the cost is that of the categories and areas there are."""
    row = MapFacetCount
    statement = (
        select(row.area_id, row.status_type, func.sum(row.n))
        .where(row.level == ALL_LEVEL, row.kind.in_([kind.code for kind in kinds]))
        .group_by(row.area_id, row.status_type)
    )
    for area_id, status_type, n in session.execute(statement):
        yield area_id, Standing(**{StatusType(status_type).value: int(n)})
