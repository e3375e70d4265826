"""The form that asks the moderators to look."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, RadioField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, Optional, Regexp

from civic.flags.models import FlagReason
from civic.flags.operations import TEXT_LENGTH
from civic.web.forms import Form, choices

REASONS = {
    FlagReason.INSULTING: _l("C’est insultant ou haineux"),
    FlagReason.PERSONAL_DATA: _l("On y reconnaît une personne, une plaque ou une adresse privée"),
    FlagReason.SPAM: _l("C’est de la publicité ou un envoi en masse"),
    FlagReason.ILLEGAL: _l("C’est contraire à la loi"),
    FlagReason.OFF_TOPIC: _l("C’est hors sujet"),
    FlagReason.WRONG_PLACE: _l("Le lieu est faux"),
    FlagReason.OTHER: _l("Autre chose"),
}


class FlagForm(Form):
    """Why, in a few words, and where to answer."""

    reason = RadioField(
        _l("Qu’est-ce qui ne va pas ?"),
        choices=choices((reason.value, label) for reason, label in REASONS.items()),
        validators=[InputRequired(_l("Choisissez une raison dans la liste."))],
    )
    text = TextAreaField(
        _l("En quelques mots"),
        validators=[
            Length(
                max=TEXT_LENGTH, message=_l("Ce texte est trop long : %(max)d caractères au plus.")
            )
        ],
    )
    email = EmailField(
        _l("Votre adresse électronique"),
        validators=[
            Optional(),
            Length(max=254),
            Email(_l("Cette adresse n’est pas complète. Exemple : prenom@exemple.fr")),
            Regexp(
                r"[\x00-\x7f]*@",
                message=_l(
                    "Peu de serveurs de courriel acceptent des accents avant le @ : donnez une "
                    "autre adresse."
                ),
            ),
        ],
    )
    comment = HiddenField()
