"""What moderators, mediators and the people concerned fill in."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length

from civic.contributions.clauses import CLAUSES
from civic.contributions.operations import BODY_LENGTH, TITLE_LENGTH
from civic.moderation.models import AppealOutcome, Origin
from civic.moderation.operations.appeals import TEXT_LENGTH
from civic.moderation.operations.statements import FACTS_LENGTH, Grounds
from civic.web.forms import Form, choices
from civic.web.seen import SeenMixin

DURATIONS = {
    1: _l("Un jour"),
    7: _l("Une semaine"),
    30: _l("Un mois"),
    90: _l("Trois mois"),
    180: _l("Six mois"),
    365: _l("Un an"),
}


def _too_long(most: int) -> Length:
    return Length(max=most, message=_l("Ce texte est trop long : %(max)d caractères au plus."))


class DecisionForm(SeenMixin, Form):
    """Any decision. ``state`` is what the page showed, ``next`` the item that comes after."""

    clause = SelectField(_l("Article des conditions"), validate_choice=False)
    facts = TextAreaField(_l("Ce qui a été constaté"), validators=[_too_long(FACTS_LENGTH)])
    comment = HiddenField()
    state = HiddenField()
    next = HiddenField()

    def offer_clauses(self) -> None:
        """List the clauses in the language of the page."""
        named = (
            (
                clause.number,
                gettext(
                    "Article %(number)s : %(title)s",
                    number=clause.number,
                    title=gettext(clause.title),
                ),
            )
            for clause in CLAUSES
        )
        self.clause.choices = choices([("", gettext("Choisir…")), *named])

    def grounds(self, origin: Origin) -> Grounds:
        """Return on what the decision rests."""
        return Grounds(clause=self.clause.data or "", facts=self.facts.data or "", origin=origin)


class HideForm(DecisionForm):
    """Why the public is not to see it, and whether its problem is still there."""

    stays_due = BooleanField(_l("Le problème reste à traiter : le dossier reste au bureau"))


class RedactForm(DecisionForm):
    """What is left of the text once the personal data is out."""

    title = StringField(_l("Titre"), validators=[_too_long(TITLE_LENGTH)])
    body = TextAreaField(_l("Texte"), validators=[_too_long(BODY_LENGTH)])
    precisions = TextAreaField(_l("Précisions de l’auteur"), validators=[_too_long(BODY_LENGTH)])
    clears_answers = BooleanField(_l("Effacer les réponses aux questions de la catégorie"))


class MergeForm(DecisionForm):
    """Of what it is a duplicate."""

    target = StringField(
        _l("Référence de la contribution qui reste"),
        validators=[
            DataRequired(_l("Indiquez la référence de l’autre contribution.")),
            _too_long(40),
        ],
    )
    is_far = BooleanField(_l("Les lieux sont éloignés, et c’est bien le même sujet"))


class SuspendForm(DecisionForm):
    """For how long."""

    days = SelectField(
        _l("Durée"),
        coerce=int,
        choices=choices((str(days), label) for days, label in DURATIONS.items()),
        default=7,
    )


class AppealForm(Form):
    """Why the decision is contested; an empty text is an appeal too."""

    text = TextAreaField(
        _l("Ce que vous voulez nous dire"),
        validators=[_too_long(TEXT_LENGTH)],
    )


class AnswerForm(SeenMixin, Form):
    """How an appeal ends, with a sentence."""

    outcome = RadioField(
        _l("Votre réponse au recours"),
        choices=choices(
            [
                (
                    AppealOutcome.UPHELD.value,
                    _l("Accepter : la décision est annulée tout de suite"),
                ),
                (AppealOutcome.REJECTED.value, _l("Rejeter : la décision est maintenue")),
            ]
        ),
        validators=[InputRequired(_l("Choisissez une réponse."))],
    )
    answer = TextAreaField(
        _l("La phrase que la personne recevra"),
        validators=[
            DataRequired(_l("Écrivez la réponse que la personne recevra.")),
            _too_long(TEXT_LENGTH),
        ],
    )
