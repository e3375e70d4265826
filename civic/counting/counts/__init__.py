"""The counts behind the map: kept in step within the transaction of every change.

Whatever a flush inserts, changes or deletes on a layer of the map is remembered as differences and
added to the counts just before the commit, in the order of their keys: locks are held shortly, two
writers that meet wait for each other and do not deadlock, and what is rolled back never counts.

Statements that go past the session's objects (bulk inserts, ``update()``) are not seen: whoever
writes them tells :func:`add_rows`, or calls :func:`rebuild` when done.
"""

from civic.counting.counts.anew import rebuild, verify
from civic.counting.counts.in_step import add_rows, listen, settle
from civic.counting.counts.shapes import (
    ALL_LEVEL,
    BY_DAYS,
    BY_FACET,
    BY_KIND,
    LEVELS,
    PLACED,
    UNITS_A_DEGREE,
    UNPLACED,
    Difference,
    Grouping,
    MapPoint,
    Progress,
    cell_at,
    day_of,
    start_of,
)

__all__ = [
    "ALL_LEVEL",
    "BY_DAYS",
    "BY_FACET",
    "BY_KIND",
    "LEVELS",
    "PLACED",
    "UNITS_A_DEGREE",
    "UNPLACED",
    "Difference",
    "Grouping",
    "MapPoint",
    "Progress",
    "add_rows",
    "cell_at",
    "day_of",
    "listen",
    "rebuild",
    "settle",
    "start_of",
    "verify",
]
