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
from civic.search.queries import Search, understand


def list_page(
    session: Session,
    asked: ContributionFilter,
    actor: Actor,
    *,
    size: int = PAGE_SIZE,
    search: Search | None = None,
) -> Page:
    """Return one page of what is public and what ``asked`` says, in its order.

    Everybody sees the same list: ``actor`` is who asks, for rules to come. Without an order it is
    the hottest first for ideas alone, the newest first otherwise; « near me » without a place too.
    ``search``: how the words are understood, where that is known already.
    """
    sort = effective_sort(asked)
    if sort is Sort.WAITING and not asked.status_types:
        asked = replace(asked, status_types=(StatusType.OPEN,))
    asked = of_contributions(asked)
    if search is None and asked.text:
        search = understand(session, asked.text)
    if search is not None and not search.answers:
        return Page([], 0)
    if sort is Sort.NEAR and asked.near is not None:
        return near_page(session, asked, asked.near, search, size)
    total = count_total(session, asked, search)
    return keyset_page(session, asked, sort, search, total, size)


def effective_sort(asked: ContributionFilter) -> Sort:
    """Return the order that is meant."""
    if asked.sort is not None and (asked.sort is not Sort.NEAR or asked.near is not None):
        return asked.sort
    return Sort.HOT if asked.kinds == ("idea",) and not asked.text else Sort.NEWEST


def find_public(session: Session, reference: str) -> Row[Any] | None:
    """Return the card's row of a public contribution, or None."""
    statement = select_cards().where(Contribution.reference == reference)
    return session.execute(statement).one_or_none()
