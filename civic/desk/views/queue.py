"""The queue of what is owed."""

from flask import render_template, request, url_for

from civic.accounts.actor import Role
from civic.accounts.session import current_actor
from civic.contributions.kinds import kinds
from civic.database import utcnow
from civic.desk import queries
from civic.desk.views.blueprint import blueprint, desk_people
from civic.desk.views.listed import address_of, asked_filters, asked_place
from civic.desk.views.page import undo_of
from civic.desk.voices import signs_of
from civic.extensions import db
from civic.web.cursors import write_cursor


@blueprint.get("/desk")
@desk_people
def index() -> str:
    """Show what my departments owe, the soonest due first."""
    session, actor = db.session(), current_actor()
    filters = asked_filters()
    order = queries.order_for(actor, filters.sort)
    page = queries.list_cases(session, actor, filters, after=asked_place(order))
    kept = address_of(filters)
    following = None
    if page.last is not None:
        cursor = write_cursor(*queries.key_of(page.last, order))
        following = url_for(".index", **{**kept, "after": cursor})
    after = request.args.get("after")
    return render_template(
        "desk/index.html",
        cases=page.cases,
        acknowledge_by=queries.list_acknowledgements_due(session, page.cases),
        signs=signs_of(session, page.cases),
        counts=queries.count_views(session, actor, filters.q),
        filters=filters,
        opened_from={"view": filters.view, **kept, **({"after": after} if after else {})},
        undo=undo_of(session, request.args.get("done", ""), of_all=True),
        kinds=kinds,
        now=utcnow(),
        is_agent=actor.has(Role.AGENT),
        next_url=following,
        first_url=url_for(".index", **kept) if after else None,
    )
