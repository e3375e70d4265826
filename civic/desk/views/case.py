"""One case: everything about it, and everything that can be done."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from civic.accounts.session import current_actor
from civic.attachments.operations import attach
from civic.attachments.policies import may_describe
from civic.attachments.queries import photos_of
from civic.contributions.kinds import kind_of, kinds
from civic.contributions.models import Contribution
from civic.contributions.policies import parties
from civic.contributions.queries import (
    check_known,
    find_contribution,
    find_undoable_step,
    get_contribution,
    steps_of,
)
from civic.contributions.workflow import Edge, StatusType
from civic.database import utcnow
from civic.desk import operations, policies, queries
from civic.desk.forms import AssignForm, ClosingForm, MoveForm, NoteForm, ReclassifyForm
from civic.desk.models import SavedReply
from civic.desk.views.blueprint import blueprint, desk_people
from civic.desk.views.listed import asked_filters, came_from
from civic.errors import Conflict, Forbidden, Invalid
from civic.extensions import db
from civic.i18n import N_
from civic.participation.sections import sections_of
from civic.participation.submission.answers import shown_answers
from civic.participation.undoing import undo_words
from civic.taxonomy.queries import (
    get_category,
    get_department,
    list_categories,
    list_departments,
)
from civic.text.numbers import row_number
from civic.web.access import agents, authorise
from civic.web.forms import choices
from civic.web.language import locale_code
from civic.web.limits import write_limit
from civic.web.seen import Shown

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
    following = _following(session, contribution)
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
    done = came_from() | {"done": contribution.reference}
    if following is None:
        return redirect(url_for(".index", **done), 303)
    return redirect(url_for(".show", reference=following.reference, **done), 303)


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
        form.check_seen(session, case, lambda: _assigned(case))
        id = row_number(form.account.data)
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
        form.check_seen(session, case, lambda: _classified(case))
        category_id = row_number(form.category.data)
        department_id = row_number(form.department.data)
        operations.reclassify(
            session,
            case,
            actor=current_actor(),
            category=get_category(session, category_id) if category_id else case.category,
            department=get_department(session, department_id) if department_id else None,
            why=form.why.data or "",
        )

    done = gettext("Le dossier est changé de catégorie ou de service.")
    return _do(reference, form, "reclassify", change, done)


def _edit_url(case: Contribution) -> str:
    """Return the page that corrects a case, nothing for a kind that has none."""
    endpoint = f"{kind_of(case).blueprint}.edit"
    has_one = endpoint in current_app.view_functions
    return url_for(endpoint, reference=case.reference) if has_one else ""


def _assigned(case: Contribution) -> Shown:
    return {N_("Attribué à"): case.assigned_to.display_name if case.assigned_to else ""}


def _classified(case: Contribution) -> Shown:
    return {
        N_("Catégorie"): case.category.name,
        N_("Service"): case.department.name if case.department else "",
    }


def opened(reference: str) -> Contribution:
    """Return a case that this person may open, or answer 403 or 404."""
    contribution = get_contribution(db.session(), reference)
    allowed = policies.may_open(current_actor(), contribution)
    check_known(contribution, may=allowed)
    authorise(allowed)
    return contribution


def render(
    contribution: Contribution,
    *,
    moving: tuple[str, MoveForm] | None = None,
    given: Mapping[str, Any] | None = None,
    conflict: str = "",
) -> str:
    """Write the page; ``moving`` and ``given`` are forms that came back."""
    session, actor = db.session(), current_actor()
    kind = kind_of(contribution)
    standing = parties(actor, contribution, is_supporter=False)
    edges = steps_of(session, contribution, actor=actor, standing=standing)
    replies = queries.list_replies(session, actor, contribution)
    history = queries.history_of(session, contribution.id)
    who = [event.change.actor_id for event in history if event.change]
    forms = dict(given or {})
    may_reclassify = policies.may_reclassify(actor, contribution)
    return render_template(
        "desk/show.html",
        case=contribution,
        kind=kind,
        status=kind.workflow[contribution.status],
        moves=[
            (edge, _move_form(contribution, edge, moving))
            for edge in edges
            if not edge.target and contribution.status != operations.MERGED
        ],
        may_merge=any(edge.target for edge in edges)
        or (bool(edges) and contribution.status == operations.MERGED),
        moving=moving,
        undo=undo_of(session, request.args.get("done") or contribution.reference),
        opened_from=came_from(),
        following=_following(session, contribution),
        conflict=conflict,
        for_another=len(edges) < len(kind.workflow.allowed_from(contribution.status, standing)),
        replies_for={
            edge.to: [one for one in replies if one.status in {"", edge.to}] for edge in edges
        },
        history=history,
        undone={event.change.undoes_id for event in history if event.change},
        names=queries.names_of(session, who),
        notes=queries.notes_of(session, contribution.id),
        photos=photos_of(session, contribution.id, public_only=False),
        may_describe=may_describe(actor, contribution),
        answers=shown_answers(contribution.category, contribution.answers, locale_code())
        if contribution.answers
        else [],
        sections=list(sections_of(session, contribution, actor)),
        note_form=forms.get("note") or NoteForm(formdata=None),
        assign_form=_assign_form(session, contribution, forms) if may_reclassify else None,
        reclassify_form=_reclassify_form(session, contribution, forms) if may_reclassify else None,
        may_note=policies.may_note(actor, contribution),
        edit_url=_edit_url(contribution) if may_reclassify else "",
        may_see_contact=policies.may_see_contact(actor, contribution),
        now=utcnow(),
    )


def _following(session: Session, case: Contribution) -> Contribution | None:
    """Return the case after this one in the list that it was opened from."""
    if not came_from():
        return None
    return queries.find_next(session, current_actor(), asked_filters(), case)


def undo_of(session: Session, reference: str) -> dict[str, Any] | None:
    """Return what the offer says to undo the step just taken with the case ``reference``."""
    case = find_contribution(session, reference) if reference else None
    change = find_undoable_step(session, case, current_actor()) if case is not None else None
    if case is None or change is None:
        return None
    merged = case.duplicate_of_id is not None
    endpoint = "moderation.undo_merge" if merged else "participation.undo"
    url = url_for(endpoint, reference=case.reference, **came_from())
    return undo_words(case, change, url)


def name_reasons(form: MoveForm, reasons: Mapping[str, str]) -> None:
    """Offer the reasons of the workflow."""
    named = ((code, gettext(label)) for code, label in reasons.items())
    form.reason.choices = choices([("", gettext("Choisir…")), *named])


def _move_form(
    contribution: Contribution,
    edge: Edge,
    moving: tuple[str, MoveForm] | None,
) -> MoveForm:
    """Return the form of an edge, the one that came back as it came; ids are told apart."""
    if moving is not None and moving[0] == edge.to:
        form = moving[1]
    else:
        form = ClosingForm(formdata=None) if _closes(edge.to) else MoveForm(formdata=None)
    form.seen.data = contribution.status
    name_reasons(form, kind_of(contribution).workflow.reasons)
    for field in form:
        field.id = f"{edge.to}-{field.short_name}"
    return form


def _assign_form(
    session: Session, contribution: Contribution, forms: Mapping[str, Any]
) -> AssignForm:
    form = forms.get("assign") or AssignForm(formdata=None)
    form.show(_assigned(contribution))
    people = queries.colleagues(session, contribution)
    form.account.choices = choices(
        [("", gettext("Personne en particulier")), *((str(p.id), p.display_name) for p in people)]
    )
    if not form.is_submitted() or "assign" not in forms:
        form.account.data = str(contribution.assigned_to_id or "")
    return form


def _reclassify_form(
    session: Session, contribution: Contribution, forms: Mapping[str, Any]
) -> ReclassifyForm:
    form = forms.get("reclassify") or ReclassifyForm(formdata=None)
    form.show(_classified(contribution))
    locale = locale_code()
    form.category.choices = choices(
        (str(one.id), one.name_in(locale)) for one in list_categories(session, contribution.kind)
    )
    form.department.choices = choices(
        [
            ("", gettext("Celui de la catégorie")),
            *((str(one.id), one.name_in(locale)) for one in list_departments(session)),
        ]
    )
    if "reclassify" not in forms:
        form.category.data = str(contribution.category_id)
        form.department.data = str(contribution.department_id or "")
    return form


def _closes(to: str) -> bool:
    """Whether a status says that it is settled, in any kind: known before the first statement."""
    return any(
        status.code == to and status.type is StatusType.FIXED
        for kind in kinds
        for status in kind.workflow.statuses
    )


def _received(to: str) -> MoveForm:
    if not _closes(to):
        return MoveForm()
    form = ClosingForm()
    form.receive()
    return form


def insert_reply(form: MoveForm, offered: Sequence[SavedReply]) -> None:
    """Add the kept reply whose button was pressed to what is written already."""
    id = row_number(request.form.get("insert"))
    reply = next((one for one in offered if one.id == id), None)
    if reply is not None:
        form.sentence.data = "\n\n".join(filter(None, (form.sentence.data, reply.body)))


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
        session.rollback()
        form.refuse(error)
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
