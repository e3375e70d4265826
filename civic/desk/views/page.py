"""The page of one case: what is shown of it, and the forms of what can be done."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from civic.accounts.session import current_actor
from civic.attachments.policies import may_describe
from civic.attachments.queries import list_photos
from civic.contributions.kinds import kind_of, kinds
from civic.contributions.models import Contribution
from civic.contributions.policies import parties
from civic.contributions.queries import (
    check_known,
    find_contribution,
    find_undoable_step,
    get_contribution,
    list_possible_steps,
    list_taken_together,
)
from civic.contributions.workflow import CommonStatus, Edge, StatusType
from civic.database import utcnow
from civic.desk import policies, queries
from civic.desk.forms import AnswerForm, AssignForm, ClosingForm, MoveForm, NoteForm, ReclassifyForm
from civic.desk.models import SavedReply
from civic.desk.views.listed import asked_filters, came_from
from civic.desk.voices import list_voices
from civic.extensions import db
from civic.i18n import N_
from civic.messages.policies import may_write
from civic.participation.sections import sections_of
from civic.participation.submission.answers import choice_label, shown_answers
from civic.participation.undoing import undo_words
from civic.taxonomy.queries import (
    list_categories,
    list_departments,
)
from civic.text.ids import read_id
from civic.web.access import authorise
from civic.web.forms import choices
from civic.web.language import locale_code
from civic.web.seen import Shown


def _edit_url(case: Contribution) -> str:
    """Return the page that corrects a case, nothing for a kind that has none."""
    endpoint = f"{kind_of(case).blueprint}.edit"
    has_one = endpoint in current_app.view_functions
    return url_for(endpoint, reference=case.reference) if has_one else ""


def assigned(case: Contribution) -> Shown:
    """Return what an assignment changes, as the page shows it."""
    return {N_("Attribué à"): case.assigned_to.display_name if case.assigned_to else ""}


def classified(case: Contribution) -> Shown:
    """Return what a new category or department changes, as the page shows it."""
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
    edges = list_possible_steps(session, contribution, actor=actor, standing=standing)
    replies = queries.list_replies(session, actor, contribution)
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
            if not edge.target and contribution.status != CommonStatus.DUPLICATE
        ],
        may_merge=any(edge.target for edge in edges)
        or (bool(edges) and contribution.status == CommonStatus.DUPLICATE),
        moving=moving,
        undo=undo_of(session, request.args.get("done") or contribution.reference),
        opened_from=came_from(),
        following=following_of(session, contribution),
        conflict=conflict,
        for_another=len(edges) < len(kind.workflow.allowed_from(contribution.status, standing)),
        replies_for={
            edge.to: [one for one in replies if one.status in {"", edge.to}] for edge in edges
        },
        **_known_of(session, contribution),
        answer_form=_answer_form(contribution, forms),
        answer_replies=[one for one in replies if not one.status],
        note_form=forms.get("note") or NoteForm(formdata=None),
        assign_form=_assign_form(session, contribution, forms) if may_reclassify else None,
        **(_reclassifying(session, contribution, forms) if may_reclassify else {}),
        may_note=policies.may_note(actor, contribution),
        edit_url=_edit_url(contribution) if may_reclassify else "",
        may_see_contact=policies.may_see_contact(actor, contribution),
        now=utcnow(),
    )


def _known_of(session: Session, contribution: Contribution) -> dict[str, Any]:
    """Return what is known of a case, whoever looks at it."""
    actor = current_actor()
    history = queries.list_history(session, contribution.id)
    changes = [event.change for event in history if event.change]
    answers = contribution.answers
    return {
        "history": history,
        "acknowledge_by": queries.list_acknowledgements_due(session, [contribution]).get(
            contribution.id
        ),
        "undone": {change.undoes_id for change in changes},
        "names": queries.get_names(session, [change.actor_id for change in changes]),
        "notes": queries.list_notes(session, contribution.id),
        "voices": list_voices(session, contribution),
        "photos": list_photos(session, contribution.id, public_only=False),
        "may_describe": may_describe(actor, contribution),
        "answers": shown_answers(contribution.category, answers, locale_code()) if answers else [],
        "sections": list(sections_of(session, contribution, actor)),
    }


def following_of(session: Session, case: Contribution) -> Contribution | None:
    """Return the case after this one in the list that it was opened from."""
    if not came_from():
        return None
    return queries.find_next(session, current_actor(), asked_filters(), case)


def undo_of(session: Session, reference: str, *, of_all: bool = False) -> dict[str, Any] | None:
    """Return what the offer says to undo the step just taken with the case ``reference``.

    With ``of_all``, also with the cases that took it together with this one.
    """
    case = find_contribution(session, reference) if reference else None
    change = find_undoable_step(session, case, current_actor()) if case is not None else None
    if case is None or change is None:
        return None
    together = list_taken_together(session, change) if of_all else ()
    if len(together) > 1:
        words = undo_words(case, change, url_for(".undo_bulk", **came_from()))
        title = ngettext("%(num)s dossier", "%(num)s dossiers", len(together))
        return words | {"title": title, "reference": ""}
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
        form = ClosingForm(formdata=None) if closes(edge.to) else MoveForm(formdata=None)
    form.seen.data = contribution.status
    name_reasons(form, kind_of(contribution).workflow.reasons)
    for field in form:
        field.id = f"{edge.to}-{field.short_name}"
    return form


def _answer_form(contribution: Contribution, forms: Mapping[str, Any]) -> AnswerForm | None:
    if not may_write(current_actor(), contribution):
        return None
    return forms.get("answer") or AnswerForm(formdata=None)


def _assign_form(
    session: Session, contribution: Contribution, forms: Mapping[str, Any]
) -> AssignForm:
    form = forms.get("assign") or AssignForm(formdata=None)
    form.show(assigned(contribution))
    people = queries.list_colleagues(session, contribution)
    form.account.choices = choices(
        [("", gettext("Personne en particulier")), *((str(p.id), p.display_name) for p in people)]
    )
    if not form.is_submitted() or "assign" not in forms:
        form.account.data = str(contribution.assigned_to_id or "")
    return form


def _reclassifying(
    session: Session, contribution: Contribution, forms: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the form of another category, with the questions of the one that was just chosen."""
    form = _reclassify_form(session, contribution, forms)
    chosen = form.category.data
    is_other = chosen != str(contribution.category_id)
    form.asked.data = chosen if is_other else ""
    offered = list_categories(session, contribution.kind) if is_other else []
    return {
        "reclassify_form": form,
        "questions": [q for one in offered if str(one.id) == chosen for q in one.questions],
        "given": request.form.getlist,
        "choice_label": choice_label,
    }


def _reclassify_form(
    session: Session, contribution: Contribution, forms: Mapping[str, Any]
) -> ReclassifyForm:
    form = forms.get("reclassify") or ReclassifyForm(formdata=None)
    form.show(classified(contribution))
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


def closes(to: str) -> bool:
    """Whether a status says that it is settled, in any kind: known before the first statement."""
    return any(
        status.code == to and status.type is StatusType.FIXED
        for kind in kinds
        for status in kind.workflow.statuses
    )


def insert_reply(form: MoveForm | AnswerForm, offered: Sequence[SavedReply]) -> None:
    """Add the kept reply whose button was pressed to what is written already."""
    id = read_id(request.form.get("insert"))
    reply = next((one for one in offered if one.id == id), None)
    if reply is not None:
        form.sentence.data = "\n\n".join(filter(None, (form.sentence.data, reply.body)))
