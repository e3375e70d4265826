"""What is still missing, and the log of changes."""

from flask import render_template, request

from civic.administration import queries
from civic.administration.models import SettingChange
from civic.administration.shown import shown_change
from civic.administration.views.blueprint import blueprint
from civic.extensions import db
from civic.places.queries import get_town
from civic.web.access import administrators
from civic.web.numbers import row_id

LATEST = 8


@blueprint.get("/administration")
@administrators
def index() -> str:
    """Show what the town has still to fill in, and the way to each setting."""
    session = db.session()
    return render_template(
        "administration/index.html",
        gaps=queries.list_gaps(session, get_town(session)),
        changes=_lines(queries.list_changes(session)[:LATEST]),
    )


@blueprint.get("/administration/log")
@administrators
def log() -> str:
    """Show who changed what, and when."""
    before_id = request.args.get("before", type=row_id)
    changes = queries.list_changes(db.session(), before_id=before_id)
    page = changes[: queries.PAGE_SIZE]
    return render_template(
        "administration/log.html",
        changes=_lines(page),
        next_id=page[-1].id if len(changes) > queries.PAGE_SIZE else None,
        is_first=before_id is None,
    )


def _lines(changes: list[SettingChange]) -> list[dict[str, object]]:
    people = queries.names_of_people(db.session(), changes)
    return [shown_change(change, people) for change in changes]
