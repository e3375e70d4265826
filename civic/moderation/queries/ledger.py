"""The public record: anonymised lines by month, and their counts."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from civic.database.keyset import follows
from civic.ledger.models import LedgerEntry
from civic.places.queries import get_town_zone

PAGE = 100
TYPES = ("decision", "appeal")
"""What this page shows of all that the ledger records."""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the town's calendar."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> "Month | None":
        """Read « 2026-11 »; None for anything else."""
        year, _, month = text.partition("-")
        if not (text.isascii() and year.isdigit() and month.isdigit() and len(text) == 7):
            return None
        found = cls(int(year), int(month))
        return found if 1 <= found.month <= 12 and 1970 <= found.year <= 9998 else None

    @property
    def code(self) -> str:
        """« 2026-11 »."""
        return f"{self.year:04d}-{self.month:02d}"

    def moved(self, months: int) -> "Month":
        """Return the month so many months later."""
        years, month = divmod(self.month - 1 + months, 12)
        return Month(self.year + years, month + 1)

    def start(self, zone: ZoneInfo) -> datetime:
        """Return when it begins, in UTC."""
        return datetime(self.year, self.month, 1, tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many decisions a month saw, by measure and by clause, and how the appeals ended."""

    total: int
    by_measure: Counter[str]
    by_clause: Counter[str]
    by_outcome: Counter[str]


def find_first_month(session: Session) -> Month | None:
    """Return the month of the first line, None while there is none."""
    first = session.scalar(select(func.min(LedgerEntry.at)).where(LedgerEntry.what.in_(TYPES)))
    if first is None:
        return None
    local = first.astimezone(get_town_zone(session))
    return Month(local.year, local.month)


def get_month_of(session: Session, at: datetime) -> Month:
    """Return the month that ``at`` falls into, in the town's zone."""
    local = at.astimezone(get_town_zone(session))
    return Month(local.year, local.month)


def list_lines(
    session: Session, month: Month, *, before: int | None = None, limit: int = PAGE
) -> tuple[list[LedgerEntry], int | None]:
    """Return the lines of a month, the latest first, and the id to ask the next page with."""
    query = _of(session, month).order_by(LedgerEntry.at.desc(), LedgerEntry.id.desc())
    last = session.get(LedgerEntry, before) if before is not None else None
    if last is not None:
        columns = (LedgerEntry.at, LedgerEntry.id)
        query = query.where(follows(columns, (last.at, last.id), descending=True))
    rows = list(session.scalars(query.limit(limit + 1)))
    return rows[:limit], (rows[limit - 1].id if len(rows) > limit else None)


def count_lines(session: Session, month: Month) -> Counts:
    """Count the lines of a month."""
    measures: Counter[str] = Counter()
    clauses: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    for entry in session.scalars(_of(session, month).execution_options(yield_per=500)):
        line = entry.line or {}
        if entry.what == "appeal":
            outcomes[str(line.get("outcome", ""))] += 1
            continue
        measures[str(line.get("measure", ""))] += 1
        if line.get("clause"):
            clauses[str(line["clause"])] += 1
    return Counts(measures.total(), measures, clauses, outcomes)


def list_lines_after(
    session: Session, month: Month | None, last: int, *, limit: int = 500
) -> list[LedgerEntry]:
    """Return the lines of a month, or of all months, that follow the id ``last``, by id."""
    query = _of(session, month) if month is not None else _decided()
    return list(
        session.scalars(query.where(LedgerEntry.id > last).order_by(LedgerEntry.id).limit(limit))
    )


def _decided() -> Select[LedgerEntry]:
    return select(LedgerEntry).where(LedgerEntry.what.in_(TYPES), LedgerEntry.line.is_not(None))


def _of(session: Session, month: Month) -> Select[LedgerEntry]:
    zone = get_town_zone(session)
    return _decided().where(
        LedgerEntry.at >= month.start(zone), LedgerEntry.at < month.moved(1).start(zone)
    )
