"""The pages of ideas: propose, acknowledgement, page, and what their author may do."""

from flask import Blueprint, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from civic.accounts.session import current_actor
from civic.contributions.kinds import kinds
from civic.extensions import csrf, db
from civic.ideas import operations
from civic.ideas.forms import IdeaForm
from civic.ideas.models import Idea
from civic.ideas.queries import Stances, count_stances
from civic.participation.submission.correcting import edit_page
from civic.participation.submission.detail import (
    last_answer,
    page_context,
    received_page,
    visible,
    withdraw_own,
)
from civic.participation.submission.flow import Answer, SubmissionPage
from civic.web.access import public
from civic.web.limits import submit_limit, write_limit
from civic.web.page_cache import cached_for_visitors

blueprint = Blueprint("ideas", __name__)


def _page() -> SubmissionPage:
    return SubmissionPage(
        kind=kinds[operations.CODE],
        form=IdeaForm,
        template="ideas/new.html",
        submit=operations.submit_idea,
    )


@blueprint.get("/ideas/new")
@public
def new() -> Answer:
    """Show the blank proposal."""
    return _page().blank()


# The form checks its own token, so that an old one brings the filled form back and no error page.
@blueprint.post("/ideas/new")
@public
@csrf.exempt
@submit_limit
def create() -> Answer:
    """Take an idea."""
    return _page().send()


@blueprint.post("/ideas/new/place")
@public
@csrf.exempt
@write_limit
def find_place() -> Answer:
    """Find an address or list the streets, for a proposal filled without script."""
    return _page().place_step()


@blueprint.post("/ideas/preview")
@public
@csrf.exempt
@write_limit
def preview() -> Answer:
    """Show the text as readers will see it: a fragment for htmx, the whole form without."""
    return _page().preview_step("ideas/_preview.html")


@blueprint.get("/ideas/new/streets")
@public
def streets() -> Answer:
    """List the streets of one letter."""
    return _page().streets()


@blueprint.get("/ideas/<reference>")
@public
@cached_for_visitors
def show(reference: str) -> Answer:
    """Show one idea."""
    idea = _visible(reference)
    if idea.reference != reference:
        return redirect(url_for(".show", reference=idea.reference), 301)
    context = page_context(idea)
    return render_template(
        "ideas/show.html",
        **context,
        official=last_answer(context["participation"]),
        stances=count_stances(db.session(), idea.id) if idea.comment_count else Stances(),
        threshold=current_app.extensions["civic_settings"].idea_threshold,
    )


@blueprint.get("/ideas/<reference>/received")
@public
def received(reference: str) -> Answer:
    """Show the acknowledgement of receipt."""
    return received_page(Idea, reference)


@blueprint.route("/ideas/<reference>/edit", methods=["GET", "POST"])
@public
@write_limit
def edit(reference: str) -> Answer:
    """Correct it: its author in the first minutes, the agents in charge at any time."""
    return edit_page(Idea, reference)


@blueprint.post("/ideas/<reference>/withdraw")
@public
@write_limit
def withdraw(reference: str) -> Response:
    """Withdraw one's own idea."""
    return withdraw_own(Idea, reference)


@blueprint.post("/ideas/<reference>/relaunch")
@public
@write_limit
def relaunch(reference: str) -> Response:
    """Let an archived idea gather support again."""
    idea = _visible(reference)
    operations.relaunch(db.session(), idea, actor=current_actor())
    db.session.commit()
    return redirect(url_for(".show", reference=idea.reference), 303)


def _visible(reference: str) -> Idea:
    return visible(Idea, reference)
