"""Supporting and following."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from civic.accounts.actor import Actor, Role
from civic.accounts.session import current_actor
from civic.contributions.models import Contribution
from civic.contributions.operations import TOO_LATE, undo_step
from civic.contributions.policies import may_work_on
from civic.database import start_writing
from civic.errors import Conflict, Forbidden
from civic.extensions import db, htmx
from civic.follows import operations as follows
from civic.participation.loading import load_visible
from civic.participation.operations import stop_following
from civic.participation.page import follow_state, page_url, vote_state
from civic.participation.queries import get_ties
from civic.participation.views.blueprint import blueprint
from civic.votes import operations as votes
from civic.web.access import public, residents
from civic.web.ids import row_id
from civic.web.lifecycle import reads_first
from civic.web.limits import vote_limit, write_limit

Answer = str | tuple[str, int] | Response


@blueprint.post("/c/<reference>/vote")
@residents
@vote_limit
@reads_first
def vote(reference: str) -> Answer:
    """Support, or take the support back; pressing twice is pressing once."""
    session, actor = db.session(), current_actor()
    contribution = load_visible(session, reference, actor, alone=True)
    start_writing(session)
    stood = contribution.status
    try:
        if request.form.get("action") == "unvote":
            votes.unvote(session, contribution, actor=actor)
        else:
            votes.vote(session, contribution, actor=actor)
    except Forbidden as refusal:
        session.rollback()
        if not htmx:
            flash(gettext(refusal.message, **refusal.values), "warning")
            return redirect(page_url(contribution, _anchor="vote"), 303)
        return _buttons(contribution, actor), 403
    has_moved = contribution.status != stood
    session.commit()
    if htmx and has_moved:
        # The one vote that was missing: the whole page says what came of it.
        return Response(headers={"HX-Refresh": "true"})
    if htmx:
        return _buttons(contribution, actor)
    return redirect(page_url(contribution, _anchor="vote"), 303)


@blueprint.post("/c/<reference>/undo")
@public
@write_limit
def undo(reference: str) -> Answer:
    """Take back the step that I took a few minutes ago."""
    session, actor = db.session(), current_actor()
    contribution = load_visible(session, reference, actor)
    if contribution.duplicate_of_id is not None:
        raise Conflict(TOO_LATE)
    undo_step(session, contribution, request.form.get("step", type=row_id), actor=actor)
    session.commit()
    flash(gettext("L’étape est annulée : personne n’en a reçu de courriel."), "success")
    if may_work_on(actor, contribution) or actor.has(Role.MEDIATOR):
        back: dict[str, Any] = request.args.to_dict() | {"reference": contribution.reference}
        return redirect(url_for("desk.show", **back), 303)
    return redirect(page_url(contribution), 303)


@blueprint.post("/c/<reference>/follow")
@residents
@vote_limit
@reads_first
def follow(reference: str) -> Answer:
    """Follow, or cease to."""
    session, actor = db.session(), current_actor()
    contribution = load_visible(session, reference, actor, alone=True)
    start_writing(session)
    if request.form.get("action") == "unfollow":
        stop_following(session, contribution, actor=actor)
    elif actor.account_id is not None:
        follows.follow(session, contribution, account_id=actor.account_id)
    session.commit()
    if htmx:
        return _buttons(contribution, actor, template="participation/_follow.html")
    return redirect(page_url(contribution, _anchor="follow"), 303)


def _buttons(
    contribution: Contribution, actor: Actor, template: str = "participation/_voted.html"
) -> str:
    ties = get_ties(db.session(), contribution.id, actor.account_id)
    return render_template(
        template,
        contribution=contribution,
        participation={
            "vote": vote_state(contribution, actor, ties),
            "follow": follow_state(contribution, actor, ties),
        },
    )
