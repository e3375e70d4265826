"""The page that corrects a contribution, the same for its author and for the agents in charge."""

from typing import TypeVar

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from civic.accounts.session import current_actor
from civic.attachments.queries import list_photos
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution, Scope
from civic.contributions.policies import is_author, may_work_on
from civic.errors import Invalid, NotFound
from civic.extensions import db
from civic.i18n import N_
from civic.participation.operations import Correction, correct
from civic.participation.submission.answers import (
    choice_label,
    stored_answers,
    told_answers,
)
from civic.participation.submission.detail import visible
from civic.participation.submission.edit_form import EditForm
from civic.participation.submission.flow import Answer
from civic.participation.submission.place import PlaceFound, find_place
from civic.taxonomy.models import Category
from civic.taxonomy.queries import list_categories
from civic.web.addresses import write_address
from civic.web.forms import choices
from civic.web.language import locale_code
from civic.web.seen import Shown

Of = TypeVar("Of", bound=Contribution)


def edit_page(model: type[Contribution], reference: str) -> Answer:
    """Show or take a correction; raises NotFound for whoever is neither author nor in charge."""
    form = EditForm()
    if form.is_submitted():
        form.receive()
    session, actor = db.session(), current_actor()
    contribution = visible(model, reference)
    if not (is_author(actor, contribution) or may_work_on(actor, contribution)):
        raise NotFound(
            N_(
                "Cette page est réservée à l’auteur. Ouvrez-la par votre lien de suivi privé ou "
                "connectez-vous."
            )
        )
    offered = _offer(session, form, contribution)
    form.show(_shown(contribution))
    if not form.is_submitted():
        form.fill(contribution)
        if request.args.get("category", "") in offered:
            form.category.data = request.args["category"]
        return _page(form, contribution, offered, PlaceFound())
    form.check_seen(session, contribution, lambda: _shown(contribution))
    form.keep(session)
    session.commit()
    return _taken(session, form, contribution, offered)


def _taken(
    session: Session, form: EditForm, contribution: Contribution, offered: dict[str, Category]
) -> Answer:
    """Correct and go back to its page (303), or show what stands in the way (422)."""
    valid = form.validate()
    place = PlaceFound()
    if contribution.scope is Scope.PLACE and form.moves(contribution):
        place = find_place(session, form.asked_place())
        form.show_place(place)
    if request.form.get("step") == "address" and place.refusal is None:
        return _page(form, contribution, offered, place)
    category = offered.get(form.category.data or "", contribution.category)
    is_same = category.id == contribution.category_id
    answers = form.answers_to(category, stored=contribution.answers if is_same else None)
    if not valid or form.errors or not form.decode(session):
        return _page(form, contribution, offered, place), 422
    try:
        correct(
            session,
            contribution,
            Correction(
                title=form.title.data or "",
                body=form.body.data or "",
                category=category,
                answers=answers,
                place=place if place.position is not None else None,
                draft_token=form.draft_token.data or "",
                removed_photo_ids=form.removed_photos(),
                why=form.why.data or "",
            ),
            actor=current_actor(),
        )
        session.commit()
    except Invalid as error:
        session.rollback()
        form.load_kept(session)
        form.refuse(error)
        return _page(form, contribution, offered, place), 422
    return redirect(_page_of(contribution), 303)


def _offer(session: Session, form: EditForm, contribution: Contribution) -> dict[str, Category]:
    """Offer the categories of its kind, its own among them, by the value sent."""
    found = list_categories(session, contribution.kind, with_questions=True)
    offered = {str(one.id): one for one in found}
    offered.setdefault(str(contribution.category_id), contribution.category)
    locale = locale_code()
    form.category.choices = choices((id, one.name_in(locale)) for id, one in offered.items())
    if form.is_submitted() and not form.category.raw_data:
        form.category.data = str(contribution.category_id)
    return offered


def _page(
    form: EditForm, contribution: Contribution, offered: dict[str, Category], place: PlaceFound
) -> str:
    category = offered.get(form.category.data or "", contribution.category)
    is_asked = form.asked.data == form.category.data
    stored = stored_answers(category, contribution.answers)
    form.asked.data = form.category.data
    return render_template(
        "submission/edit.html",
        form=form,
        contribution=contribution,
        place=place,
        questions=category.questions,
        given=request.form.getlist if is_asked else stored,
        choice_label=choice_label,
        has_place=contribution.scope is Scope.PLACE,
        photos=[
            photo
            for photo in list_photos(db.session(), contribution.id, public_only=False)
            if photo.status_change_id is None
        ],
        is_own=is_author(current_actor(), contribution),
        back=_page_of(contribution),
    )


def _page_of(contribution: Contribution) -> str:
    return url_for(f"{kind_of(contribution).blueprint}.show", reference=contribution.reference)


def _shown(contribution: Contribution) -> Shown:
    return {
        N_("Titre"): contribution.title,
        N_("Description"): contribution.body,
        N_("Catégorie"): contribution.category.name,
        N_("Lieu"): write_address(contribution.address),
        N_("Réponses"): told_answers(contribution.category, contribution.answers),
    }
