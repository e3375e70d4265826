"""Which contributions a list holds and how many: spelt for the index that should answer."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from civic.contributions.kinds import kinds
from civic.contributions.map_layers import CONTRIBUTIONS
from civic.counting.queries import find_counted
from civic.database.tables import not_by_index
from civic.finding.filters import ContributionFilter, conditions
from civic.lists.pages import C
from civic.search.queries import COMMON, Search, condition


def of_contributions(asked: ContributionFilter) -> ContributionFilter:
    """Leave out what is on the map only: service actions have lists of their own."""
    codes = tuple(kind.code for kind in kinds)
    wanted = tuple(code for code in asked.kinds if code in codes)
    return replace(asked, kinds=wanted or (("",) if asked.kinds else codes))


def count_total(
    session: Session, asked: ContributionFilter, search: Search | None, *, placed: bool = False
) -> int:
    """Return how many there are: the very sum of what the map shows and what has no place.

    ``placed``: of those that have a place alone.
    """
    found = find_counted(session, asked, search)
    if asked.bbox is not None:
        return found.count_within(asked.bbox)
    return found.totals.total - (found.totals.unplaced_total if placed else 0)


def is_read_in_order(total: int) -> bool:
    """Whether so many are more than are sorted for a page."""
    return total > COMMON


def conditions_of(
    session: Session,
    asked: ContributionFilter,
    search: Search | None,
    *,
    in_order: bool,
    by_time: bool = False,
    by_place: bool = False,
) -> list[ColumnElement[bool]]:
    """Return the conditions; ``in_order`` spells them so that no index but the order's is used.

    ``by_time``: the order is by the moment; ``by_place``: by the cells around a place.
    """
    names: tuple[str, ...] = ()
    if in_order:
        names = ("category_id", "area_id", "department_id", "status_type", "status", "cell")
        names += () if by_time else ("at",)
    elif asked.area or asked.categories or asked.department or asked.text or asked.bbox:
        names = ("kind", "status_type", "status")
    if by_place:
        names += ("kind",)
    spelt: dict[str, Any] = {
        name: not_by_index(session, getattr(CONTRIBUTIONS, name)) for name in names
    }
    layer = replace(CONTRIBUTIONS, **spelt)
    found = conditions(session, replace(asked, text=""), layer=layer)
    if search is not None:
        found.append(condition(session, search, C.id, in_order=in_order))
    return found
