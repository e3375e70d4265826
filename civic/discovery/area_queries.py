"""The figures of areas: what is open, what was settled, and how long that took."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.contributions.kinds import kinds
from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.contributions.workflow import StatusType
from civic.database import utcnow
from civic.database.functions import days_between
from civic.discovery.counts import ALL_LEVEL
from civic.discovery.models import MapFacetCount
from civic.discovery.reference import AreaName, reference_of

MEASURED_DAYS = 365

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


def median_days(session: Session, area_ids: list[int]) -> float | None:
    """Return the median of the days from receipt to resolution of last year's incidents there."""
    taken = days_between(C.submitted_at, C.closed_at)
    rows = session.execute(
        select(taken, func.count())
        .where(
            IS_PUBLISHED,
            C.area_id.in_(area_ids),
            # Spelt so that the area narrows first: a planner without statistics trusts the kind.
            func.coalesce(C.kind, C.kind) == "incident",
            func.coalesce(C.status_type, C.status_type) == StatusType.FIXED,
            C.closed_at.is_not(None),
            func.coalesce(C.submitted_at, C.submitted_at)
            >= utcnow() - timedelta(days=MEASURED_DAYS),
        )
        .group_by(taken)
    )
    counts = sorted((int(days), n) for days, n in rows)
    total = sum(n for _, n in counts)
    if not total:
        return None
    return (_at(counts, (total - 1) // 2) + _at(counts, total // 2)) / 2


def _at(counts: list[tuple[int, int]], index: int) -> int:
    seen = 0
    for days, n in counts:
        seen += n
        if index < seen:
            return days
    return counts[-1][0]
