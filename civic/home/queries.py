"""What the first page reads: what is new, what was done, and the figures of the month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from civic.contributions.kinds import kinds
from civic.contributions.map_layers import CONTRIBUTIONS, map_layers
from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.contributions.workflow import StatusType
from civic.counting.queries import count_totals
from civic.finding.filters import ContributionFilter
from civic.lists.pages import select_cards


@dataclass(frozen=True, slots=True)
class Month:
    """What was done since some day: counts by kind."""

    submitted: dict[str, int]
    fixed: dict[str, int]


def list_latest(session: Session, *, limit: int) -> Sequence[Row[Any]]:
    """Return what was submitted last."""
    order = Contribution.submitted_at.desc(), Contribution.id.desc()
    return session.execute(select_cards().order_by(*order).limit(limit)).all()


def list_latest_fixed(session: Session, *, limit: int) -> Sequence[Row[Any]]:
    """Return what was fixed or done last, whatever the kind."""
    statement = select_cards().where(Contribution.status_type == StatusType.FIXED)
    order = Contribution.closed_at.desc(), Contribution.id.desc()
    return session.execute(statement.order_by(*order).limit(limit)).all()


def list_rising(session: Session, kind: str, *, limit: int) -> Sequence[Row[Any]]:
    """Return the hottest open contributions of ``kind``."""
    statement = select_cards().where(
        Contribution.kind == kind, Contribution.status_type == StatusType.OPEN
    )
    order = Contribution.hot.desc(), Contribution.id.desc()
    return session.execute(statement.order_by(*order).limit(limit)).all()


def count_month(session: Session, first: date, since: datetime) -> Month:
    """Return how many came and were fixed since the day ``first``, which began at ``since``."""
    codes = tuple(kind.code for kind in kinds)
    came = count_totals(session, ContributionFilter(kinds=codes, since=first))
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


def count_fixed_since(session: Session, since: datetime) -> int:
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
