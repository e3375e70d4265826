"""The forms that take comments."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from civic.comments.models import Stance
from civic.comments.operations import BODY_LENGTH
from civic.web.forms import Form, choices
from civic.web.seen import SeenMixin

STANCES = {
    Stance.FOR: _l("Pour"),
    Stance.AGAINST: _l("Contre"),
    Stance.NEITHER: _l("Ni l’un ni l’autre"),
}


class CommentForm(SeenMixin, Form):
    """What somebody says; the view removes the fields that have no place here."""

    stance = RadioField(
        _l("Votre avis"),
        choices=choices((stance.value, label) for stance, label in STANCES.items()),
        default=Stance.NEITHER.value,
    )
    body = TextAreaField(
        _l("Votre commentaire"),
        validators=[
            InputRequired(_l("Écrivez votre commentaire.")),
            Length(
                max=BODY_LENGTH, message=_l("Ce texte est trop long : %(max)d caractères au plus.")
            ),
        ],
    )
    as_department = BooleanField(_l("Répondre au nom du service"))
    parent = HiddenField()
