"""The form that every kind is submitted with; a kind adds what is its own."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from civic.accounts.tokens import new_token
from civic.attachments.forms import PhotosMixin
from civic.contributions.operations import BODY_LENGTH, TITLE_LENGTH
from civic.errors import Invalid
from civic.i18n import N_
from civic.participation.submission.answers import can_show, field_name, read_answers
from civic.participation.submission.place import PlaceAsked, PlaceFound, read_position
from civic.places.queries import AreaName
from civic.taxonomy.models import Category, CategoryQuestion
from civic.web.addresses import write_address
from civic.web.forms import Form
from civic.web.language import locale_code

UNASKED = N_("Cette catégorie pose encore quelques questions : elles sont ci-dessous.")
_FORM_KEY = re.compile(r"[A-Za-z0-9_-]{24,64}")


class QuestionsMixin(Form):
    """The extra questions of a category; the template draws their fields."""

    @cached_property
    def question_errors(self) -> dict[int, str]:
        """What is wrong with the answers, by the id of their question."""
        return {}

    def refuse_answers(self, category: Category, refused: dict[int, Invalid], locale: str) -> None:
        """Show what is wrong with the answers, at each question and above the form."""
        questions: dict[int, CategoryQuestion] = {one.id: one for one in category.questions}
        for id, error in refused.items():
            self.question_errors[id] = gettext(error.message, **error.values)
            line = gettext(
                "« %(question)s » : %(error)s",
                question=questions[id].label_in(locale),
                error=self.question_errors[id],
            )
            self.form_errors = [*self.form_errors, line]


class AskingMixin(QuestionsMixin):
    """Questions that follow from the field ``category``: ``asked`` is the one that was shown."""

    asked = HiddenField()

    def answers_to(
        self, category: Category, *, stored: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return what was answered; what is missing or wrong is said, at each question too.

        ``stored`` is what was answered before, where the category stays: what never was may stay
        open, and what the form cannot show stays as it is.
        """
        open_ = [q for q in category.questions if not any(request.form.getlist(field_name(q)))]
        was_asked = self.asked.data == self["category"].data
        if category.questions and len(open_) == len(category.questions) and not was_asked:
            if stored is None:
                self.form_errors = [*self.form_errors, gettext(UNASKED)]
            return {}
        answers, refused = read_answers(category, request.form.getlist)
        if stored is not None:
            for question in open_:
                value = stored.get(question.code)
                if value is None or not can_show(question, value):
                    refused.pop(question.id, None)
                    answers |= {} if value is None else {question.code: value}
        self.refuse_answers(category, refused, locale_code())
        return answers


class WrittenMixin(Form):
    """What every contribution is made of, when it is sent and when it is corrected."""

    lat = HiddenField()
    lon = HiddenField()
    resolved_for = HiddenField()
    placed_by = HiddenField()
    address = StringField(
        _l("Adresse ou lieu-dit"),
        validators=[
            Length(max=250, message=_l("Cette adresse est trop longue : 250 caractères au plus."))
        ],
    )
    title = StringField(
        _l("Titre"),
        validators=[
            DataRequired(_l("Donnez un titre, en quelques mots.")),
            Length(
                max=TITLE_LENGTH, message=_l("Ce titre est trop long : 160 caractères au plus.")
            ),
        ],
    )
    body = TextAreaField(
        _l("Description"),
        validators=[
            Length(
                max=BODY_LENGTH, message=_l("Ce texte est trop long : 10 000 caractères au plus.")
            )
        ],
    )


class SubmissionForm(QuestionsMixin, WrittenMixin, PhotosMixin, Form):
    """Place, photos, category, text, and who sends it.

    ``place`` and ``category`` are drawn by the template; they are fields so that refusals have a
    place to stand. ``form_key`` belongs to one form: sent twice, it is stored once.
    """

    place = StringField(_l("Lieu"))
    place_words = StringField(
        _l("Le lieu, avec vos mots"),
        validators=[
            Length(max=120, message=_l("C’est trop long pour un lieu : 120 caractères au plus."))
        ],
    )
    place_area = StringField(_l("Quartier"))
    category = StringField(_l("Catégorie"))
    hides_author = BooleanField(_l("Rester anonyme pour le public"))
    email = StringField(
        _l("Votre adresse électronique"),
        validators=[Length(max=254, message=_l("Cette adresse est trop longue : vérifiez-la."))],
    )
    form_key = HiddenField()

    def open(self) -> None:
        """Give a form that comes without a key of its own a new one."""
        if not _FORM_KEY.fullmatch(self.form_key.data or ""):
            self.form_key.data = new_token()

    def asked_place(self) -> PlaceAsked:
        """Return what was said of the place."""
        return PlaceAsked(
            lat=self.lat.data or "",
            lon=self.lon.data or "",
            address=self.address.data or "",
            resolved_for=self.resolved_for.data or "",
            placed_by=self.placed_by.data or "",
            candidate=request.form.get("candidate", "").replace("\x00", ""),
            street=request.form.get("street", ""),
            words=self.place_words.data or "",
            area=self.place_area.data or "",
        )

    def offer_areas(self, areas: Sequence[AreaName]) -> None:
        """Offer what the town has: a kind that asks for an area leaves the question out."""

    def show_place(self, found: PlaceFound) -> None:
        """Write into the fields what came of the place, so that the next answer carries it."""
        before = read_position(self.lat.data or "", self.lon.data or "")
        if found.position != before or not found.position:
            # The place was found for a text, not shown by a hand.
            self.placed_by.data = "address" if found.position else ""
        self.address.data = write_address(found.address)
        self.resolved_for.data = self.address.data if found.position else ""
        self.lat.data = f"{found.position.lat:.7f}" if found.position else ""
        self.lon.data = f"{found.position.lon:.7f}" if found.position else ""
