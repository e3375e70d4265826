"""The areas of the town."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from civic.accounts.session import current_actor
from civic.administration import labels, queries
from civic.administration.forms.people import AreaForm, OutlinesForm
from civic.administration.operations.areas import (
    area_snapshot,
    edit_area,
    import_outlines,
    set_area_used,
)
from civic.administration.views.blueprint import blueprint
from civic.administration.views.saving import Answer, answer, versioned_answer
from civic.database import start_writing
from civic.errors import Invalid
from civic.extensions import db
from civic.i18n import N_
from civic.places.areas import AreaImport
from civic.places.models import AreaLevel
from civic.places.queries import is_outline_estimated
from civic.places.schedule import REASSIGN
from civic.serving.sieve import CUT
from civic.tasks.queue import find_asked
from civic.web.access import administrators
from civic.web.lifecycle import reads_first
from civic.web.limits import write_limit

MOST_BYTES = 20_000_000
MOST_TOLD = 5


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
@reads_first
def import_areas() -> Answer:
    """Take in a file of outlines."""
    session = db.session()
    form = OutlinesForm()
    form.offer()

    def store() -> str:
        data = form.file.data.stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES or request.environ.get(CUT):
            raise Invalid(
                N_("Ce fichier dépasse 20 Mo : simplifiez-le, ou utilisez la commande."),
                field="file",
            )
        level = AreaLevel(form.level.data)
        actor = current_actor()
        start_writing(session)
        result = import_outlines(
            session,
            data,
            level=level,
            replace=form.replace.data,
            actor=actor,
            commit=session.commit,
        )
        _tell(result)
        return url_for(".areas")

    message = gettext("Les contours sont chargés.")
    return answer(form, store, lambda _others: _page(form), message)


def _tell(result: AreaImport) -> None:
    """Say what became of the file, beside that it was taken."""
    for number, reason in result.rejects[:MOST_TOLD]:
        flash(
            gettext("Contour %(number)s refusé : %(reason)s.", number=number, reason=reason),
            "warning",
        )
    for name, percent in list(result.partly_outside.items())[:MOST_TOLD]:
        flash(
            gettext("« %(name)s » dépasse de la ville (%(share)s %%).", name=name, share=percent),
            "warning",
        )
    for name in result.mended[:MOST_TOLD]:
        flash(gettext("Le contour de « %(name)s » se croisait : il a été réparé.", name=name))
    if result.retired:
        flash(ngettext("%(num)s quartier retiré.", "%(num)s quartiers retirés.", result.retired))


@blueprint.post("/administration/areas/<int:area_id>/used")
@administrators
@write_limit
@reads_first
def switch_area(area_id: int) -> Response:
    """Retire an area, or take it into use again."""
    session = db.session()
    area = queries.get_area(session, area_id)
    used = request.form.get("used") == "1"
    actor = current_actor()
    start_writing(session)
    try:
        set_area_used(session, area, used=used, actor=actor, commit=session.commit)
    except Invalid as error:
        session.rollback()
        flash(gettext(error.message), "danger")
    else:
        session.commit()
        message = (
            gettext("« %(name)s » est en service.", name=area.name)
            if used
            else gettext("« %(name)s » est retiré.", name=area.name)
        )
        flash(message, "success")
    return redirect(url_for(".areas"), 303)


def _page(form: OutlinesForm) -> str:
    session = db.session()
    return render_template(
        "administration/areas.html",
        form=form,
        areas=queries.list_named_areas(session),
        levels=labels.LEVELS,
        assigning=find_asked(session, REASSIGN),
        is_estimated=is_outline_estimated(session),
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
