"""A person's part in the town, and the suspension of their participation."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from civic.accounts.models import Account
from civic.accounts.session import current_actor
from civic.errors import Invalid
from civic.extensions import db
from civic.i18n import N_
from civic.moderation import operations, policies
from civic.moderation.forms import DecisionForm, SuspendForm
from civic.moderation.models import Origin
from civic.moderation.queries import decisions
from civic.moderation.views.blueprint import blueprint
from civic.moderation.views.queue import readers
from civic.web.access import moderators
from civic.web.limits import write_limit
from civic.web.seen import Shown


@blueprint.get("/moderation/accounts/<int:account_id>")
@readers
def account(account_id: int) -> str:
    """Show what a person wrote and what was decided about it."""
    found = decisions.get_account(db.session(), account_id)
    return _page(found, _suspend_form(), DecisionForm(prefix="reinstate-"))


@blueprint.post("/moderation/accounts/<int:account_id>/suspend")
@moderators
@write_limit
def suspend(account_id: int) -> Response | tuple[str, int]:
    """Suspend a person's participation, with reasons."""
    session = db.session()
    found = decisions.get_account(session, account_id)
    form = _suspend_form()
    form.check_seen(session, found, lambda: _standing(found))
    if form.validate():
        try:
            operations.suspend(
                session,
                found,
                actor=current_actor(),
                grounds=form.grounds(Origin.OWN_INITIATIVE),
                days=form.days.data,
            )
        except Invalid as error:
            session.rollback()
            form.refuse(error)
        else:
            session.commit()
            flash(gettext("La participation est suspendue. La personne reçoit les motifs."))
            return redirect(url_for(".account", account_id=account_id), 303)
    return _page(found, form, DecisionForm(prefix="reinstate-")), 422


@blueprint.post("/moderation/accounts/<int:account_id>/reinstate")
@moderators
@write_limit
def reinstate(account_id: int) -> Response | tuple[str, int]:
    """End a suspension."""
    session = db.session()
    found = decisions.get_account(session, account_id)
    form = DecisionForm(prefix="reinstate-")
    form.check_seen(session, found, lambda: _standing(found))
    if form.validate():
        operations.reinstate(
            session,
            found,
            actor=current_actor(),
            grounds=form.grounds(Origin.OWN_INITIATIVE),
        )
        session.commit()
        flash(gettext("La suspension est levée."), "success")
        return redirect(url_for(".account", account_id=account_id), 303)
    return _page(found, _suspend_form(), form), 422


def _standing(found: Account) -> Shown:
    return {N_("Suspension jusqu’au"): found.suspended_until or ""}


def _suspend_form() -> SuspendForm:
    form = SuspendForm(prefix="suspend-", clause="9")
    form.offer_clauses()
    return form


def _page(found: Account, form: SuspendForm, reinstate_form: DecisionForm) -> str:
    session = db.session()
    form.show(_standing(found))
    reinstate_form.show(_standing(found))
    contributions, comments = decisions.list_latest_by(session, found.id)
    return render_template(
        "moderation/account.html",
        person=found,
        record=decisions.get_record(session, found.id, limit=20),
        contributions=contributions,
        comments=comments,
        form=form,
        reinstate_form=reinstate_form,
        may_suspend=policies.may_suspend(current_actor(), found),
    )
