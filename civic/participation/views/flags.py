"""Asking the moderators to look, and seeing what became of it."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from civic.accounts.session import current_actor
from civic.comments.models import Comment
from civic.contributions.models import Contribution
from civic.errors import Invalid, NotFound
from civic.extensions import db
from civic.flags.forms import REASONS, FlagForm
from civic.flags.models import FlagReason
from civic.flags.operations import raise_flag
from civic.flags.queries import get_by_receipt
from civic.i18n import N_
from civic.participation.loading import load_visible
from civic.participation.page import page_url
from civic.participation.views.blueprint import blueprint
from civic.text.ids import read_id
from civic.web.access import public
from civic.web.limits import submit_limit

Answer = str | tuple[str, int] | Response


@blueprint.route("/c/<reference>/flag", methods=["GET", "POST"])
@public
@submit_limit
def flag(reference: str) -> Answer:
    """Say what is wrong with a contribution, or with one of its comments (``?comment=``)."""
    session, actor = db.session(), current_actor()
    contribution = load_visible(session, reference, actor)
    form = FlagForm(comment=request.args.get("comment", ""))
    comment = _comment(contribution, form.comment.data or "")
    if actor.account_id is not None:
        del form.email
    if form.validate_on_submit():
        try:
            raised = raise_flag(
                session,
                contribution,
                actor=actor,
                reason=FlagReason(form.reason.data),
                text=form.text.data or "",
                email=form.email.data or "" if "email" in form else "",
                comment_id=comment.id if comment else None,
            )
        except Invalid as error:
            session.rollback()
            form.refuse(error)
        else:
            session.commit()
            return redirect(url_for("participation.receipt", receipt=raised.receipt, new=1), 303)
    page = render_template(
        "participation/flag.html",
        form=form,
        contribution=contribution,
        comment=comment,
        page_url=page_url(contribution),
    )
    return (page, 422) if form.is_submitted() else page


@blueprint.get("/flags/<receipt>")
@public
def receipt(receipt: str) -> str:
    """Show whoever holds the code what became of it; never what was written, nor by whom."""
    found = get_by_receipt(db.session(), receipt)
    contribution = db.session().get_one(Contribution, found.contribution_id)
    return render_template(
        "participation/receipt.html",
        flag=found,
        reason=REASONS[found.reason],
        contribution=contribution,
        page_url=page_url(contribution) if contribution.is_public else "",
        is_new="new" in request.args,
    )


def _comment(contribution: Contribution, given: str) -> Comment | None:
    if not given:
        return None
    number = read_id(given)
    found = db.session().get(Comment, number) if number is not None else None
    if found is None or found.contribution_id != contribution.id or not found.is_public:
        raise NotFound(N_("Ce commentaire n’existe pas."))
    return found
