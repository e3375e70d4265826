"""Who does what for the town."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from civic.accounts.actor import Role
from civic.accounts.queries import list_staff
from civic.accounts.session import current_actor
from civic.administration import labels, queries
from civic.administration.forms.people import GrantForm
from civic.administration.operations.people import entrust, take_back
from civic.administration.views.blueprint import blueprint
from civic.administration.views.saving import Answer, answer
from civic.errors import Conflict
from civic.extensions import db
from civic.places.models import Area
from civic.places.queries import list_areas
from civic.taxonomy.models import Department
from civic.taxonomy.queries import list_departments
from civic.web.access import administrators
from civic.web.limits import write_limit


@blueprint.get("/administration/people")
@administrators
def people() -> str:
    """Show who holds a role, or the accounts that were searched for."""
    return _page(_form())


@blueprint.post("/administration/people")
@administrators
@write_limit
def grant() -> Answer:
    """Give a role."""
    session = db.session()
    form = _form()

    def store() -> str:
        entrust(
            session,
            actor=current_actor(),
            email=form.email.data or "",
            name=form.name.data or "",
            role=Role(form.role.data),
            department=session.get(Department, form.department.data),
            area=session.get(Area, form.area.data),
        )
        return url_for(".people")

    return answer(
        form,
        store,
        lambda _others: _page(form),
        gettext("Le rôle est donné. La personne est prévenue par courriel."),
    )


@blueprint.post("/administration/people/grants/<int:grant_id>/revoke")
@administrators
@write_limit
def revoke(grant_id: int) -> Response:
    """Take a role back."""
    session = db.session()
    actor = current_actor()
    held = queries.get_grant(session, grant_id)
    is_own_key = held.account_id == actor.account_id and held.role is Role.ADMINISTRATOR
    try:
        take_back(session, held, actor=actor)
    except Conflict as error:
        session.rollback()
        flash(gettext(error.message, **error.values), "danger")
        return redirect(url_for(".people"), 303)
    session.commit()
    flash(gettext("Le rôle est retiré."), "success")
    return redirect(url_for("accounts.overview") if is_own_key else url_for(".people"), 303)


def _form() -> GrantForm:
    session = db.session()
    form = GrantForm(data={"email": request.args.get("email", "")})
    form.offer(
        [(department.id, department.name) for department in list_departments(session)],
        [(id_, name) for id_, name, _slug in list_areas(session)],
    )
    return form


def _page(form: GrantForm) -> str:
    session = db.session()
    wanted = request.args.get("q", "").strip()
    found = queries.find_people(session, wanted) if wanted else list_staff(session)
    return render_template(
        "administration/people.html",
        form=form,
        wanted=wanted,
        accounts=found,
        roles=labels.ROLES,
        role_hints=labels.ROLE_HINTS,
        departments={d.id: d.name for d in list_departments(session, inactive_too=True)},
        areas={
            area.id: gettext("%(area)s (retiré)", area=area.name) if area.retired_at else area.name
            for area in queries.list_named_areas(session)
        },
    )
