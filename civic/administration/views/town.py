"""The town, its legal texts, the words it watches."""

from flask import render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from civic.accounts.session import current_actor
from civic.administration import logos
from civic.administration.forms.town import BlockedWordsForm, LegalForm, TownForm
from civic.administration.operations.town import (
    COLUMNS,
    LEGAL_FIELDS,
    edit_blocked_words,
    edit_legal,
    edit_town,
    legal_snapshot,
    town_snapshot,
)
from civic.administration.queries import missing_legal
from civic.administration.views.blueprint import blueprint
from civic.administration.views.saving import Answer, versioned_answer
from civic.errors import Invalid
from civic.extensions import db
from civic.places.queries import get_town
from civic.storage import file_store, photo_limits
from civic.web.access import administrators
from civic.web.colours import DEFAULT
from civic.web.limits import write_limit


@blueprint.route("/administration/town", methods=["GET", "POST"])
@administrators
@write_limit
def town() -> Answer:
    """Change what the town is called and how its pages look."""
    session = db.session()
    row = get_town(session)
    shown = town_snapshot(row) | {"version": row.version}
    shown["colour"] = shown["colour"] or DEFAULT
    form = TownForm(data=shown)
    form.offer(row.zone)

    def store() -> str:
        values = form.values([*COLUMNS, "colour"])
        values["insee_code"] = values["insee_code"].upper()
        values["logo"] = _logo(form, str(shown["logo"]))
        edit_town(session, row, values, version=form.seen_version, actor=current_actor())
        return url_for(".town")

    return versioned_answer(
        form,
        row,
        store,
        lambda others: render_template(
            "administration/town.html", form=form, logo=shown["logo"], others=others
        ),
        gettext("La ville est enregistrée."),
        lambda: town_snapshot(row),
    )


def _logo(form: TownForm, current: str) -> str:
    """Return the key of the logo: the one sent, none, or the one there was."""
    sent: FileStorage | None = form.logo_file.data
    if sent is not None and sent.filename:
        # Nobody waits for a decoder with the database held.
        db.session.commit()
        try:
            return logos.keep(file_store(), sent.stream, photo_limits())
        except Invalid as error:
            raise Invalid(error.message, field="logo_file", **error.values) from None
    return "" if form.removes_logo.data else current


@blueprint.route("/administration/legal", methods=["GET", "POST"])
@administrators
@write_limit
def legal() -> Answer:
    """Change the texts of the legal pages."""
    session = db.session()
    row = get_town(session)
    form = LegalForm(data=LegalForm.shown(legal_snapshot(row)) | {"version": row.version})
    form.offer()

    def store() -> str:
        texts = form.texts(LEGAL_FIELDS)
        edit_legal(session, row, texts, version=form.seen_version, actor=current_actor())
        return url_for(".legal")

    return versioned_answer(
        form,
        row,
        store,
        lambda others: render_template(
            "administration/legal.html",
            form=form,
            others=others,
            missing=missing_legal(row) if request.method == "GET" else [],
        ),
        gettext("Les textes légaux sont enregistrés."),
        lambda: legal_snapshot(row),
    )


@blueprint.route("/administration/blocked-words", methods=["GET", "POST"])
@administrators
@write_limit
def blocked_words() -> Answer:
    """Change the words that have a text read before it is published."""
    session = db.session()
    row = get_town(session)
    form = BlockedWordsForm(data={"words": row.blocked_words, "version": row.version})

    def store() -> str:
        text = form.words.data or ""
        edit_blocked_words(session, row, text, version=form.seen_version, actor=current_actor())
        return url_for(".blocked_words")

    return versioned_answer(
        form,
        row,
        store,
        lambda others: render_template(
            "administration/blocked_words.html", form=form, others=others
        ),
        gettext("Les mots surveillés sont enregistrés."),
        lambda: {"words": row.blocked_words},
    )
