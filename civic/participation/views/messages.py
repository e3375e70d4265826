"""What the town and the author of a contribution write to each other in private."""

from flask import flash, redirect, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from civic.accounts.session import current_actor
from civic.contributions.policies import is_author
from civic.errors import Invalid, NotFound
from civic.extensions import db
from civic.i18n import N_
from civic.messages.forms import MessageForm
from civic.messages.operations import write_back
from civic.messages.queries import list_private
from civic.participation.loading import load_visible
from civic.participation.page import page_url
from civic.participation.views.blueprint import blueprint
from civic.web.access import public
from civic.web.limits import write_limit


@blueprint.route("/c/<reference>/messages", methods=["GET", "POST"])
@public
@write_limit
def messages(reference: str) -> str | tuple[str, int] | Response:
    """Read what the town has written to me alone, and answer it."""
    session, actor = db.session(), current_actor()
    contribution = load_visible(session, reference, actor)
    if not is_author(actor, contribution):
        raise NotFound(N_("Cette page est réservée à l’auteur."))
    form = MessageForm()
    if form.validate_on_submit():
        try:
            write_back(session, contribution, form.body.data or "", actor=actor)
        except Invalid as error:
            session.rollback()
            contribution = load_visible(session, reference, actor)
            form.refuse(error)
        else:
            session.commit()
            flash(gettext("Votre réponse est partie : seule la ville la lit."), "success")
            return redirect(page_url(contribution, _anchor="private-messages"), 303)
    page = render_template(
        "participation/messages.html",
        contribution=contribution,
        private=list_private(session, contribution.id),
        form=form,
        back=page_url(contribution),
    )
    return (page, 422) if form.errors else page
