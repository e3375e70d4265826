"""Commenting, answering, correcting, taking back, finding helpful."""

from flask import flash, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from civic.accounts.actor import Actor
from civic.accounts.session import current_actor
from civic.comments import operations, policies
from civic.comments.forms import CommentForm
from civic.comments.models import Comment, CommentVote, Stance
from civic.comments.queries import get_comment
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution
from civic.contributions.screening_registry import explain_hold
from civic.errors import Invalid, NotFound
from civic.extensions import db, htmx
from civic.i18n import N_
from civic.participation.loading import load_visible
from civic.participation.page import page_url
from civic.participation.views.blueprint import blueprint
from civic.text.ids import read_id
from civic.web.access import authorise, public, residents
from civic.web.limits import submit_limit, vote_limit, write_limit
from civic.web.seen import Shown

Answer = str | tuple[str, int] | Response
VERDICTS = {"helpful": True, "unhelpful": False}


@blueprint.get("/c/<reference>/comments/new")
@public
def new_comment(reference: str) -> str:
    """Show the form alone: to answer somebody, and for visitors, who sign in once it is sent."""
    actor = current_actor()
    contribution = load_visible(db.session(), reference, actor)
    authorise(not policies.comment_refusal(actor, contribution))
    form = CommentForm(formdata=None, parent=request.args.get("parent", ""))
    return _form_page(form, contribution, actor)


@blueprint.post("/c/<reference>/comments")
@residents
@submit_limit
def comment(reference: str) -> Answer:
    """Say something, or answer somebody."""
    session, actor = db.session(), current_actor()
    contribution = load_visible(session, reference, actor)
    form = CommentForm()
    if not kind_of(contribution).takes_stances or form.parent.data:
        del form.stance
    if form.validate_on_submit():
        try:
            said = operations.add_comment(
                session,
                contribution,
                actor=actor,
                body=form.body.data or "",
                stance=_stance(form),
                parent_id=_parent_id(form),
                as_department=form.as_department.data,
            )
        except Invalid as error:
            session.rollback()
            form.refuse(error)
        else:
            session.commit()
            return _said(said, contribution)
    return _form_page(form, contribution, actor), 422


@blueprint.route("/comments/<int:comment_id>/edit", methods=["GET", "POST"])
@residents
@write_limit
def edit_comment(comment_id: int) -> Answer:
    """Correct one's own words, within 15 minutes and until somebody answers."""
    session, actor = db.session(), current_actor()
    found, contribution = _load(comment_id, actor)
    authorise(policies.is_own(actor, found.author_id))
    form = CommentForm(body=found.body, stance=found.stance.value)
    form.show(_shown(found))
    if form.is_submitted():
        form.check_seen(session, found, lambda: _shown(found))
    if not kind_of(contribution).takes_stances or found.parent_id or found.department_id:
        del form.stance
    if form.validate_on_submit():
        try:
            operations.edit_comment(
                session, found, actor=actor, body=form.body.data or "", stance=_stance(form)
            )
        except Invalid as error:
            session.rollback()
            form.refuse(error)
        else:
            session.commit()
            return _said(found, contribution)
    page = _form_page(form, contribution, actor, edited=found)
    return (page, 422) if form.is_submitted() else page


@blueprint.post("/comments/<int:comment_id>/withdraw")
@residents
@write_limit
def withdraw_comment(comment_id: int) -> Response:
    """Take one's own words back."""
    actor = current_actor()
    found, contribution = _load(comment_id, actor)
    operations.withdraw_comment(db.session(), found, actor=actor)
    db.session.commit()
    flash(gettext("Votre commentaire est retiré."), "success")
    return redirect(page_url(contribution, _anchor="comments"), 303)


@blueprint.post("/comments/<int:comment_id>/helpful")
@residents
@vote_limit
def helpful(comment_id: int) -> str | Response:
    """Find a comment helpful, or not, or have no opinion any more."""
    session, actor = db.session(), current_actor()
    found, contribution = _load(comment_id, actor)
    is_helpful = VERDICTS.get(request.form.get("verdict", ""))
    operations.judge_comment(session, found, actor=actor, is_helpful=is_helpful)
    session.commit()
    if not htmx:
        return redirect(page_url(contribution, _anchor=f"comment-{found.id}"), 303)
    mine = session.get(CommentVote, (found.id, actor.account_id))
    return render_template(
        "participation/_helpful.html",
        comment={
            "id": found.id,
            "helpful_count": found.helpful_count,
            "unhelpful_count": found.unhelpful_count,
            "judged": mine.is_helpful if mine else None,
            "may_judge": True,
        },
    )


def _shown(comment: Comment) -> Shown:
    return {
        N_("Votre commentaire"): comment.body,
        N_("Visibilité"): gettext("En ligne") if comment.is_public else gettext("Pas en ligne"),
    }


def _load(comment_id: int, actor: Actor) -> tuple[Comment, Contribution]:
    """Return a comment for somebody who may see its contribution and who may see itself."""
    found = get_comment(db.session(), comment_id)
    contribution = load_visible(db.session(), found.contribution.reference, actor)
    if not found.is_public and not policies.is_own(actor, found.author_id):
        raise NotFound(N_("Ce commentaire n’existe pas."))
    return found, contribution


def _said(said: Comment, contribution: Contribution) -> Response:
    if said.is_public:
        flash(gettext("Votre commentaire est publié."), "success")
    else:
        reasons = explain_hold(db.session(), contribution.id, said.id)
        sentence = gettext("Merci. Votre commentaire attend d’être relu avant d’être publié.")
        if reasons:
            sentence = gettext(
                "Merci. Votre commentaire attend d’être relu avant d’être publié : %(reason)s.",
                reason=gettext(reasons[0]).rstrip("."),
            )
        flash(sentence, "info")
    return redirect(page_url(contribution, comments="newest", _anchor=f"comment-{said.id}"), 303)


def _form_page(
    form: CommentForm,
    contribution: Contribution,
    actor: Actor,
    edited: Comment | None = None,
) -> str:
    parent_id = _parent_id(form)
    parent = db.session().get(Comment, parent_id) if parent_id else None
    if parent is not None and (parent.contribution_id != contribution.id or not parent.is_public):
        parent = None
    if not kind_of(contribution).takes_stances or parent is not None:
        del form.stance
    is_agent = policies.may_answer_officially(actor, contribution)
    if edited is not None or not is_agent:
        del form.as_department
    return render_template(
        "participation/comment.html",
        form=form,
        contribution=contribution,
        page_url=page_url(contribution),
        parent=parent,
        edited=edited,
    )


def _parent_id(form: CommentForm) -> int | None:
    return read_id(form.parent.data)


def _stance(form: CommentForm) -> Stance:
    field = form._fields.get("stance")
    return Stance(field.data) if field is not None and field.data else Stance.NEITHER
