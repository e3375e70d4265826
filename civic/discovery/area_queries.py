"""The figures of areas: what is open, what was settled, and how long that took."""

import time
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.contributions.workflow import StatusType
from civic.database import utcnow
from civic.database.functions import days_between
from civic.discovery.reference import AreaName, reference_of

MEASURED_DAYS = 365
KEPT_FOR = 60.0
"""The figures of all areas at once count everything: they are a minute old at most."""

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


_kept: WeakKeyDictionary[Engine, tuple[float, dict[int, Standing]]] = WeakKeyDictionary()


def standing_in(session: Session, area_ids: list[int]) -> Standing:
    """Return how many contributions stand where in the areas ``area_ids`` together."""
    rows = session.execute(
        select(C.status_type, func.count())
        .where(IS_PUBLISHED, C.area_id.in_(area_ids))
        .group_by(C.status_type)
    )
    counts = {StatusType(row[0]): row[1] for row in rows}
    return Standing(
        counts.get(StatusType.OPEN, 0),
        counts.get(StatusType.FIXED, 0),
        counts.get(StatusType.CLOSED, 0),
    )


def standing_by_area(session: Session) -> dict[int, Standing]:
    """Return how many contributions stand where by area, inner areas included."""
    engine = session.get_bind().engine
    read_at, kept = _kept.get(engine, (float("-inf"), {}))
    if time.monotonic() - read_at > KEPT_FOR:
        kept = _count_by_area(session)
        _kept[engine] = (time.monotonic(), kept)
    return kept


def _count_by_area(session: Session) -> dict[int, Standing]:
    rows = session.execute(
        select(C.area_id, C.status_type, func.count())
        .where(IS_PUBLISHED, C.area_id.is_not(None))
        .group_by(C.area_id, C.status_type)
    )
    areas = reference_of(session).areas
    found: dict[int, Standing] = {}
    for area_id, status_type, n in rows:
        standing = Standing(**{StatusType(status_type).value: n})
        above: AreaName | None = areas.get(area_id or 0)
        while above is not None:
            found[above.id] = found.get(above.id, Standing()) + standing
            above = areas.get(above.parent_id) if above.parent_id is not None else None
    return found


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
