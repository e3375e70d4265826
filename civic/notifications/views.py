"""« Mes nouvelles », and the addresses that mails carry."""

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.accounts.paths import own_path
from civic.accounts.session import FOLLOWED, current_actor
from civic.extensions import csrf, db
from civic.i18n import N_
from civic.notifications.choices import Owner, refuse_mails
from civic.notifications.events import EVENTS, sentence_of
from civic.notifications.links import read_author_path, read_refusal_path
from civic.notifications.operations import mark_read
from civic.notifications.queries import PAGE, is_authors, list_notifications
from civic.taxonomy.models import Department
from civic.web.access import public, residents
from civic.web.errors import error_page
from civic.web.ids import row_id
from civic.web.limits import write_limit

blueprint = Blueprint("notifications", __name__)
GROUP_LABELS = {
    "status": N_("ce que deviennent vos contributions et celles que vous suivez"),
    "comments": N_("les commentaires"),
    "actions": N_("l’avancement des actions de la ville"),
    "cases": N_("les dossiers nouveaux ou réorientés"),
    "assigned": N_("les dossiers qui vous sont attribués"),
    "contested": N_("les clôtures contestées"),
    "answered": N_("les réponses des auteurs"),
    "held": N_("ce qui attend une relecture"),
    "flagged": N_("ce qui est signalé aux modérateurs"),
    "appeals": N_("les recours"),
    "deadlines": N_("les échéances"),
}


@blueprint.get("/notifications")
@residents
def index() -> ResponseReturnValue:
    """The person's news, the newest first."""
    before = request.args.get("before", type=row_id)
    account_id = current_actor().account_id or 0
    found = list_notifications(_session(), account_id, before=before, limit=PAGE + 1)
    shown = found[:PAGE]
    items = [
        {
            "id": item.id,
            "sentence": sentence_of(item.event, item.data, _),
            "icon": EVENTS[item.event].icon,
            "url": _url_of(item.event, item.data),
            "at": item.at,
            "is_unread": item.read_at is None,
            "detail": item.data.get("sentence") or item.data.get("comment") or "",
        }
        for item in shown
        if item.event in EVENTS
    ]
    return render_template(
        "notifications/index.html",
        items=items,
        has_unread=any(item["is_unread"] for item in items),
        newest=shown[0].id if shown else None,
        older_url=url_for(".index", before=shown[-1].id) if len(found) > PAGE else None,
        is_first=before is None,
    )


@blueprint.post("/notifications/read")
@residents
@write_limit
def read() -> ResponseReturnValue:
    """Mark as read what the page showed, and what is older."""
    up_to = request.form.get("up_to", type=row_id)
    mark_read(_session(), current_actor().account_id or 0, up_to=up_to)
    _session().commit()
    return redirect(url_for(".index"), 303)


@blueprint.get("/m/<token>")
@public
def open_as_author(token: str) -> ResponseReturnValue:
    """Open one's own contribution from a mail, signed in or not."""
    found = read_author_path(token)
    if found is None or not is_authors(_session(), *found[:2]):
        sentence = _(
            "Ce lien n’ouvre plus rien : il vaut trente jours. Connectez-vous avec l’adresse qui "
            "l’a reçu."
        )
        return error_page(404, sentence)
    contribution_id, _account_id, path = found
    followed = set(session.get(FOLLOWED, ()))
    if contribution_id not in followed:
        session[FOLLOWED] = [*followed, contribution_id]
    response = redirect(own_path(path), 303)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/mail/refuse/<token>")
@public
def refuse(token: str) -> ResponseReturnValue:
    """Say which mails would stop; only the button stops them."""
    owner, groups = _refusing(token)
    return _refusal_page(owner, groups, done=False)


@blueprint.post("/mail/refuse/<token>")
@csrf.exempt
@public
@write_limit
def stop_mails(token: str) -> ResponseReturnValue:
    """Stop them: by the button, or by the mail program's own (RFC 8058), which has no token."""
    owner, groups = _refusing(token)
    if isinstance(owner, Account) and request.form.get("everything"):
        owner.wants_mail = False
    else:
        refuse_mails(_session(), owner, groups)
    _session().commit()
    if isinstance(owner, Account):
        flash(_("C’est fait. Vous pouvez changer d’avis dans vos réglages."), "success")
    return _refusal_page(owner, groups, done=True)


def _refusal_page(owner: Owner, groups: list[str], *, done: bool) -> str:
    return render_template(
        "notifications/refuse.html",
        group=", ".join(_(GROUP_LABELS[group]) for group in groups),
        is_person=isinstance(owner, Account),
        done=done,
    )


def _refusing(token: str) -> tuple[Owner, list[str]]:
    found = read_refusal_path(token)
    if found is None or not set(found[2]) <= GROUP_LABELS.keys():
        abort(404)
    model, owner_id, groups = found
    owner: Owner | None
    if model == "department":
        owner = _session().get(Department, owner_id)
    else:
        owner = _session().get(Account, owner_id)
    if owner is None or (isinstance(owner, Account) and owner.erased_at is not None):
        abort(404)
    return owner, groups


def _url_of(event: str, data: dict[str, str]) -> str:
    if event in {"decision", "appeal_received", "appeal_answered"}:
        return f"{request.script_root}/decisions/{data.get('decision', '')}"
    return request.script_root + data["path"] if data.get("path") else ""


def _session() -> Session:
    return db.session()
