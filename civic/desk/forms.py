"""What agents fill in."""

from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from civic.attachments.forms import PhotosMixin
from civic.contributions.models import Audience, Channel
from civic.contributions.operations import BODY_LENGTH, TITLE_LENGTH
from civic.desk.operations import CLAIMANTS, NOTE_LENGTH, SENTENCE_LENGTH, Step
from civic.participation.submission.forms import AskingMixin
from civic.web.forms import Form, choices
from civic.web.seen import SeenMixin

CHANNELS = {
    Channel.TELEPHONE: _l("Téléphone"),
    Channel.COUNTER: _l("Guichet"),
    Channel.LETTER: _l("Courrier"),
}


def _too_long(most: int) -> Length:
    return Length(max=most, message=_l("Ce texte est trop long : %(max)d caractères au plus."))


class MoveForm(Form):
    """One step. Which fields are shown and due, its edge of the workflow says."""

    seen = HiddenField()
    sentence = TextAreaField(
        _l("La phrase que les habitants liront"), validators=[_too_long(SENTENCE_LENGTH)]
    )
    reason = SelectField(_l("Motif"), validate_choice=False)
    recipient = StringField(_l("Autorité destinataire"), validators=[_too_long(160)])
    period = StringField(_l("Période prévue"), validators=[_too_long(80)])
    cost = IntegerField(
        _l("Coût estimé, en euros"),
        validators=[
            Optional(),
            NumberRange(0, 2_000_000_000, message=_l("Indiquez un montant positif, en euros.")),
        ],
    )

    def step(self, to: str) -> Step:
        """Return what is asked for."""
        return Step(
            to=to,
            seen=self.seen.data or "",
            sentence=self.sentence.data or "",
            reason=self.reason.data or "",
            recipient=self.recipient.data or "",
            claimed_by=self.claimant(),
            period=self.period.data or "",
            cost=self.cost.data,
        )

    def claimant(self) -> str:
        """Return who says that it is settled; nobody, where nothing is."""
        return ""


class ClosingForm(PhotosMixin, MoveForm):
    """The step that says that it is settled: who says so, with photos of the finished work."""

    claimed_by = SelectField(
        _l("Qui dit que c’est réglé ?"), choices=choices(CLAIMANTS.items()), validate_choice=False
    )

    def claimant(self) -> str:
        """Return who says that it is settled."""
        return self.claimed_by.data or ""


class AnswerForm(Form):
    """What the town says, to everybody or to the author alone."""

    audience = RadioField(
        _l("Qui la lira ?"),
        choices=choices(
            [
                (Audience.PUBLIC.value, _l("Tout le monde, sur la page, au nom du service")),
                (Audience.AUTHOR.value, _l("L’auteur seul, en privé")),
            ]
        ),
        validators=[InputRequired(_l("Dites qui lira cette réponse."))],
    )
    sentence = TextAreaField(
        _l("Votre réponse"),
        validators=[DataRequired(_l("Écrivez la réponse.")), _too_long(SENTENCE_LENGTH)],
    )


class NoteForm(Form):
    """A note between colleagues."""

    body = TextAreaField(
        _l("Note interne"),
        validators=[DataRequired(_l("Écrivez la note.")), _too_long(NOTE_LENGTH)],
    )


class AssignForm(SeenMixin, Form):
    """Who does it."""

    account = SelectField(_l("Attribué à"), validate_choice=False)


class ReclassifyForm(SeenMixin, AskingMixin, Form):
    """What it is about, who is in charge, and why that changed."""

    category = SelectField(_l("Catégorie"), validate_choice=False)
    department = SelectField(_l("Service"), validate_choice=False)
    why = StringField(
        _l("Pourquoi"),
        validators=[DataRequired(_l("Dites pourquoi : l’auteur le lira.")), _too_long(500)],
    )


class ReplyForm(SeenMixin, Form):
    """A sentence kept for next time."""

    title = StringField(
        _l("Titre"), validators=[DataRequired(_l("Donnez un titre à la réponse.")), _too_long(120)]
    )
    body = TextAreaField(
        _l("Texte"),
        validators=[
            DataRequired(_l("Écrivez le texte de la réponse.")),
            _too_long(SENTENCE_LENGTH),
        ],
    )
    department = SelectField(_l("Service"), validate_choice=False)
    kind = SelectField(_l("Proposée pour"), validate_choice=False)
    category = SelectField(_l("Proposée pour la catégorie"), validate_choice=False)
    status = SelectField(_l("Proposée pour l’étape"), validate_choice=False)


class NewCaseForm(AskingMixin, PhotosMixin, Form):
    """What a resident said by telephone, by letter or at the counter."""

    channel = SelectField(_l("Reçu par"), choices=choices(CHANNELS.items()))
    received_on = DateField(
        _l("Reçu le"), default=date.today, validators=[DataRequired(_l("Indiquez le jour."))]
    )
    category = SelectField(_l("Catégorie"), validate_choice=False)
    title = StringField(
        _l("Titre"),
        validators=[
            DataRequired(_l("Donnez un titre, en quelques mots.")),
            _too_long(TITLE_LENGTH),
        ],
    )
    body = TextAreaField(_l("Ce que la personne a dit"), validators=[_too_long(BODY_LENGTH)])
    address = StringField(_l("Adresse ou lieu-dit"), validators=[_too_long(250)])
    area = SelectField(_l("À défaut d’adresse, le quartier"), validate_choice=False)
    lat = HiddenField()
    lon = HiddenField()
    resolved_for = HiddenField()
    placed_by = HiddenField()
    email = StringField(_l("Adresse électronique de la personne"), validators=[_too_long(254)])
    caller = StringField(_l("Nom de la personne"), validators=[_too_long(120)])
    telephone = StringField(_l("Téléphone de la personne"), validators=[_too_long(60)])
