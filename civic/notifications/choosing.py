"""The pages on which people, and administrators for a department's mailbox, choose their news."""

from collections.abc import Sequence
from typing import Any, cast

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField

from civic.accounts.queries import get_account
from civic.accounts.session import current_actor
from civic.extensions import db
from civic.notifications.choices import Chosen, Owner, choose, find_choices
from civic.notifications.matrix import (
    MAILBOX,
    RHYTHM_LABELS,
    Line,
    Part,
    Rhythm,
    parts_for,
)
from civic.notifications.views import blueprint
from civic.taxonomy.queries import get_department
from civic.web.access import administrators, residents
from civic.web.forms import Form, choices
from civic.web.language import locale_code
from civic.web.limits import write_limit

Answer = str | Response | tuple[str, int]


@blueprint.route("/account/news", methods=["GET", "POST"])
@residents
@write_limit
def choose_own() -> Answer:
    """Choose what I receive, by which way and how often."""
    session, actor = _session(), current_actor()
    account = get_account(session, actor.account_id or 0)
    parts = parts_for(actor.roles)
    form = _form(parts, find_choices(session, account), wants_mail=account.wants_mail)
    if form.is_submitted() and form.validate():
        account.wants_mail = bool(form["wants_mail"].data)
        _keep(session, account, parts, form)
        return redirect(url_for(".choose_own"), 303)
    page = render_template("notifications/choose_own.html", parts=_shown(form, parts), form=form)
    return (page, 422) if form.is_submitted() else page


@blueprint.route("/administration/departments/<int:department_id>/news", methods=["GET", "POST"])
@administrators
@write_limit
def choose_for_department(department_id: int) -> Answer:
    """Choose what the mailbox of a department receives."""
    session = _session()
    department = get_department(session, department_id)
    form = _form([MAILBOX], find_choices(session, department))
    if form.is_submitted() and form.validate():
        _keep(session, department, [MAILBOX], form)
        return redirect(url_for(".choose_for_department", department_id=department.id), 303)
    page = render_template(
        "notifications/choose_for_department.html",
        department=department,
        name=department.name_in(locale_code()),
        parts=_shown(form, [MAILBOX]),
        form=form,
    )
    return (page, 422) if form.is_submitted() else page


def _form(parts: Sequence[Part], chosen: Chosen, wants_mail: bool | None = None) -> Form:  # noqa: FBT001
    """Return a form with two fields for each line, one for a mailbox."""
    fields: dict[str, Any] = {}
    values: dict[str, Any] = {"wants_mail": wants_mail}
    for line in _lines(parts):
        label = _(line.label)
        fields[_mail(line)] = SelectField(
            _("Par courriel : %(what)s", what=label),
            choices=choices((one.value, _(RHYTHM_LABELS[one])) for one in line.rhythms),
        )
        values[_mail(line)] = chosen.mail(line.group, line.scope).value
        if line.on_site:
            fields[_site(line)] = BooleanField(_("Dans Mes nouvelles : %(what)s", what=label))
            values[_site(line)] = chosen.on_site(line.group, line.scope)
    if wants_mail is not None:
        fields["wants_mail"] = BooleanField(_l("Recevoir des nouvelles par courriel"))
    return cast("Form", type("NewsForm", (Form,), fields)(data=values))


def _keep(session: Session, owner: Owner, parts: Sequence[Part], form: Form) -> None:
    lines = _lines(parts)
    choose(
        session,
        owner,
        lines,
        {line.name: Rhythm(form[_mail(line)].data) for line in lines},
        {line.name: bool(form[_site(line)].data) for line in lines if line.on_site},
        actor=current_actor(),
    )
    session.commit()
    flash(_("C’est noté."), "success")


def _shown(form: Form, parts: Sequence[Part]) -> list[dict[str, Any]]:
    return [
        {
            "title": _(part.title),
            "on_site": any(line.on_site for line in part.lines),
            "lines": [
                {
                    "label": _(line.label),
                    "mail": form[_mail(line)],
                    "site": form[_site(line)] if line.on_site else None,
                }
                for line in part.lines
            ],
        }
        for part in parts
    ]


def _lines(parts: Sequence[Part]) -> list[Line]:
    return [line for part in parts for line in part.lines]


def _mail(line: Line) -> str:
    return f"mail-{line.name}"


def _site(line: Line) -> str:
    return f"site-{line.name}"


def _session() -> Session:
    return db.session()
