"""The forms of an incident's pages."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from civic.attachments.forms import PhotosMixin
from civic.incidents.operations import PRECISION_LENGTH
from civic.participation.submission.forms import SubmissionForm
from civic.web.forms import Form

TOO_LONG = _l("Ce texte est trop long : 2 000 caractères au plus.")


class IncidentForm(SubmissionForm):
    """The report of a problem at a place."""


class SayForm(Form):
    """A few lines of the author: a precision, or the answer to a question."""

    text = TextAreaField(
        _l("Votre texte"),
        validators=[
            DataRequired(_l("Écrivez ce que vous avez à dire.")),
            Length(max=PRECISION_LENGTH, message=TOO_LONG),
        ],
    )


class ContestForm(PhotosMixin, SayForm):
    """It is not settled: a sentence, and a photo that shows it."""
