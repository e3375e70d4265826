"""The base of every form."""

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import Field

from civic.errors import Invalid


class Form(FlaskForm):
    """A form with the token against forged requests, and room for what an operation refuses."""

    def refuse(self, error: Invalid) -> None:
        """Show a refusal of an operation beside the field it names, or above the form."""
        message = gettext(error.message, **error.values)
        field = self._fields.get(error.field)
        if isinstance(field, Field):
            field.errors = [*field.errors, message]
        else:
            self.form_errors = [*self.form_errors, message]
