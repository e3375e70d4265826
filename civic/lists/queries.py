"""Lists of contributions: complete, ordered, cut into pages by the key of their order.

A page begins after the (key, id) that the one before ended with, never at a number of rows. So what
nobody touches while somebody turns the pages is met once and is never skipped, whatever is
voted, published or hidden meanwhile. What is touched moves: an idea whose support passes that of
the cursor is on an earlier page from then on, one that falls behind it is met again, with the
new number. The cursor keeps the key as it was, so the place in the order stays where it was.

A list is narrowed by whatever index fits while few rows answer; when many do, it is read in its own
order and ends with the page. Either way the cost is that of the page, not of what is stored.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions.models import Contribution
from civic.contributions.workflow import StatusType
from civic.finding.filters import ContributionFilter, Sort
from civic.lists.keyset import keyset_page
from civic.lists.narrowing import count_total, of_contributions
from civic.lists.near import near_page
from civic.lists.pages import PAGE_SIZE, Page, select_cards
from civic.lists.relevance import relevant_page
from civic.search.queries import Search, get_search


def list_page(
    session: Session,
    asked: ContributionFilter,
    actor: Actor,
    *,
    size: int = PAGE_SIZE,
    search: Search | None = None,
) -> Page:
    """Return one page of what is public and what ``asked`` says, in its order.

    Everybody sees the same list: ``actor`` is who asks, for rules to come. The order is that of
    :func:`effective_sort`.
    ``search``: how the words are understood, where that is known already.
    """
    asked = of_contributions(asked)
    if search is None and asked.text:
        search = get_search(session, asked.text)
    if search is not None and not search.answers:
        return Page([], 0)
    sort = effective_sort(asked, search)
    if sort is Sort.WAITING and not asked.status_types:
        asked = replace(asked, status_types=(StatusType.OPEN,))
    if sort is Sort.NEAR and asked.near is not None:
        return near_page(session, asked, asked.near, search, size)
    total = count_total(session, asked, search)
    if sort is Sort.RELEVANT and search is not None:
        return relevant_page(session, asked, search, total, size)
    return keyset_page(session, asked, sort, search, total, size)


def effective_sort(asked: ContributionFilter, search: Search | None) -> Sort:
    """Return the order that is meant.

    What was asked for, where it can be: « near me » needs a place, and the most relevant a search
    with answers few enough to be looked at each. Otherwise the most relevant where that can be,
    the hottest for ideas alone, and else the newest.
    """
    can_be_relevant = search is not None and search.are_few
    possible = {Sort.NEAR: asked.near is not None, Sort.RELEVANT: can_be_relevant}
    if asked.sort is not None and possible.get(asked.sort, True):
        return asked.sort
    if can_be_relevant:
        return Sort.RELEVANT
    return Sort.HOT if asked.kinds == ("idea",) and search is None else Sort.NEWEST


def find_public(session: Session, reference: str) -> Row[Any] | None:
    """Return the card's row of a public contribution, or None."""
    statement = select_cards().where(Contribution.reference == reference)
    return session.execute(statement).one_or_none()
