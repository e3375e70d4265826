"""Deciding: one address a measure, and on to the next item."""

from collections.abc import Callable
from typing import Any, cast

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from civic.accounts.actor import Actor, Role
from civic.accounts.session import current_actor
from civic.contributions.models import Contribution
from civic.contributions.queries import check_known, find_contribution, get_contribution
from civic.errors import Conflict, Invalid
from civic.extensions import db
from civic.i18n import N_
from civic.moderation import operations, policies
from civic.moderation.forms import DecisionForm, MergeForm, RedactForm
from civic.moderation.models import Measure
from civic.moderation.operations.holds import origin_of
from civic.moderation.operations.statements import Grounds
from civic.moderation.queries.queue import QueueItem, list_queue
from civic.moderation.views.blueprint import blueprint
from civic.moderation.views.queue import (
    Forms,
    forms_for,
    get_item,
    read_filters,
    render,
    shown_item,
    similar_to,
)
from civic.web.access import Entry, authorise, entry_for, moderators
from civic.web.cursors import read_cursor
from civic.web.ids import row_id
from civic.web.limits import write_limit
from civic.web.seen import Shown

Refusal = tuple[str, int, dict[str, str]]

PHOTOS = "photos"
DONE: dict[str, str] = {
    Measure.PUBLISH: N_("C’est publié."),
    Measure.HIDE: N_("Le public ne le voit plus. L’auteur reçoit les motifs."),
    Measure.RESTORE: N_("C’est de nouveau en ligne."),
    Measure.REDACT: N_("Les données personnelles sont retirées, aussi de l’historique."),
    Measure.LOCK: N_("Les commentaires sont fermés."),
    Measure.UNLOCK: N_("Les commentaires sont rouverts."),
    Measure.MERGE: N_("Les deux contributions sont réunies. Les soutiens seront prévenus."),
    Measure.UNMERGE: N_("La réunion est annulée."),
    PHOTOS: N_("Le public voit de nouveau ces photos."),
}
OF_CONTENTS: dict[Measure, Callable[..., object]] = {
    Measure.PUBLISH: operations.publish,
    Measure.RESTORE: operations.restore,
}
OF_PAGES: dict[Measure, Callable[..., object]] = {
    Measure.LOCK: operations.lock,
    Measure.UNLOCK: operations.unlock,
}


@blueprint.post(
    "/moderation/<int:contribution_id>/<any(publish,hide,restore,lock,unlock,redact):name>"
)
@moderators
@write_limit
def decide(contribution_id: int, name: str) -> Response | Refusal:
    """Take a decision about a contribution or one of its comments."""
    return _decided(contribution_id, name, lambda item, forms: _do(Measure(name), item, forms))


@blueprint.post("/moderation/<int:contribution_id>/<any(merge,unmerge):name>")
@moderators
@write_limit
def join(contribution_id: int, name: str) -> Response | Refusal:
    """Say that a contribution is a duplicate of another, or take that back."""
    return _decided(
        contribution_id,
        name,
        lambda item, forms: _join(db.session(), item.contribution, forms[name]),
    )


@blueprint.post("/moderation/<int:contribution_id>/photos")
@moderators
@write_limit
def show_photos(contribution_id: int) -> Response | Refusal:
    """Let the public see hidden photos again."""
    return _decided(contribution_id, PHOTOS, _show_photos)


@blueprint.post("/moderation/<int:contribution_id>/close")
@moderators
@write_limit
def close(contribution_id: int) -> Response:
    """Take an item out of the queue that is not to be seen any more."""
    session = db.session()
    item = get_item(session, contribution_id, request.form.get("comment", type=row_id))
    operations.close(session, item.contribution, item.comment, actor=current_actor())
    session.commit()
    return _onwards(request.form.get("next"))


@blueprint.route("/merge/<reference>", methods=["GET", "POST"])
@entry_for(Entry.MODERATOR, Entry.AGENT)
@write_limit
def merge(reference: str) -> str | Response | tuple[str, int]:
    """Merge or separate from the desk: the agents in charge may, without the queue."""
    session, actor = db.session(), current_actor()
    source = get_contribution(session, reference)
    allowed = policies.may_merge(actor, source)
    check_known(source, may=allowed)
    authorise(allowed)
    is_merged = source.duplicate_of_id is not None
    form: DecisionForm = DecisionForm() if is_merged else MergeForm(clause="7")
    form.offer_clauses()
    form.show(_joined(source))
    if request.method == "GET" and isinstance(form, MergeForm):
        form.target.data = request.args.get("target", "")
    if form.validate_on_submit():
        form.check_seen(session, source, lambda: _joined(source))
        try:
            _join(session, source, form)
        except Invalid as error:
            session.rollback()
            source = get_contribution(session, reference)
            form.refuse(error)
        else:
            session.commit()
            measure = Measure.UNMERGE if is_merged else Measure.MERGE
            flash(gettext(DONE[measure]), "success")
            endpoint = "desk.show" if actor.has(Role.AGENT) else "participation.show"
            return redirect(url_for(endpoint, reference=source.reference), 303)
    page = render_template(
        "moderation/merge.html",
        source=source,
        form=form,
        similar=[] if is_merged else similar_to(session, source),
    )
    return (page, 422) if form.errors else page


