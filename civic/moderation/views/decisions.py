"""Decisions: the page of the person concerned, the log, the appeals."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from civic.accounts.session import current_account, current_actor
from civic.database import utcnow
from civic.errors import Invalid
from civic.extensions import db
from civic.i18n import N_
from civic.moderation import operations, policies
from civic.moderation.clauses import OUTCOME_LABELS
from civic.moderation.forms import AnswerForm, AppealForm
from civic.moderation.models import Appeal, AppealOutcome, Decision, Measure
from civic.moderation.queries import decisions as queries
from civic.moderation.queries.decisions import DecisionFilters
from civic.moderation.queries.queue import count_queue
from civic.moderation.views.blueprint import blueprint
from civic.moderation.views.queue import readers
from civic.web.access import ask_to_sign_in, authorise, mediators, public
from civic.web.cursors import read_cursor
from civic.web.limits import write_limit
from civic.web.seen import Shown


@blueprint.get("/decisions/<reference>")
@public
def decision(reference: str) -> str | Response:
    """Show the statement of reasons to the person concerned and to moderators."""
    found = _visible(reference)
    if isinstance(found, Response):
        return found
    return _decision_page(found, AppealForm())


@blueprint.post("/decisions/<reference>/appeal")
@public
@write_limit
def appeal(reference: str) -> Response | tuple[str, int]:
    """Take the appeal of the person concerned."""
    session = db.session()
    found = _visible(reference)
    if isinstance(found, Response):
        return found
    form = AppealForm()
    if form.validate():
        try:
            operations.submit_appeal(
                session, found, actor=current_actor(), text=form.text.data or ""
            )
        except Invalid as error:
            session.rollback()
            form.refuse(error)
        else:
            session.commit()
            flash(gettext("Votre recours est reçu. Une autre personne va y répondre."), "success")
            return redirect(url_for(".decision", reference=found.reference), 303)
    return _decision_page(found, form), 422


@blueprint.get("/moderation/decisions")
@readers
def decisions() -> str:
    """List what was decided, the latest first."""
    measure = request.args.get("measure", "")
    filters = DecisionFilters(measure=measure if measure in set(Measure) else "")
    rows, following = queries.list_decisions(db.session(), filters, before=_cursor("before"))
    kept: dict[str, Any] = {"measure": filters.measure} if filters.measure else {}
    return render_template(
        "moderation/decisions.html",
        rows=rows,
        filters=filters,
        measures=list(Measure),
        next_url=url_for(".decisions", before=following, **kept) if following else None,
        first_url=url_for(".decisions", **kept) if request.args.get("before") else None,
    )


@blueprint.get("/moderation/appeals")
@readers
def appeals() -> str:
    """List the appeals that wait for an answer, the oldest first."""
    actor = current_actor()
    rows, following = queries.list_open_appeals(db.session(), after=_cursor("after"))
    return render_template(
        "moderation/appeals.html",
        counts=count_queue(db.session()),
        rows=[(row, policies.may_answer(actor, row)) for row in rows],
        next_url=url_for(".appeals", after=following) if following else None,
        first_url=url_for(".appeals") if request.args.get("after") else None,
    )


@blueprint.route("/moderation/appeals/<int:appeal_id>", methods=["GET", "POST"])
@mediators
@write_limit
def answer(appeal_id: int) -> str | Response | tuple[str, int]:
    """Answer an appeal: somebody other than who decided, with a sentence."""
    session, actor = db.session(), current_actor()
    found = queries.get_appeal(session, appeal_id)
    form = AnswerForm()
    form.show(_answered(found))
    if request.method == "POST" and form.validate():
        form.check_seen(session, found, lambda: _answered(found))
        operations.answer_appeal(
            session,
            found,
            actor=actor,
            outcome=AppealOutcome(form.outcome.data),
            answer=form.answer.data or "",
        )
        session.commit()
        flash(gettext("Votre réponse est envoyée."), "success")
        return redirect(url_for(".appeals"), 303)
    decision = found.contested
    page = render_template(
        "moderation/appeal.html",
        appeal=found,
        decision=decision,
        comment=queries.get_comment(session, decision.contribution_id, decision.comment_id)
        if decision.contribution_id and decision.comment_id
        else None,
        form=form,
        may_answer=policies.may_answer(actor, found),
        decided=queries.list_decisions_about(session, decision.contribution_id)
        if decision.contribution_id
        else [],
    )
    return (page, 422) if form.errors else page


def _answered(found: Appeal) -> Shown:
    label = OUTCOME_LABELS[found.outcome] if found.outcome else ""
    return {N_("Réponse déjà donnée"): f"{gettext(label)} {found.answer}".strip() if label else ""}


def _visible(reference: str) -> Decision | Response:
    """Return the decision, or the way to sign in for somebody who may be the one concerned."""
    found = queries.get_decision(db.session(), reference)
    allowed = policies.may_see_decision(current_actor(), found)
    if not allowed and current_account() is None:
        here = url_for(".decision", reference=found.reference)
        return ask_to_sign_in(here)
    authorise(allowed)
    return found


def _decision_page(found: Decision, form: AppealForm) -> str:
    actor = current_actor()
    return render_template(
        "moderation/decision.html",
        decision=found,
        form=form,
        appeal=found.appeals[-1] if found.appeals else None,
        is_appealable=found.measure in policies.APPEALABLE,
        appeal_until=policies.appeal_ends_at(found),
        may_appeal=policies.may_appeal(actor, found, now=utcnow()),
    )


def _cursor(name: str) -> int | None:
    found = read_cursor(request.args.get(name, ""), int)
    return found[0] if found and isinstance(found[0], int) else None
