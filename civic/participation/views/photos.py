"""Saying what is to be seen on the photos of a contribution, after it was sent."""

from flask import redirect, render_template
from werkzeug.wrappers import Response

from civic.accounts.session import current_actor
from civic.attachments.forms import sent_descriptions
from civic.attachments.policies import may_describe
from civic.attachments.queries import list_photos
from civic.contributions.models import Contribution
from civic.errors import Invalid
from civic.extensions import db
from civic.participation.loading import load_visible
from civic.participation.operations import describe_photos
from civic.participation.page import page_url, photo_views
from civic.participation.views.blueprint import blueprint
from civic.web.access import authorise, public
from civic.web.forms import Form
from civic.web.limits import write_limit


@blueprint.route("/c/<reference>/photos", methods=["GET", "POST"])
@public
@write_limit
def photos(reference: str) -> str | tuple[str, int] | Response:
    """Describe the photos of a contribution: its author, agents in charge, moderators."""
    session, actor = db.session(), current_actor()
    contribution = load_visible(session, reference, actor)
    authorise(may_describe(actor, contribution))
    form = Form()
    if not form.validate_on_submit():
        return _page(contribution, form)
    try:
        describe_photos(session, contribution, sent_descriptions(), actor=actor)
        session.commit()
    except Invalid as error:
        session.rollback()
        form.refuse(error)
        return _page(contribution, form), 422
    return redirect(page_url(contribution), 303)


def _page(contribution: Contribution, form: Form) -> str:
    found = list_photos(db.session(), contribution.id, public_only=False)
    return render_template(
        "attachments/describe.html",
        form=form,
        title=contribution.title,
        photos=photo_views(found, contribution),
        sent=sent_descriptions(),
        back=page_url(contribution),
    )
