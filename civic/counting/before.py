"""What was found before, given again as long as nothing was committed.

The stamp is :func:`civic.web.kept.stamp_before_reading`, asked before anything is read.
"""

from collections.abc import Hashable

from flask import Flask, current_app

from civic.counting.map_data import Found, FoundBefore
from civic.extensions import db
from civic.finding.filters import ContributionFilter

_FOUND = "civic_found_before"


def init_app(app: Flask) -> None:
    """Remember what this process of ``app`` is asked."""
    app.extensions[_FOUND] = FoundBefore()


def found_before(asked: ContributionFilter, stamp: Hashable) -> Found | None:
    """Return where the things of ``asked`` are, if the counts do not know."""
    before: FoundBefore = current_app.extensions[_FOUND]
    return before.look_up(db.session(), asked, stamp)