@blueprint.post("/merge/<reference>/undo")
@entry_for(Entry.MODERATOR, Entry.AGENT)
@write_limit
def undo_merge(reference: str) -> Response:
    """Take a merge back that I made a few minutes ago."""
    session, actor = db.session(), current_actor()
    source = get_contribution(session, reference)
    allowed = policies.may_merge(actor, source)
    check_known(source, may=allowed)
    authorise(allowed)
    operations.take_merge_back(session, source, request.form.get("step", type=row_id), actor=actor)
    session.commit()
    flash(gettext(DONE[Measure.UNMERGE]), "success")
    endpoint = "desk.show" if actor.has(Role.AGENT) else "participation.show"
    return redirect(url_for(endpoint, reference=source.reference), 303)


def _joined(source: Contribution) -> Shown:
    of = source.duplicate_of
    return {N_("Réunie avec"): of.reference if of is not None else ""}


def _join(session: Session, source: Contribution, form: DecisionForm) -> None:
    """Merge where the form names a target, separate where it does not ask for one."""
    grounds, actor = form.grounds(origin_of(session, source.id)), current_actor()
    if not isinstance(form, MergeForm):
        operations.unmerge(session, source, actor=actor, grounds=grounds)
        return
    target = find_contribution(session, form.target.data or "")
    if target is None:
        raise Invalid(N_("Aucune contribution ne porte cette référence."), field="target")
    operations.merge_as_duplicate(
        session, source, target, actor=actor, grounds=grounds, is_far=form.is_far.data
    )


def _decided(
    contribution_id: int, name: str, act: Callable[[QueueItem, Forms], object]
) -> Response | Refusal:
    """Do what the form ``name`` asks for and go on, or come back with what stands in the way."""
    session = db.session()
    comment = request.form.get(f"{name}-comment", type=row_id)
    item = get_item(session, contribution_id, comment)
    forms = forms_for(item)
    form = forms[name]
    form.check_seen(session, item.comment or item.contribution, lambda: shown_item(item))
    try:
        _check(form.validate(), form.state.data, item)
        act(item, forms)
    except Invalid as error:
        session.rollback()
        form.refuse(error)
        item = get_item(session, contribution_id, comment)
        html = render(session, list_queue(session, read_filters()), item, forms=forms, opened=name)
        # The address of a decision is for sending only: a reload must find the item.
        return html, 422, {"HX-Push-Url": "false"}
    session.commit()
    flash(gettext(DONE[name]), "success")
    return _onwards(form.next.data)


def _check(is_valid: bool, state: str | None, item: QueueItem) -> None:  # noqa: FBT001 (form.validate())
    """Refuse what the form refuses, and what was decided meanwhile by somebody else."""
    if not is_valid:
        raise Invalid(N_("Il reste quelque chose à corriger dans le formulaire."))
    if state and state != item.state.value:
        raise Conflict(
            N_("Une autre personne a pris une décision entre-temps. Rien n’a été changé.")
        )


def _do(measure: Measure, item: QueueItem, forms: Forms) -> None:
    session, actor = db.session(), current_actor()
    comment, contribution = item.comment, item.contribution
    grounds = _grounds(item, forms[measure])
    if measure is Measure.REDACT:
        _redact(session, item, forms.redact, grounds, actor)
    elif measure is Measure.HIDE:
        stays_due = comment is None and forms.hide.stays_due.data
        operations.hide(
            session, contribution, comment, actor=actor, grounds=grounds, stays_due=stays_due
        )
    elif measure in OF_CONTENTS:
        OF_CONTENTS[measure](session, contribution, comment, actor=actor, grounds=grounds)
    elif comment is None:
        OF_PAGES[measure](session, contribution, actor=actor, grounds=grounds)
    else:
        abort(404)


def _show_photos(item: QueueItem, forms: Forms) -> None:
    operations.show_photos(
        db.session(),
        item.contribution,
        _ids("show_photo"),
        actor=current_actor(),
        grounds=_grounds(item, forms.photos),
    )


def _grounds(item: QueueItem, form: DecisionForm) -> Grounds:
    comment_id = item.comment.id if item.comment else None
    return form.grounds(origin_of(db.session(), item.contribution.id, comment_id))


def _redact(
    session: Session, item: QueueItem, form: RedactForm, grounds: Grounds, actor: Actor
) -> None:
    if item.comment is not None:
        operations.redact_comment(
            session, item.comment, actor=actor, grounds=grounds, body=form.body.data or ""
        )
        return
    operations.redact(
        session,
        item.contribution,
        actor=actor,
        grounds=grounds,
        title=form.title.data or "",
        body=form.body.data or "",
        precisions=form.precisions.data,
        clears_answers=form.clears_answers.data,
        hidden_photo_ids=_ids("hide_photo"),
        removed_photo_ids=_ids("remove_photo"),
    )


def _ids(name: str) -> set[int]:
    return set(request.form.getlist(name, type=row_id))


def _onwards(next_key: str | None) -> Response:
    """Go to the item that came next in the queue, or to its head."""
    kept: dict[str, Any] = {
        name: value for name, value in request.args.items() if name in {"what", "kind", "days"}
    }
    found = read_cursor(next_key or "", int, int)
    if found is None:
        return redirect(url_for(".index", **kept), 303)
    contribution_id, comment_id = cast("tuple[int, int]", found)
    comment = comment_id or None
    return redirect(url_for(".show", contribution_id=contribution_id, comment=comment, **kept), 303)
