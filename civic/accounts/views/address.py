"""What the mails about a change of address lead to: confirming it, and stopping it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from civic.accounts import operations
from civic.accounts.forms import LinkForm
from civic.accounts.views.shared import blueprint, open_session, private_page
from civic.errors import Conflict
from civic.web.access import public
from civic.web.errors import sentence_of
from civic.web.limits import sign_in_limit


@blueprint.get("/account/email/<token>")
@public
def open_email_link(token: str) -> ResponseReturnValue:
    """Show one button, as for signing in."""
    return private_page(
        render_template("accounts/confirm_email.html", form=LinkForm(formdata=None), token=token)
    )


@blueprint.post("/account/email/<token>")
@public
@sign_in_limit
def confirm_email(token: str) -> ResponseReturnValue:
    """Give the account its new address."""
    try:
        operations.confirm_email_change(open_session(), token)
    except Conflict as error:
        open_session().rollback()
        return render_template("accounts/link_used.html", sentence=sentence_of(error)), 410
    open_session().commit()
    flash(
        _("Votre nouvelle adresse est enregistrée. Vos autres appareils sont déconnectés."),
        "success",
    )
    return redirect(url_for("accounts.settings"), 303)


@blueprint.get("/account/email/stop/<token>")
@public
def open_stop_link(token: str) -> ResponseReturnValue:
    """Show the button that stops a change of address."""
    return private_page(
        render_template("accounts/stop_email.html", form=LinkForm(formdata=None), token=token)
    )


@blueprint.post("/account/email/stop/<token>")
@public
@sign_in_limit
def stop_email(token: str) -> ResponseReturnValue:
    """Stop the change and end every session."""
    try:
        operations.stop_email_change(open_session(), token)
    except Conflict as error:
        open_session().rollback()
        return render_template("accounts/link_used.html", sentence=sentence_of(error)), 410
    open_session().commit()
    flash(
        _(
            "Le changement d’adresse est arrêté, et tous les appareils sont déconnectés. "
            "Reconnectez-vous avec votre adresse."
        ),
        "success",
    )
    return redirect(url_for("accounts.sign_in"), 303)
