"""The base of every form."""

from collections.abc import Callable, Iterable
from typing import Any

import wtforms
from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import (
    Field,
    FieldList,
    FormField,
    HiddenField,
    PasswordField,
    StringField,
    TextAreaField,
)
from wtforms.meta import DefaultMeta

from civic.errors import Invalid
from civic.text.cleaning import clean_line, clean_text


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[Any]:
    """Return (value, label) pairs as the choices of a select or radio field.

    WTForms warns of plain tuples; its type stubs do not know the class that it wants yet.
    """
    make: Any = vars(wtforms)["SelectChoice"]
    return [make(value, label) for value, label in pairs]


def row_or_none(value: Any) -> int | None:
    """Return the id that a choice stands for; None for the first one, which asks to choose."""
    return int(value) if value else None


def _cleaned(value: Any) -> Any:
    return clean_text(value) if isinstance(value, str) else value


def _on_one_line(value: Any) -> Any:
    return clean_line(value) if isinstance(value, str) else value


def _without_nul(value: Any) -> Any:
    """A NUL has no place in a text, and a database that cannot store it would answer 500."""
    return value.replace("\x00", "") if isinstance(value, str) else value


def _filter_for(field_class: type[Field]) -> Callable[[Any], Any]:
    """Return the cleaning of what people write; secrets and what pages carry stay as they are."""
    if issubclass(field_class, TextAreaField):
        return _cleaned
    if issubclass(field_class, StringField) and not issubclass(
        field_class, HiddenField | PasswordField
    ):
        return _on_one_line
    return _without_nul


class _Cleaning(DefaultMeta):
    """What holds for every field of every form."""

    def bind_field(self, form: wtforms.form.BaseForm, unbound_field: Any, options: Any) -> Any:
        """Clean what comes in, after the field's own filters; lists clean what is inside them."""
        if not issubclass(unbound_field.field_class, FieldList | FormField):
            own = unbound_field.kwargs.get("filters", ())
            options = {**options, "filters": (*own, _filter_for(unbound_field.field_class))}
        return unbound_field.bind(form=form, **options)


class RowForm(wtforms.Form):
    """One row of a list within a form, which carries the token for all."""

    class Meta(_Cleaning):
        """What holds for every field."""


class Form(FlaskForm):
    """A form with the token against forged requests, and room for what an operation refuses."""

    class Meta(_Cleaning, FlaskForm.Meta):  # type: ignore[misc]
        """What holds for every field."""

    def refuse(self, error: Invalid) -> None:
        """Show a refusal of an operation beside the field it names, or above the form.

        What else is wrong is shown with it.
        """
        for other in error.others:
            self.refuse(other)
        message = gettext(error.message, **error.values)
        field = self._fields.get(error.field)
        if isinstance(field, Field):
            field.errors = [*field.errors, message]
        else:
            self.form_errors = [*self.form_errors, message]
