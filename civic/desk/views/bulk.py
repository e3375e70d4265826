"""The same step for several cases."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from civic.accounts.session import current_actor
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution
from civic.contributions.policies import parties
from civic.contributions.queries import list_possible_steps
from civic.contributions.workflow import CommonStatus, Edge
from civic.desk import operations, queries
from civic.desk.forms import MoveForm
from civic.desk.models import SavedReply
from civic.desk.views.blueprint import blueprint
from civic.desk.views.listed import came_from
from civic.desk.views.page import insert_reply, name_reasons
from civic.errors import Conflict, Forbidden, Invalid
from civic.extensions import db
from civic.web.access import agents
from civic.web.ids import row_id
from civic.web.limits import write_limit


@blueprint.route("/desk/bulk", methods=["GET", "POST"])
@agents
@write_limit
def bulk() -> str | Response | tuple[str, int]:
    """Show the chosen cases and the steps they share; take one of them with all."""
    session, actor = db.session(), current_actor()
    asked = request.values.getlist("contribution")[: operations.MOST_AT_ONCE + 1]
    cases = queries.find_cases(session, actor, asked)
    edges = _shared_edges(cases)
    to = request.values.get("to", "")
    edge = next((one for one in edges if one.to == to), edges[0] if edges else None)
    form = MoveForm()
    if request.method == "GET":
        form.seen.data = cases[0].status if cases else ""
    elif "insert" in request.form:
        insert_reply(form, _replies(cases))
    elif form.validate():
        try:
            count = operations.move_many(session, cases, form.step(to), actor=actor)
        except (Invalid, Conflict, Forbidden) as error:
            session.rollback()
            cases = queries.find_cases(session, actor, asked)
            form.refuse(Invalid(error.message, field=getattr(error, "field", ""), **error.values))
            code = {Conflict: 409, Forbidden: 403}.get(type(error), 422)
            return _page(cases, _shared_edges(cases), edge, form), code
        session.commit()
        flash(ngettext("%(num)s dossier avancé.", "%(num)s dossiers avancés.", count), "success")
        return redirect(url_for(".index", **came_from(), done=cases[0].reference), 303)
    page = _page(cases, edges, edge, form)
    return (page, 422) if form.errors else page


@blueprint.post("/desk/bulk/undo")
@agents
@write_limit
def undo_bulk() -> Response:
    """Take back the step that I took with several cases a few minutes ago."""
    session = db.session()
    step_id = request.form.get("step", type=row_id)
    undone, left = operations.undo_many(session, step_id, actor=current_actor())
    session.commit()
    flash(
        ngettext(
            "L’étape est annulée pour %(num)s dossier : personne n’en a reçu de courriel.",
            "L’étape est annulée pour %(num)s dossiers : personne n’en a reçu de courriel.",
            undone,
        ),
        "success",
    )
    if left:
        flash(
            ngettext(
                "%(num)s dossier a changé entre-temps et reste où il est.",
                "%(num)s dossiers ont changé entre-temps et restent où ils sont.",
                left,
            ),
            "warning",
        )
    return redirect(url_for(".index", **came_from()), 303)


def _page(cases: list[Contribution], edges: list[Edge], edge: Edge | None, form: MoveForm) -> str:
    if edge is not None and cases:
        name_reasons(form, kind_of(cases[0]).workflow.reasons)
    mixed = len({(case.kind, case.status) for case in cases}) > 1
    return render_template(
        "desk/bulk.html",
        cases=cases,
        status=kind_of(cases[0]).workflow[cases[0].status] if cases and not mixed else None,
        mixed=mixed,
        edges=edges,
        edge=edge,
        form=form,
        replies=[one for one in _replies(cases) if edge and one.status in {"", edge.to}],
        opened_from=came_from(),
        too_many=gettext("Cinquante dossiers au plus à la fois.")
        if len(cases) > operations.MOST_AT_ONCE
        else "",
    )


def _replies(cases: list[Contribution]) -> Sequence[SavedReply]:
    """Return the kept replies that suit every one of the cases."""
    suiting = [queries.list_replies(db.session(), current_actor(), case) for case in cases]
    return [one for one in suiting[0] if all(one in of for of in suiting)] if suiting else []


def _shared_edges(cases: list[Contribution]) -> list[Edge]:
    """Return the steps that this person may take with every one of the cases."""
    if not cases or len({(case.kind, case.status) for case in cases}) > 1:
        return []
    actor = current_actor()
    if cases[0].status == CommonStatus.DUPLICATE:
        return []
    steps = [
        list_possible_steps(
            db.session(), case, actor=actor, standing=parties(actor, case, is_supporter=False)
        )
        for case in cases
    ]
    shared = set.intersection(*({edge.to for edge in edges} for edges in steps))
    return [edge for edge in steps[0] if edge.to in shared and not edge.target]
