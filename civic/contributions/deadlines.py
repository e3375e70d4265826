"""When an answer is due, from the category's days and the French calendar."""

from calendar import monthrange
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.calendar import due_at
from civic.contributions.kinds import kind_of
from civic.contributions.models import IS_IN_FORCE, Contribution, StatusChange
from civic.places.models import Town
from civic.places.queries import holiday_region
from civic.taxonomy.models import Category

Pauses = list[tuple[datetime, datetime | None]]


def deadlines_for(
    session: Session,
    category: Category,
    submitted_at: datetime,
    contribution: Contribution | None = None,
) -> tuple[datetime | None, datetime | None]:
    """Return until when to acknowledge and until when to resolve (UTC); None: the clock stands.

    The time that ``contribution`` spent in statuses that stop the clock is added.
    """
    town = session.get(Town, 1)
    zone = ZoneInfo(town.zone if town else "Europe/Paris")
    region = holiday_region(town)
    pauses = _pauses(session, contribution) if contribution is not None else []
    acknowledge, resolve = (
        due_at(
            submitted_at,
            days,
            working=category.counts_working_days,
            pauses=pauses,
            zone=zone,
            region=region,
        )
        for days in (category.days_to_acknowledge, category.days_to_resolve)
    )
    return acknowledge, resolve


def silence_date(session: Session, submitted_at: datetime) -> date:
    """Return the day from which silence counts as rejection: two months later (CRPA L231-4).

    The same day of the month in the town's zone, or the last of a shorter month.
    """
    town = session.get(Town, 1)
    day = submitted_at.astimezone(ZoneInfo(town.zone if town else "Europe/Paris")).date()
    year, month = divmod(day.year * 12 + day.month - 1 + 2, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _pauses(session: Session, contribution: Contribution) -> Pauses:
    workflow = kind_of(contribution).workflow
    steps = session.execute(
        select(StatusChange.to_status, StatusChange.at)
        .where(StatusChange.contribution_id == contribution.id, IS_IN_FORCE)
        .order_by(StatusChange.at, StatusChange.id)
    ).all()
    return [
        (start, end)
        for (status, start), (_, end) in pairwise([*steps, ("", None)])
        if status and start is not None and workflow[status].stops_clock
    ]
