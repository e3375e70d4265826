"""The queue of what is owed."""

from datetime import datetime
from typing import Any

from flask import render_template, request, url_for

from civic.accounts.actor import Role
from civic.accounts.session import current_actor
from civic.contributions.kinds import kinds
from civic.database import utcnow
from civic.desk import queries
from civic.desk.queries import SORTS, VIEWS, DeskFilters
from civic.desk.views.blueprint import blueprint, desk_people
from civic.extensions import db
from civic.web.cursors import read_cursor, write_cursor


@blueprint.get("/desk")
@desk_people
def index() -> str:
    """Show what my departments owe, the soonest due first."""
    session, actor = db.session(), current_actor()
    filters = _filters()
    order = queries.order_for(actor, filters.sort)
    page = queries.list_cases(session, actor, filters, after=_after(order))
    kept: dict[str, Any] = {
        name: value
        for name, value in (("view", filters.view), ("q", filters.q), ("sort", filters.sort))
        if value not in {"", "open", "due"}
    }
    following = None
    if page.last is not None:
        cursor = write_cursor(*queries.key_of(page.last, order))
        following = url_for(".index", **{**kept, "after": cursor})
    return render_template(
        "desk/index.html",
        cases=page.cases,
        counts=queries.count_views(session, actor, filters.q),
        filters=filters,
        kept=kept,
        kinds=kinds,
        now=utcnow(),
        is_agent=actor.has(Role.AGENT),
        next_url=following,
        first_url=url_for(".index", **kept) if request.args.get("after") else None,
    )


def _filters() -> DeskFilters:
    view, sort = request.args.get("view", ""), request.args.get("sort", "")
    return DeskFilters(
        view=view if view in VIEWS else "open",
        q=request.args.get("q", "").replace("\x00", "").strip()[:200],
        sort=sort if sort in SORTS else "due",
    )


def _after(sort: str) -> tuple[object, ...] | None:
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
