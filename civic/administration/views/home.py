"""What is still missing, and the log of changes."""

from flask import render_template, request

from civic.accounts import security
from civic.accounts.models import SecurityEvent
from civic.accounts.queries import find_account
from civic.administration import queries
from civic.administration.models import SettingChange
from civic.administration.shown import shown_change
from civic.administration.views.blueprint import blueprint
from civic.extensions import db
from civic.places.queries import get_town
from civic.web.access import administrators
from civic.web.ids import row_id

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


@blueprint.get("/administration/security")
@administrators
def security_log() -> str:
    """Show who came in and who did not, whose rights changed, what ended."""
    session = db.session()
    asked = request.args.get("event", "")
    event_name = asked if asked in security.EVENTS else ""
    wanted = request.args.get("email", "").strip()
    person = find_account(session, wanted) if wanted else None
    before_id = request.args.get("before", type=row_id)
    found: list[SecurityEvent] = []
    if person is not None or not wanted:
        found = security.list_events(
            session,
            event_name=event_name,
            account_id=person.id if person is not None else None,
            before_id=before_id,
        )
    page = found[: security.PAGE_SIZE]
    people = {id_ for one in page for id_ in (one.account_id, one.actor_id) if id_ is not None}
    return render_template(
        "administration/security.html",
        events=page,
        names=queries.get_names_of_accounts(session, people),
        labels=security.EVENTS,
        chosen=event_name,
        wanted=wanted,
        next_id=page[-1].id if len(found) > security.PAGE_SIZE else None,
        is_first=before_id is None,
        kept_days=security.KEPT.days,
    )


def _lines(changes: list[SettingChange]) -> list[dict[str, object]]:
    people = queries.get_names_of_people(db.session(), changes)
    return [shown_change(change, people) for change in changes]
