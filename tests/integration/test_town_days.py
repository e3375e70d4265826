"""What comes after midnight belongs to the town's day, month and holidays, wherever the town is."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import update
from sqlalchemy.orm import Session

from civic.contributions.models import Contribution
from civic.counting.queries import count_totals
from civic.database import utcnow
from civic.finding.filters import ContributionFilter, conditions
from civic.ledger.models import LedgerEntry
from civic.places.models import Town
from civic.places.queries import get_town_day
from tests.factories import make_contribution

ZONES = ["Europe/Paris", "Indian/Reunion", "America/Martinique", "Pacific/Noumea"]
SECOND = timedelta(seconds=1)


def move_town(session: Session, town: Town, zone: str) -> ZoneInfo:
    town.zone = zone
    session.commit()
    return ZoneInfo(zone)


def begins(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def received(session: Session, title: str, at: datetime) -> None:
    reference = make_contribution(session, title=title).reference
    its = Contribution.reference == reference
    session.execute(update(Contribution).where(its).values(submitted_at=at, status_since=at))
    session.commit()


def found(session: Session, asked: ContributionFilter) -> list[str]:
    titles = session.query(Contribution.title).filter(*conditions(session, asked))
    listed = sorted(title for (title,) in titles)
    assert count_totals(session, asked).total == len(listed)
    return listed


@pytest.mark.parametrize("zone", ZONES)
# A month that begins in winter and ends in summer, one that does the reverse, and one in between.
@pytest.mark.parametrize("month", ["2026-03", "2026-10", "2026-04"])
def test_the_ledger_of_a_month_begins_and_ends_at_the_towns_midnight(
    client: Any, session: Session, town: Any, zone: str, month: str
) -> None:
    here = move_town(session, town, zone)
    first = date.fromisoformat(f"{month}-01")
    after = (first + timedelta(days=32)).replace(day=1)
    moments = {
        "before": begins(first, here) - SECOND,
        "first": begins(first, here),
        "last": begins(after, here) - SECOND,
        "after": begins(after, here),
    }
    for name, at in moments.items():
        line = {"measure": "hide", "clause": name}
        session.add(
            LedgerEntry(at=at, what="decision", reference=name, line=line, salt="s", hash="0" * 64)
        )
    session.commit()
    _, *rows = client.get(f"/ledger.csv?month={month}").get_data(as_text=True).splitlines()
    last_day = after - timedelta(days=1)
    assert [row.split(",")[:3] for row in rows] == [
        [f"{month}-01", "decision", "first"],
        [last_day.isoformat(), "decision", "last"],
    ]
    table = client.get(f"/ledger.csv?month={month}&spreadsheet=1").data.decode("utf-8-sig")
    assert [row.split(";")[0] for row in table.splitlines()[1:]] == [
        f"{first:%d/%m/%Y}",
        f"{last_day:%d/%m/%Y}",
    ]
    page = client.get(f"/ledger?month={month}").get_data(as_text=True)
    assert [name in page for name in moments] == [False, True, True, False]


@pytest.mark.parametrize("zone", ZONES)
def test_the_days_of_a_filter_are_the_towns(session: Session, town: Any, zone: str) -> None:
    here = move_town(session, town, zone)
    first, after = begins(date(2026, 3, 29), here), begins(date(2026, 3, 30), here)
    for title, at in (("a", first - SECOND), ("b", first), ("c", after - SECOND), ("d", after)):
        received(session, title, at)
    day = date(2026, 3, 29)
    assert found(session, ContributionFilter(since=day, until=day)) == ["b", "c"]


@pytest.mark.parametrize("zone", ZONES)
def test_the_last_so_many_days_begin_at_the_towns_midnight(
    session: Session, town: Any, zone: str
) -> None:
    here = move_town(session, town, zone)
    first = begins(get_town_day(session) - timedelta(days=7), here)
    received(session, "out", first - SECOND)
    received(session, "in", first)
    received(session, "now", utcnow())
    assert found(session, ContributionFilter(period=7)) == ["in", "now"]


def test_the_last_so_many_days_are_others_from_midnight_on(session: Session, town: Any) -> None:
    here = ZoneInfo(town.zone)
    today = get_town_day(session)
    received(session, "old", begins(today - timedelta(days=7), here))
    asked = ContributionFilter(period=7)
    assert count_totals(session, asked).total == 1
    with time_machine.travel(begins(today + timedelta(days=1), here), tick=False):
        assert count_totals(session, asked).total == 0
