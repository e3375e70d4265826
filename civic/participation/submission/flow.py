"""The form's way, the same for every kind: blank, sent, returned filled, or received.

A kind describes its form in a :class:`SubmissionPage`; its views are one line each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from civic.accounts.session import FOLLOWED, current_account, current_actor
from civic.contributions.kinds import Kind
from civic.contributions.models import Contribution, Scope
from civic.contributions.operations import BODY_LENGTH, Draft
from civic.errors import Forbidden, Invalid
from civic.extensions import db, htmx
from civic.i18n import N_
from civic.participation.operations import add_photos
from civic.participation.submission.answers import choice_label, read_answers
from civic.participation.submission.forms import SubmissionForm
from civic.participation.submission.operations import (
    Received,
    Sender,
    check_sender,
    find_by_form,
)
from civic.participation.submission.place import (
    PlaceFound,
    described,
    find_place,
    look_up,
    read_position,
)
from civic.places.geometry import Position
from civic.places.queries import list_areas
from civic.places.streets import get_street, street_letters, streets_under
from civic.similar.queries import Similar, Sketch, find_similar
from civic.taxonomy.models import Category
from civic.taxonomy.queries import list_categories
from civic.text.ids import read_id
from civic.web.language import locale_code

LINKS = "private_links"
_LINKS_KEPT = 3
_FOLLOWED_KEPT = 60

Answer = Response | str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class SubmissionPage:
    """The form of one kind.

    ``submit`` takes what :func:`civic.participation.submission.operations.submit` takes but the
    kind.
    """

    kind: Kind
    form: type[SubmissionForm]
    template: str
    submit: Callable[..., Received]

    def blank(self) -> Answer:
        """Show the form, at the place and category that the address may name."""
        form = self.form()
        form.open()
        session = db.session()
        if not form.category.data:
            form.category.data = request.args.get("category", "")
        place = PlaceFound()
        street = read_id(request.args.get("street"))
        position = read_position(request.args.get("lat", ""), request.args.get("lon", ""))
        if street is not None:
            found = get_street(session, street)
            place = PlaceFound(position=Position(found.lat, found.lon), address=found.name)
        elif position is not None:
            place = PlaceFound(position=position, address=request.args.get("address", "")[:250])
        form.show_place(place)
        if street is None and position is not None:
            form.placed_by.data = "map"
        return self._render(form, place)

    def place_step(self) -> Answer:
        """Answer a step of the form that is not its sending: find an address, list the streets."""
        form = self._received_form()
        session = db.session()
        form.keep(session)
        place = PlaceFound(address=form.address.data or "")
        address = (form.address.data or "").strip()
        if request.form.get("step") == "address":
            asked = form.asked_place()
            place = look_up(session, address) if address else find_place(session, asked)
            form.show_place(place)
            if place.refusal is not None and not place.candidates:
                form.refuse(place.refusal)
        db.session.commit()
        return self._render(form, place)

    def preview_step(self, fragment: str) -> Answer:
        """Show the text as readers will see it: ``fragment`` to htmx, else the whole form again."""
        if htmx:
            return render_template(fragment, body=request.form.get("body", "")[:BODY_LENGTH])
        form = self._received_form()
        form.keep(db.session())
        db.session.commit()
        return self._render(form, PlaceFound(address=form.address.data or ""), preview=True)

    def streets(self) -> Answer:
        """Show the streets of one letter: for the form (htmx), or as a page of links."""
        session = db.session()
        letter = request.args.get("letter", "")
        template = "submission/_streets.html" if htmx else "submission/streets.html"
        return render_template(
            template,
            kind=self.kind,
            letter=letter,
            letters=street_letters(session),
            streets=streets_under(session, letter),
            street="",
        )

    def send(self) -> Answer:
        """Take the form: received (303), or back with what is missing (422), nothing lost."""
        form = self._received_form()
        session = db.session()
        earlier = find_by_form(session, form.form_key.data or "")
        if earlier is not None:
            return _accepted(self.kind, earlier)
        form.keep(session)
        # From here on the photos are safe, whatever becomes of the rest.
        db.session.commit()
        valid = form.validate()
        if form.csrf_token.errors:
            form.csrf_token.errors = [
                gettext(
                    "La page était ouverte depuis trop longtemps. Rien n’est perdu : relisez et "
                    "envoyez de nouveau."
                )
            ]
        place = self._place(session, form)
        category = self._category(session, form)
        answers: dict[str, Any] = {}
        if category is not None:
            answers, refused = read_answers(category, request.form.getlist)
            form.refuse_answers(category, refused, locale_code())
        sender = _sender(form)
        try:
            check_sender(category, sender)
        except Invalid as error:
            form.refuse(error)
        if not valid or form.errors or category is None:
            return self._render(form, place), 422
        draft = self._draft(session, form, category, place, answers)
        similar = self._unseen(session, draft)
        twin = find_by_form(session, form.form_key.data or "") if similar else None
        if twin is not None:
            # Sent twice at the same moment, it is no near duplicate of itself.
            return _accepted(self.kind, twin)
        if similar:
            return self._render(form, place, similar=similar), 422
        if not sender.actor.is_suspended and not form.decode(session):
            return self._render(form, place), 422
        return self._store(session, form, draft, place, sender)

    def _received_form(self) -> SubmissionForm:
        form = self.form()
        form.open()
        form.receive()
        return form

    def _store(
        self,
        session: Session,
        form: SubmissionForm,
        draft: Draft,
        place: PlaceFound,
        sender: Sender,
    ) -> Answer:
        def attach_photos(contribution: Contribution) -> None:
            add_photos(session, contribution, form.draft_token.data or "", actor=sender.actor)

        try:
            received = self.submit(
                session,
                draft,
                sender=sender,
                form_key=form.form_key.data or "",
                attach=attach_photos,
            )
            db.session.commit()
        except Invalid as error:
            db.session.rollback()
            form.load_kept(session)
            form.refuse(error)
            return self._render(form, place), 422
        except Forbidden as error:
            db.session.rollback()
            form.load_kept(session)
            form.form_errors = [gettext(error.message, **error.values)]
            return self._render(form, place), 403
        except IntegrityError:
            # The same form, sent twice at the same moment: the other one was quicker.
            db.session.rollback()
            earlier = find_by_form(session, form.form_key.data or "")
            if earlier is None:
                raise
            return _accepted(self.kind, earlier)
        return _accepted(self.kind, received)

    def _place(self, session: Session, form: SubmissionForm) -> PlaceFound:
        if scope_of(form) is not Scope.PLACE:
            return PlaceFound(address=form.address.data or "")
        place = find_place(session, form.asked_place(), photo_position=form.gps)
        form.show_place(place)
        if place.refusal is not None:
            form.refuse(place.refusal)
        return place

    def _category(self, session: Session, form: SubmissionForm) -> Category | None:
        chosen = form.category.data or ""
        for category in list_categories(session, self.kind.code, with_questions=True):
            if str(category.id) == chosen:
                return category
        form.refuse(Invalid(N_("Choisissez une catégorie."), field="category"))
        return None

    def _draft(
        self,
        session: Session,
        form: SubmissionForm,
        category: Category,
        place: PlaceFound,
        answers: dict[str, Any],
    ) -> Draft:
        scope = scope_of(form)
        area_id = place.area_id
        address = ""
        if scope is Scope.PLACE:
            address = described(place.address, form.place_words.data or "")
            if place.position is None:
                scope = Scope.AREA if area_id is not None else Scope.TOWN
        elif scope is Scope.AREA:
            known = {str(area.id): area.id for area in list_areas(session)}
            area_id = known.get(form["area"].data or "")
        return Draft(
            title=form.title.data or "",
            body=form.body.data or "",
            category=category,
            scope=scope,
            position=place.position,
            area_id=area_id,
            address=address,
            answers=answers,
            hides_author=bool(form.hides_author.data),
            locale=locale_code(),
            captions=form.captions,
        )

    def _unseen(self, session: Session, draft: Draft) -> list[Similar]:
        """Near duplicates that the person has not been shown yet."""
        if request.form.get("step") == "different":
            return []
        seen = set(request.form.getlist("seen_similar"))
        sketch = Sketch(
            kind=self.kind,
            title=draft.title,
            body=draft.body,
            category=draft.category,
            position=draft.position,
        )
        return [
            similar
            for similar in find_similar(session, sketch)
            if similar.contribution.reference not in seen
        ]

    def _render(
        self,
        form: SubmissionForm,
        place: PlaceFound,
        *,
        similar: Sequence[Similar] = (),
        preview: bool = False,
    ) -> str:
        session = db.session()
        letter = request.form.get("letter", "")
        account = current_account()
        areas = list_areas(session)
        form.offer_areas(areas)
        return render_template(
            self.template,
            form=form,
            kind=self.kind,
            place=place,
            similar=similar,
            preview=preview,
            groups=grouped(list_categories(session, self.kind.code, with_questions=True)),
            letters=street_letters(session),
            letter=letter,
            streets=streets_under(session, letter),
            street=request.form.get("street", ""),
            areas=areas,
            given=request.form.getlist,
            choice_label=choice_label,
            account_name=account.display_name if account is not None else "",
        )


def scope_of(form: SubmissionForm) -> Scope:
    """Return what the form locates its contribution by: a place, unless it asks."""
    if "scope" not in form:
        return Scope.PLACE
    return Scope(form["scope"].data) if form["scope"].data in set(Scope) else Scope.PLACE


def grouped(categories: Sequence[Category]) -> Mapping[str, list[Category]]:
    """Return the categories under their headings; under one empty heading when they are few."""
    if len(categories) <= 12 or not any(category.group for category in categories):
        return {"": list(categories)} if categories else {}
    groups: dict[str, list[Category]] = {}
    for category in categories:
        groups.setdefault(category.group, []).append(category)
    return groups


def _sender(form: SubmissionForm) -> Sender:
    actor = current_actor()
    email = "" if actor.account_id is not None else (form.email.data or "").strip()
    return Sender(actor, email)


def remember(contribution: Contribution) -> None:
    """Let this browser be its author, as the private follow-up link does."""
    followed = [id for id in cookie.get(FOLLOWED, []) if id != contribution.id]
    cookie[FOLLOWED] = [*followed, contribution.id][-_FOLLOWED_KEPT:]


def _accepted(kind: Kind, received: Received) -> Response:
    contribution = received.contribution
    actor = current_actor()
    if actor.account_id is None or actor.account_id != contribution.author_id:
        remember(contribution)
        links = dict(list(cookie.get(LINKS, {}).items())[-(_LINKS_KEPT - 1) :])
        cookie[LINKS] = links | {contribution.reference: received.follow_token}
    return redirect(url_for(f"{kind.blueprint}.received", reference=contribution.reference), 303)
