"""The form an author changes the text of a contribution with, in its first minutes."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from civic.contributions.operations import BODY_LENGTH, TITLE_LENGTH
from civic.web.forms import Form
from civic.web.seen import SeenMixin


class EditForm(SeenMixin, Form):
    """Title and text."""

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
