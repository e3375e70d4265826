"""The last twelve months by area: how much was reported and supported, and how long fixing took."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.contributions.workflow import StatusType
from civic.counting.queries import count_totals
from civic.database import utcnow
from civic.database.functions import days_between
from civic.finding.filters import ContributionFilter

YEAR = timedelta(days=365)
SMALL = 20_000
"""Contributions: the figures of a town with no more are counted anew each time."""
KEPT_FOR = 600.0
"""Seconds that a larger town's figures are kept: they take a look at every row of the year."""

C = Contribution


@dataclass(slots=True)
class YearOfArea:
    """What was submitted within a year; ``days`` is how often fixing an incident took so many."""

    incidents: int = 0
    votes: int = 0
    days: Counter[int] = field(default_factory=Counter)


_kept: WeakKeyDictionary[Engine, tuple[float, dict[int, YearOfArea]]] = WeakKeyDictionary()


def year_by_area(session: Session) -> dict[int, YearOfArea]:
    """Return the last twelve months by the id of the area itself, without those inside it."""
    if count_totals(session, ContributionFilter()).total <= SMALL:
        return _read(session, utcnow() - YEAR)
    engine = session.get_bind().engine
    read_at, kept = _kept.get(engine, (float("-inf"), {}))
    if time.monotonic() - read_at > KEPT_FOR:
        kept = _read(session, utcnow() - YEAR)
        _kept[engine] = (time.monotonic(), kept)
    return kept


def median_in(session: Session, area_ids: Iterable[int]) -> float | None:
    """Return the median of the days from receipt to resolution of the year's incidents there."""
    years, days = year_by_area(session), Counter[int]()
    for area_id in area_ids:
        if area_id in years:
            days.update(years[area_id].days)
    return median_of(days)


def median_of(counts: Counter[int]) -> float | None:
    """Return the median of numbers of which each came ``counts`` times; None without any."""
    total = counts.total()
    if not total:
        return None
    lower, upper = _at(counts, (total - 1) // 2), _at(counts, total // 2)
    return (lower + upper) / 2


def _at(counts: Counter[int], index: int) -> int:
    seen = 0
    for number in sorted(counts):
        seen += counts[number]
        if index < seen:
            return number
    raise IndexError(index)


def _read(session: Session, since: datetime) -> dict[int, YearOfArea]:
    found: defaultdict[int, YearOfArea] = defaultdict(YearOfArea)
    counted = (
        select(C.area_id, C.kind, func.count(), func.sum(C.vote_count))
        .where(IS_PUBLISHED, C.submitted_at >= since, C.area_id.is_not(None))
        .group_by(C.area_id, C.kind)
    )
    for area_id, kind, n, votes in session.execute(counted):
        year = found[area_id or 0]
        year.incidents += n if kind == "incident" else 0
        year.votes += int(votes or 0)
    for area_id, days, n in session.execute(_days_taken(since)):
        found[area_id].days[int(days)] += n
    return dict(found)


def _days_taken(since: datetime) -> Select[Any]:
    """Whole days from receipt to resolution, with how often each came, by area."""
    taken = days_between(C.submitted_at, C.closed_at)
    statement: Any = select(C.area_id, taken.label("days"), func.count())
    narrowed: Select[Any] = statement.where(
        IS_PUBLISHED,
        C.kind == "incident",
        C.status_type == StatusType.FIXED,
        C.submitted_at >= since,
        C.closed_at.is_not(None),
        C.area_id.is_not(None),
    )
    return narrowed.group_by(C.area_id, taken)
