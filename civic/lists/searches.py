"""How words were understood before, given again as long as nothing was committed.

The stamp is :func:`civic.web.page_cache.stamp_before_reading`, asked before anything is read.
"""

from collections.abc import Hashable

from flask import Flask, current_app

from civic.database.watch import Unchanged
from civic.extensions import db
from civic.finding.filters import ContributionFilter
from civic.search.queries import Search, get_search

MOST_SEARCHES = 256

_SEARCHES = "civic_searches_before"


def init_app(app: Flask) -> None:
    """Remember what this process of ``app`` is asked."""
    app.extensions[_SEARCHES] = Unchanged[str, Search](MOST_SEARCHES)


def search_before(asked: ContributionFilter, stamp: Hashable) -> Search | None:
    """Return how the words of ``asked`` are understood and how many answer; None without any."""
    before: Unchanged[str, Search] = current_app.extensions[_SEARCHES]
    text = asked.text
    return before.look_up(text, stamp, lambda: get_search(db.session(), text)) if text else None
