"""The areas of the town."""

from flask import render_template, url_for
from flask_babel import gettext

from civic.accounts.session import current_actor
from civic.administration import queries
from civic.administration.forms.people import AREA_LEVELS, AreaForm
from civic.administration.operations.areas import area_snapshot, edit_area
from civic.administration.views.blueprint import blueprint
from civic.administration.views.saving import Answer, versioned_answer
from civic.extensions import db
from civic.web.access import administrators
from civic.web.limits import write_limit


@blueprint.get("/administration/areas")
@administrators
def areas() -> str:
    """Show the areas that the town is divided into."""
    return render_template(
        "administration/areas.html",
        areas=queries.list_named_areas(db.session()),
        levels=AREA_LEVELS,
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
