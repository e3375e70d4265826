"""One case: everything about it, and everything that can be done."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from civic.accounts.session import current_actor
from civic.attachments.operations import attach
from civic.contributions.kinds import kind_of
from civic.contributions.models import Audience, Contribution
from civic.desk import operations, policies, queries
from civic.desk.forms import AnswerForm, AssignForm, ClosingForm, MoveForm, NoteForm, ReclassifyForm
from civic.desk.views.blueprint import blueprint, desk_people
from civic.desk.views.listed import came_from
from civic.desk.views.page import (
    assigned,
    classified,
    closes,
    following_of,
    insert_reply,
    opened,
    render,
)
from civic.errors import Conflict, Forbidden, Invalid
from civic.extensions import db
from civic.taxonomy.queries import (
    get_category,
    get_department,
)
from civic.text.ids import read_id
from civic.web.access import agents
from civic.web.limits import write_limit

Answer = str | Response | tuple[str, int]


@blueprint.get("/desk/<reference>")
@desk_people
def show(reference: str) -> Answer:
    """Show everything about one case."""
    contribution = opened(reference)
    if reference != contribution.reference:
        here: dict[str, Any] = request.args.to_dict() | {"reference": contribution.reference}
        return redirect(url_for(".show", **here), 301)
    return render(contribution)


@blueprint.post("/desk/<reference>/move/<to>")
@desk_people
@write_limit
def move(reference: str, to: str) -> Answer:
    """Take one step of the workflow, or put a kept reply into its sentence."""
    form = _received(to)
    session, actor = db.session(), current_actor()
    contribution = opened(reference)
    if isinstance(form, ClosingForm):
        form.keep(session)
        session.commit()
    if "insert" in request.form:
        insert_reply(form, queries.list_replies(session, actor, contribution))
        return render(contribution, moving=(to, form))
    if not form.validate() or (isinstance(form, ClosingForm) and not form.decode(session)):
        return render(contribution, moving=(to, form)), 422
    following = following_of(session, contribution)
    try:
        change = operations.move_case(session, contribution, form.step(to), actor=actor)
        if isinstance(form, ClosingForm):
            token = form.draft_token.data or ""
            attach(session, contribution, token, status_change_id=change.id)
    except Invalid as error:
        return _back(session, reference, (to, form), error), 422
    except (Conflict, Forbidden) as error:
        code = 409 if isinstance(error, Conflict) else 403
        return _back(session, reference, (to, form), error), code
    session.commit()
    workflow = kind_of(contribution).workflow
    flash(
        gettext("C’est noté : %(status)s.", status=gettext(workflow[contribution.status].label)),
        "success",
    )
    if not came_from():
        return redirect(url_for(".show", reference=contribution.reference), 303)
    # On to the next of the same list, which still offers to undo what was done here.
    done = came_from() | {"done": contribution.reference, "_anchor": "main"}
    if following is None:
        return redirect(url_for(".index", **done), 303)
    return redirect(url_for(".show", reference=following.reference, **done), 303)


@blueprint.post("/desk/<reference>/answer")
@desk_people
@write_limit
def answer(reference: str) -> Answer:
    """Answer in public or in private, or put a kept reply into the answer."""
    form = AnswerForm()
    session, actor = db.session(), current_actor()
    if "insert" in request.form:
        case = opened(reference)
        insert_reply(form, queries.list_replies(session, actor, case))
        return render(case, given={"answer": form})
    return _do(
        reference,
        form,
        "answer",
        lambda session, case: operations.answer(
            session,
            case,
            form.sentence.data or "",
            audience=Audience(form.audience.data),
            actor=actor,
        ),
        gettext("La réponse est envoyée."),
    )


@blueprint.post("/desk/<reference>/notes")
@desk_people
@write_limit
def note(reference: str) -> Answer:
    """Leave a note for colleagues."""
    form = NoteForm()
    return _do(
        reference,
        form,
        "note",
        lambda session, case: operations.add_note(
            session, case, form.body.data or "", actor=current_actor()
        ),
        gettext("La note est gardée."),
    )


@blueprint.post("/desk/<reference>/assign")
@agents
@write_limit
def assign(reference: str) -> Answer:
    """Say who does it."""
    form = AssignForm()

    def name(session: Session, case: Contribution) -> None:
        form.check_seen(session, case, lambda: assigned(case))
        id = read_id(form.account.data)
        account = queries.get_colleague(session, id) if id else None
        operations.assign(session, case, account, actor=current_actor())

    return _do(reference, form, "assign", name, gettext("L’attribution est changée."))


@blueprint.post("/desk/<reference>/reclassify")
@agents
@write_limit
def reclassify(reference: str) -> Answer:
    """Change category or department."""
    form = ReclassifyForm()

    def change(session: Session, case: Contribution) -> None:
        form.check_seen(session, case, lambda: classified(case))
        category_id = read_id(form.category.data)
        department_id = read_id(form.department.data)
        category = get_category(session, category_id) if category_id else case.category
        answers = form.answers_to(category) if category.id != case.category_id else {}
        if form.form_errors:
            return
        operations.reclassify(
            session,
            case,
            actor=current_actor(),
            category=category,
            answers=answers,
            department=get_department(session, department_id) if department_id else None,
            why=form.why.data or "",
        )

    done = gettext("Le dossier est changé de catégorie ou de service.")
    return _do(reference, form, "reclassify", change, done)


def _received(to: str) -> MoveForm:
    if not closes(to):
        return MoveForm()
    form = ClosingForm()
    form.receive()
    return form


def _do(
    reference: str,
    form: Any,
    name: str,
    act: Callable[[Session, Contribution], object],
    done: str,
) -> Answer:
    """Act on a case with a small form: on with 303, back with 422."""
    session = db.session()
    contribution = opened(reference)
    if not form.validate():
        return render(contribution, given={name: form}), 422
    try:
        act(session, contribution)
    except Invalid as error:
        form.refuse(error)
    if form.errors:
        session.rollback()
        return render(opened(reference), given={name: form}), 422
    session.commit()
    flash(done, "success")
    actor = current_actor()
    if not policies.may_open(actor, contribution):
        return redirect(url_for(".index", **came_from()), 303)
    return redirect(url_for(".show", reference=contribution.reference, **came_from()), 303)


def _back(
    session: Session,
    reference: str,
    moving: tuple[str, MoveForm],
    error: Invalid | Conflict | Forbidden,
) -> str:
    """Show the page again with what was written, and what stands in the way."""
    session.rollback()
    to, form = moving
    if isinstance(form, ClosingForm):
        form.load_kept(session)
    contribution = opened(reference)
    if isinstance(error, Invalid):
        form.refuse(error)
        return render(contribution, moving=(to, form))
    sentence = gettext(error.message, **error.values)
    return render(contribution, moving=(to, form), conflict=sentence)
