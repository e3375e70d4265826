"""The page of the demo: who one can be, and what there is to try. Served in the demo only."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from civic.accounts.entering import let_in
from civic.accounts.queries import find_account
from civic.accounts.session import current_account
from civic.demo.people import PEOPLE, Person
from civic.extensions import db
from civic.places.queries import is_demo_town
from civic.web.access import public
from civic.web.limits import write_limit

blueprint = Blueprint("demo", __name__)

_DOORS = {
    "habitant": "/account",
    "agent": "/desk",
    "moderation": "/moderation",
    "mediation": "/moderation/appeals",
    "administration": "/administration",
}
"""Where each role begins its day."""
_ICONS = {
    "habitant": "person-circle",
    "agent": "inbox",
    "moderation": "shield-check",
    "mediation": "arrow-repeat",
    "administration": "gear",
}


@blueprint.get("/demo")
@public
def index() -> ResponseReturnValue:
    """Say what this is, who one can be, and what to try."""
    _require_demo()
    account = current_account()
    return render_template(
        "demo/index.html",
        people=[
            {
                "key": person.key,
                "role": _(person.role),
                "tries": _(person.tries),
                "name": person.name,
                "email": person.email,
                "icon": _ICONS[person.key],
                "url": url_for(".enter", key=person.key),
                "is_me": account is not None and account.email == person.email,
            }
            for person in PEOPLE
        ],
    )


@blueprint.post("/demo/enter/<key>")
@public
@write_limit
def enter(key: str) -> ResponseReturnValue:
    """Sign in as one of the people of the demo, with one click."""
    _require_demo()
    person = _person(key)
    account = find_account(_session(), person.email)
    if account is None:
        abort(404)
    let_in(account)
    _session().commit()
    flash(_("Vous êtes maintenant « %(name)s ».", name=account.display_name), "success")
    return redirect(request.script_root + _DOORS[key], 303)


def _person(key: str) -> Person:
    found = next((person for person in PEOPLE if person.key == key), None)
    if found is None:
        abort(404)
    return found


def _require_demo() -> None:
    if not is_demo_town(_session()):
        abort(404)


def _session() -> Session:
    return db.session()
