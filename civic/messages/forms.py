"""The form that takes a private message."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from civic.messages.operations import MESSAGE_LENGTH
from civic.web.forms import Form


class MessageForm(Form):
    """What the author answers in private."""

    body = TextAreaField(
        _l("Votre réponse à la ville"),
        validators=[
            DataRequired(_l("Écrivez ce que vous avez à dire.")),
            Length(
                max=MESSAGE_LENGTH,
                message=_l("Ce texte est trop long : %(max)d caractères au plus."),
            ),
        ],
    )
