"""Replies kept for next time."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from civic.accounts.session import current_actor
from civic.contributions.kinds import kinds
from civic.desk import operations, policies, queries
from civic.desk.forms import ReplyForm
from civic.desk.models import SavedReply
from civic.desk.views.blueprint import blueprint
from civic.errors import Invalid
from civic.extensions import db
from civic.i18n import N_
from civic.taxonomy.queries import list_categories, list_departments
from civic.web.access import agents, authorise
from civic.web.forms import choices
from civic.web.language import locale_code
from civic.web.limits import write_limit
from civic.web.seen import Shown


@blueprint.route("/desk/replies", methods=["GET", "POST"])
@agents
@write_limit
def replies() -> str | Response | tuple[str, int]:
    """List the kept replies, and keep another one."""
    return _edit(None)


@blueprint.route("/desk/replies/<int:reply_id>", methods=["GET", "POST"])
@agents
@write_limit
def reply(reply_id: int) -> str | Response | tuple[str, int]:
    """Change a kept reply."""
    found = queries.get_reply(db.session(), reply_id)
    authorise(policies.may_edit_reply(current_actor(), found))
    return _edit(found)


@blueprint.post("/desk/replies/<int:reply_id>/delete")
@agents
@write_limit
def delete_reply(reply_id: int) -> Response:
    """Forget a kept reply."""
    session = db.session()
    found = queries.get_reply(session, reply_id)
    operations.delete_reply(session, found, actor=current_actor())
    session.commit()
    flash(gettext("La réponse type est supprimée."), "success")
    return redirect(url_for(".replies"), 303)


def _edit(found: SavedReply | None) -> str | Response | tuple[str, int]:
    session, actor = db.session(), current_actor()
    form = ReplyForm(data=_said(found))
    departments, categories = _fill(form)
    if found is not None:
        form.show(_shown(found))
    if form.validate_on_submit():
        chosen, category = form.department.data or "", form.category.data or ""
        try:
            if found is not None:
                form.check_seen(session, found, lambda: _shown(found))
            operations.save_reply(
                session,
                found,
                actor=actor,
                title=form.title.data or "",
                body=form.body.data or "",
                department_id=int(chosen) if chosen in departments else None,
                status=form.status.data or "",
                kind=form.kind.data if form.kind.data in kinds else "",
                category_id=int(category) if category in categories else None,
            )
        except Invalid as error:
            session.rollback()
            form.refuse(error)
        else:
            session.commit()
            flash(gettext("La réponse type est gardée."), "success")
            return redirect(url_for(".replies"), 303)
    rows = queries.list_replies(session, actor)
    names = {one.id: one.name_in(locale_code()) for one in list_departments(session)}
    page = render_template(
        "desk/replies.html",
        rows=[(one, policies.may_edit_reply(actor, one)) for one in rows],
        names=names,
        labels={kind: _labels(kind) for kind in ("", *(one.code for one in kinds))},
        kinds=kinds,
        categories=categories,
        form=form,
        reply=found,
    )
    return (page, 422) if form.errors and request.method == "POST" else page


def _shown(found: SavedReply) -> Shown:
    return {
        N_("Titre"): found.title,
        N_("Texte"): found.body,
        N_("Service"): found.department_id or "",
        N_("Proposée pour"): found.kind,
        N_("Proposée pour la catégorie"): found.category_id or "",
        N_("Proposée pour l’étape"): found.status,
    }


def _said(found: SavedReply | None) -> dict[str, str]:
    if found is None:
        return {}
    return {
        "title": found.title,
        "body": found.body,
        "department": str(found.department_id or ""),
        "kind": found.kind,
        "category": str(found.category_id or ""),
        "status": found.status,
    }


def _fill(form: ReplyForm) -> tuple[set[str], dict[str, str]]:
    """Offer what a reply may suit; return the ids of the departments, and the categories."""
    actor = current_actor()
    own = [
        (str(one.id), one.name_in(locale_code()))
        for one in list_departments(db.session())
        if not actor.department_ids or one.id in actor.department_ids
    ]
    for_all = [] if actor.department_ids else [("", gettext("Tous les services"))]
    form.department.choices = choices([*for_all, *own])
    named_kinds = [(kind.code, gettext(kind.label_plural)) for kind in kinds]
    form.kind.choices = choices([("", gettext("Signalements et idées")), *named_kinds])
    categories = {str(one.id): one.name_in(locale_code()) for one in list_categories(db.session())}
    all_categories = ("", gettext("Toutes les catégories"))
    form.category.choices = choices([all_categories, *categories.items()])
    form.status.choices = choices([("", gettext("Toutes les étapes")), *_labels().items()])
    return {id for id, _name in own}, categories


def _labels(of: str = "") -> dict[str, str]:
    """Return the statuses that people may set, with what the kind ``of``, or each, calls them."""
    named: dict[str, list[str]] = {}
    for kind in kinds:
        for status in kind.workflow.statuses if of in {"", kind.code} else ():
            label = gettext(status.label)
            if label not in named.setdefault(status.code, []):
                named[status.code].append(label)
    return {code: " / ".join(labels) for code, labels in named.items()}
