"""What the forms of the settings share."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField
from wtforms.validators import Length, ValidationError

from civic.accounts.operations import check_email
from civic.administration.labels import FIELDS
from civic.errors import Invalid
from civic.web.forms import Form


class VersionedForm(Form):
    """A form that says which version of the thing it was opened with."""

    version = HiddenField()

    @property
    def seen_version(self) -> int:
        """The version that was shown; 0, which none is, when the form did not say."""
        text = next(iter(self.version.raw_data or ()), "")
        return int(text) if text.isdecimal() and len(text) < 10 else 0

    def values(self, names: Sequence[str]) -> dict[str, Any]:
        """Return what was given for ``names``, texts without spaces around."""
        return {
            name: value.strip() if isinstance(value := self[name].data, str) else value
            for name in names
        }


def called(name: str) -> Any:
    """Return what the field ``name`` is called, in the language of the request."""
    return _l(FIELDS[name])


def at_most(most: int) -> Length:
    """A limit of length that says what is left to do."""
    return Length(max=most, message=_l("Raccourcissez ce texte : %(max)d caractères au plus."))


def is_address(_form: Form, field: Field) -> None:
    """Accept an e-mail address, or nothing."""
    if not (field.data or "").strip():
        return
    try:
        field.data = check_email(field.data)
    except Invalid as error:
        raise ValidationError(gettext(error.message, **error.values)) from None
