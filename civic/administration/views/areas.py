"""The areas of the town."""

from flask import flash, render_template, url_for
from flask_babel import gettext, ngettext

from civic.accounts.session import current_actor
from civic.administration import labels, queries
from civic.administration.forms.people import AreaForm, OutlinesForm
from civic.administration.operations.areas import (
    area_snapshot,
    edit_area,
    import_outlines,
    is_too_large_here,
)
from civic.administration.views.blueprint import blueprint
from civic.administration.views.saving import Answer, answer, versioned_answer
from civic.errors import Invalid
from civic.extensions import db
from civic.i18n import N_
from civic.places.models import AreaLevel
from civic.web.access import administrators
from civic.web.limits import write_limit

MOST_BYTES = 20_000_000


@blueprint.get("/administration/areas")
@administrators
def areas() -> str:
    """Show the areas that the town is divided into."""
    form = OutlinesForm()
    form.offer()
    return _page(form)


@blueprint.post("/administration/areas")
@administrators
@write_limit
def import_areas() -> Answer:
    """Take in a file of outlines."""
    session = db.session()
    form = OutlinesForm()
    form.offer()

    def store() -> str:
        if is_too_large_here(session):
            raise Invalid(N_("Cette ville est trop grande : utilisez la commande."), field="file")
        data = form.file.data.stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise Invalid(
                N_("Ce fichier dépasse 20 Mo : simplifiez-le, ou utilisez la commande."),
                field="file",
            )
        level = AreaLevel(form.level.data)
        result = import_outlines(session, data, level=level, actor=current_actor())
        for number, reason in result.rejects[:5]:
            flash(
                gettext("Contour %(number)s refusé : %(reason)s.", number=number, reason=reason),
                "warning",
            )
        flash(
            ngettext(
                "%(num)s contribution change de quartier.",
                "%(num)s contributions changent de quartier.",
                result.reassigned,
            )
        )
        return url_for(".areas")

    message = gettext("Les contours sont chargés.")
    return answer(form, store, lambda _others: _page(form), message)


def _page(form: OutlinesForm) -> str:
    session = db.session()
    return render_template(
        "administration/areas.html",
        form=form,
        areas=queries.list_named_areas(session),
        levels=labels.LEVELS,
        by_command_only=is_too_large_here(session),
    )


@blueprint.route("/administration/areas/<int:area_id>", methods=["GET", "POST"])
@administrators
@write_limit
def edit_area_page(area_id: int) -> Answer:
    """Change the name or the population of an area."""
    session = db.session()
    area = queries.get_area(session, area_id)
    form = AreaForm(data=area_snapshot(area) | {"version": area.version})

    def store() -> str:
        edit_area(
            session,
            area,
            name=(form.name.data or "").strip(),
            population=form.population.data,
            version=form.seen_version,
            actor=current_actor(),
        )
        return url_for(".areas")

    return versioned_answer(
        form,
        area,
        store,
        lambda others: render_template(
            "administration/area.html", form=form, area=area, others=others
        ),
        gettext("Le quartier est enregistré."),
        lambda: area_snapshot(area),
    )
