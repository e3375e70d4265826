"""How many things a filter finds in all."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.contributions.map_layers import grouping
from civic.contributions.workflow import StatusType
from civic.discovery.counts import ALL_LEVEL, PLACED, UNPLACED
from civic.discovery.filters import ContributionFilter, conditions
from civic.discovery.map_data.reading import is_counted, kept_conditions, layers_of
from civic.discovery.map_data.shapes import Totals
from civic.discovery.models import MapCount


def totals(session: Session, asked: ContributionFilter) -> Totals:
    """Return how many things ``asked`` finds, with and without a place, whatever the box."""
    asked = asked.content()
    found = Totals({}, {})
    for is_placed, kind, status_type, n in (
        _kept_totals(session, asked) if is_counted(asked) else _live_totals(session, asked)
    ):
        groups = found.placed if is_placed else found.unplaced
        groups[kind, StatusType(status_type)] = n
    return found


def _kept_totals(session: Session, asked: ContributionFilter) -> Iterable[tuple[Any, ...]]:
    statement = (
        select(MapCount.cell, MapCount.kind, MapCount.status_type, func.sum(MapCount.n))
        .where(MapCount.level == ALL_LEVEL, MapCount.cell.in_((UNPLACED, PLACED)))
        .where(*kept_conditions(session, asked))
        .group_by(MapCount.cell, MapCount.kind, MapCount.status_type)
        .having(func.sum(MapCount.n) > 0)
    )
    for cell, kind, status_type, n in session.execute(statement):
        yield cell == PLACED, kind, status_type, int(n)


def _live_totals(session: Session, asked: ContributionFilter) -> Iterable[tuple[Any, ...]]:
    for layer in layers_of(asked):
        is_placed = layer.cell.is_not(None)
        statement = (
            select(is_placed, layer.kind, layer.status_type, func.count())
            .where(*conditions(session, asked, layer=layer))
            .group_by(*grouping(is_placed, layer.kind, layer.status_type))
        )
        for row in session.execute(statement):
            yield tuple(row)
