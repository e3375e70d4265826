"""The pages of incidents: report, acknowledgement, page, and what their author may do."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from civic.accounts.session import current_actor
from civic.contributions.kinds import kinds
from civic.contributions.policies import may_add, parties
from civic.contributions.workflow import Party
from civic.errors import Conflict, DomainError, Forbidden, Invalid
from civic.extensions import csrf, db
from civic.incidents import operations
from civic.incidents.forms import ContestForm, IncidentForm, SayForm
from civic.incidents.models import Incident
from civic.incidents.workflow import IncidentStatus
from civic.participation.operations import add_photos
from civic.participation.submission.correcting import edit_page
from civic.participation.submission.detail import (
    own,
    own_steps,
    page_context,
    received_page,
    visible,
    withdraw_own,
)
from civic.participation.submission.flow import Answer, SubmissionPage
from civic.votes.queries import has_voted
from civic.web.access import public
from civic.web.limits import submit_limit, write_limit
from civic.web.page_cache import cached_for_visitors

blueprint = Blueprint("incidents", __name__)


def _page() -> SubmissionPage:
    return SubmissionPage(
        kind=kinds[operations.CODE],
        form=IncidentForm,
        template="incidents/new.html",
        submit=operations.submit_incident,
    )


@blueprint.get("/incidents/new")
@public
def new() -> Answer:
    """Show the blank report."""
    return _page().blank()


# The form checks its own token, so that an old one brings the filled form back and no error page.
@blueprint.post("/incidents/new")
@public
@csrf.exempt
@submit_limit
def create() -> Answer:
    """Take a report."""
    return _page().send()


@blueprint.post("/incidents/new/place")
@public
@csrf.exempt
@write_limit
def find_place() -> Answer:
    """Find an address or list the streets, for a report filled without script."""
    return _page().place_step()


@blueprint.get("/incidents/new/streets")
@public
def streets() -> Answer:
    """List the streets of one letter."""
    return _page().streets()


@blueprint.get("/incidents/<reference>")
@public
@cached_for_visitors
def show(reference: str) -> Answer:
    """Show one incident."""
    incident = _visible(reference)
    if incident.reference != reference:
        return redirect(url_for(".show", reference=incident.reference), 301)
    context = page_context(incident)
    return render_template(
        "incidents/show.html",
        **context,
        may_add=may_add(current_actor(), incident),
        may_contest=_may_contest(
            incident, supports=context["participation"].vote.is_cast and not context["is_own"]
        ),
    )


@blueprint.get("/incidents/<reference>/received")
@public
def received(reference: str) -> Answer:
    """Show the acknowledgement of receipt."""
    return received_page(Incident, reference)


@blueprint.route("/incidents/<reference>/edit", methods=["GET", "POST"])
@public
@write_limit
def edit(reference: str) -> Answer:
    """Correct it: its author in the first minutes, the agents in charge at any time."""
    return edit_page(Incident, reference)


@blueprint.post("/incidents/<reference>/withdraw")
@public
@write_limit
def withdraw(reference: str) -> Response:
    """Withdraw one's own report."""
    return withdraw_own(Incident, reference)


@blueprint.route("/incidents/<reference>/precision", methods=["GET", "POST"])
@public
@write_limit
def add_precision(reference: str) -> Answer:
    """Add something to one's own report."""
    incident = _own(reference)
    return _say(incident, "precision", operations.add_precision)


@blueprint.route("/incidents/<reference>/answer", methods=["GET", "POST"])
@public
@write_limit
def answer(reference: str) -> Answer:
    """Answer what the department asked."""
    incident = _own(reference)
    if incident.status != IncidentStatus.QUESTION_ASKED:
        raise Conflict(operations.NO_QUESTION)
    return _say(incident, "answer", operations.answer_question)


@blueprint.route("/incidents/<reference>/confirm", methods=["GET", "POST"])
@public
@write_limit
def confirm(reference: str) -> Answer:
    """Say as the author that it is fixed, or go on to say that it is not."""
    incident = _own(reference)
    if request.method == "GET":
        return render_template(
            "incidents/confirm.html",
            contribution=incident,
            possible=IncidentStatus.CONFIRMED in own_steps(incident, current_actor()),
        )
    if request.form.get("settled") == "no":
        return redirect(url_for(".contest", reference=incident.reference), 303)
    operations.confirm_resolved(db.session(), incident, actor=current_actor())
    db.session.commit()
    return _back(incident)


@blueprint.route("/incidents/<reference>/contest", methods=["GET", "POST"])
@public
@write_limit
def contest(reference: str) -> Answer:
    """Say as the author or a supporter that it is not settled, with a photo if there is one."""
    form = ContestForm()
    if request.method == "POST":
        form.receive()
    session, actor = db.session(), current_actor()
    incident = _visible(reference)
    supports = has_voted(session, incident.id, actor.account_id)
    stands = not parties(actor, incident, is_supporter=supports).isdisjoint(
        {Party.AUTHOR, Party.SUPPORTER}
    )
    if request.method == "GET":
        status = 200
    elif not stands:
        raise Forbidden(operations.NOT_YOURS)
    else:
        form.keep(session)
        db.session.commit()
        status = 422
        if form.validate() and form.decode(session):
            try:
                change = operations.contest(
                    session, incident, form.text.data or "", actor=actor, captions=form.captions
                )
                token = form.draft_token.data or ""
                add_photos(session, incident, token, actor=actor, status_change_id=change.id)
                db.session.commit()
            except Invalid as error:
                db.session.rollback()
                form.load_kept(session)
                form.refuse(error)
            else:
                return _back(incident)
    page = render_template(
        "incidents/contest.html",
        contribution=incident,
        form=form,
        stands=stands,
        possible=_may_contest(incident, supports=True),
    )
    return page, status


def _say(incident: Incident, step: str, say: operations.Say) -> Answer:
    form = SayForm()
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                say(db.session(), incident, form.text.data or "", actor=current_actor())
                db.session.commit()
            except Invalid as error:
                db.session.rollback()
                form.refuse(error)
            except DomainError as error:
                db.session.rollback()
                form.form_errors = [gettext(error.message, **error.values)]
                status = 409
            else:
                return _back(incident)
    question = operations.question_of(db.session(), incident) if step == "answer" else ""
    page = render_template(
        "incidents/say.html", contribution=incident, form=form, step=step, question=question
    )
    return page, status


def _may_contest(incident: Incident, *, supports: bool) -> bool:
    return operations.may_contest(incident, is_supporter=supports)


def _visible(reference: str) -> Incident:
    return visible(Incident, reference)


def _own(reference: str) -> Incident:
    return own(Incident, reference)


def _back(incident: Incident) -> Response:
    return redirect(url_for(".show", reference=incident.reference), 303)
