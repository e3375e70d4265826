"""The list that a case was opened from: its address says which, so that one finds back to it."""

from datetime import datetime
from typing import Any

from flask import request

from civic.desk.filters import VIEWS
from civic.desk.queries import SORTS, DeskFilters
from civic.web.cursors import read_cursor


def asked_filters() -> DeskFilters:
    """Return what the address asks for; words without a view are looked for in all."""
    view, sort = request.args.get("view", ""), request.args.get("sort", "")
    words = request.args.get("q", "").replace("\x00", "").strip()[:200]
    usual = "all" if words else "open"
    if view not in VIEWS or (view == "all" and not words):
        view = usual
    return DeskFilters(view=view, q=words, sort=sort if sort in SORTS else "due")


def address_of(filters: DeskFilters) -> dict[str, Any]:
    """Return the arguments of a list's address, without what is usual."""
    usual = "all" if filters.q else "open"
    wanted = {"view": filters.view, "q": filters.q, "sort": filters.sort}
    return {name: value for name, value in wanted.items() if value not in {"", usual, "due"}}


def came_from() -> dict[str, Any]:
    """Return the arguments that say which list, and which page of it, a case was opened from.

    Nothing where it was not opened from a list.
    """
    given = request.values
    if given.get("view") not in VIEWS:
        return {}
    return {name: given[name] for name in ("view", "q", "sort", "after") if given.get(name)}


def asked_place(sort: str) -> tuple[object, ...] | None:
    """Return after which case the page that the address asks for begins."""
    text = request.args.get("after", "")
    if sort == "support":
        return read_cursor(text, int, int)
    if sort == "newest":
        return read_cursor(text, int)
    if sort == "mediation":
        rank, _, text = text.partition("~")
        found = _after_date(text)
        return (int(rank), *found) if found and rank in {"0", "1"} else None
    return _after_date(text)


def _after_date(text: str) -> tuple[object, ...] | None:
    if text.startswith("~"):
        undated = read_cursor(text, str, int)
        return (None, undated[1]) if undated else None
    return read_cursor(text, datetime, int)
