"""The one way a form of the settings is answered: saved, refused, or changed by somebody else."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect
from flask_babel import gettext
from werkzeug.wrappers import Response

from civic.administration.forms.base import VersionedForm
from civic.administration.operations.changes import ChangedMeanwhile, Versioned
from civic.administration.shown import shown_value
from civic.errors import Conflict, Invalid
from civic.extensions import db
from civic.web.forms import Form

Answer = str | Response | tuple[str, int]
Page = Callable[[list[dict[str, str]]], str]


def answer(form: Form, store: Callable[[], str], page: Page, message: str) -> Answer:
    """Show the form, or do what it asks for: ``store`` saves and returns where to go next."""
    if form.validate_on_submit():
        try:
            url = store()
        except Invalid as error:
            db.session.rollback()
            form.refuse(error)
        except Conflict as error:
            db.session.rollback()
            form.refuse(Invalid(error.message, **error.values))
        else:
            db.session.commit()
            flash(message, "success")
            return redirect(url, 303)
    html = page([])
    return (html, 422) if form.errors else html


def versioned_answer(
    form: VersionedForm,
    row: Versioned,
    store: Callable[[], str],
    page: Page,
    message: str,
    snapshot: Callable[[], Mapping[str, Any]],
) -> Answer:
    """Like :func:`answer`, for something that somebody else may have changed meanwhile.

    Then the form comes back as it was typed, with what is stored now beside it (409); saving again
    is a choice made knowingly.
    """
    before = snapshot()

    def guarded() -> str:
        try:
            return store()
        except ChangedMeanwhile as error:
            raise _Overtaken(gettext(error.message)) from None

    try:
        return answer(form, guarded, page, message)
    except _Overtaken as error:
        typed = {name: form[name].data for name in before if name in form}
        db.session.rollback()
        now = snapshot()
        db.session.refresh(row)
        form.version.data = str(row.version)
        form.form_errors = [str(error)]
        return page(_others(form, typed, now)), 409


class _Overtaken(Exception):
    """Carries the sentence out of the common path."""


def _others(
    form: VersionedForm, typed: Mapping[str, Any], now: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Return the fields whose stored value is not what was typed, with that value in words."""
    rows = []
    for name, value in now.items():
        if name not in typed or typed[name] == value or (not typed[name] and not value):
            continue
        label = str(form[name].label.text)
        stored = shown_value(name, value)
        if stored == shown_value(name, typed[name]):
            continue
        rows.append({"label": label, "value": stored})
    return rows
