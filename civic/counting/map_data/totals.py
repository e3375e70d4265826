"""How many things a filter finds in all."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.contributions.map_layers import grouping
from civic.contributions.workflow import StatusType
from civic.counting.counts import ALL_LEVEL, PLACED, UNPLACED
from civic.counting.map_data.found import Found
from civic.counting.map_data.reading import (
    Kept,
    Moments,
    conditions_within,
    known_to_counts,
    layers_of,
    steered,
    way_to,
)
from civic.counting.map_data.shapes import Totals
from civic.finding.filters import ContributionFilter


def totals(
    session: Session, asked: ContributionFilter, found_before: Found | None = None
) -> Totals:
    """Return how many things ``asked`` finds, with and without a place, whatever the box.

    ``found_before`` are the places of what is asked, where they are known already.
    """
    if found_before is not None:
        return found_before.totals
    asked = asked.content()
    found = Totals({}, {})
    for is_placed, kind, status_type, n in _rows(session, asked):
        groups = found.placed if is_placed else found.unplaced
        group = kind, StatusType(status_type)
        groups[group] = groups.get(group, 0) + n
    return found


def _rows(session: Session, asked: ContributionFilter) -> Iterable[tuple[Any, ...]]:
    known = known_to_counts(session, asked)
    if known is None:
        yield from _live_totals(session, asked)
        return
    for part in known.parts:
        yield from _kept_totals(session, part)
    for moments in known.rest:
        yield from _live_totals(session, asked, moments)


def _kept_totals(session: Session, part: Kept) -> Iterable[tuple[Any, ...]]:
    row: Any = part.grouping.model
    statement = (
        select(row.cell, row.kind, row.status_type, func.sum(row.n))
        .where(row.level == ALL_LEVEL, row.cell.in_((UNPLACED, PLACED)), *part.conditions)
        .group_by(row.cell, row.kind, row.status_type)
        .having(func.sum(row.n) > 0)
    )
    for cell, kind, status_type, n in session.execute(statement):
        yield cell == PLACED, kind, status_type, int(n)


def _live_totals(
    session: Session, asked: ContributionFilter, moments: Moments | None = None
) -> Iterable[tuple[Any, ...]]:
    way = way_to(asked, moments)
    for layer in layers_of(asked):
        is_placed = layer.cell.is_not(None)
        found = conditions_within(session, asked, moments, steered(layer, to=way))
        statement = (
            select(is_placed, layer.kind, layer.status_type, func.count())
            .where(*found)
            .group_by(*grouping(is_placed, layer.kind, layer.status_type))
        )
        for row in session.execute(statement):
            yield tuple(row)
