"""One's own account: overview, settings, address, password, data."""

import re
from urllib.parse import urlencode

from flask import (
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from civic.accounts import operations, overview
from civic.accounts.entering import forget_person
from civic.accounts.forms import (
    EmailForm,
    EraseForm,
    PasswordForm,
    ProofForm,
    SettingsForm,
)
from civic.accounts.paths import own_path
from civic.accounts.proof import freshly_proved, proof_page
from civic.accounts.queries import get_own_session, list_open_sessions
from civic.accounts.session import current_actor, current_session, note_event
from civic.accounts.views.shared import (
    blueprint,
    open_session,
    own_account,
)
from civic.errors import Conflict, Invalid
from civic.web.access import residents
from civic.web.errors import sentence_of
from civic.web.limits import mail_limit, sign_in_limit, write_limit


@blueprint.get("/account", endpoint="overview")
@residents
def overview_page() -> ResponseReturnValue:
    """« Mon espace »: what the features have to show, each with its own pages."""
    pages = {
        key: int(page)
        for key, page in request.args.items()
        if re.fullmatch(r"[1-9][0-9]{0,4}", page, re.ASCII)
    }

    def section_url(section: overview.Section, page: int) -> str:
        asked = {one.key: one.page for one in shown if one.page > 1} | {section.key: page}
        return f"{url_for('accounts.overview')}?{urlencode(asked)}#{section.key}"

    shown = overview.sections(open_session(), current_actor(), pages)
    return render_template(
        "accounts/overview.html", person=own_account(), sections=shown, section_url=section_url
    )


@blueprint.get("/account/settings")
@residents
def settings() -> ResponseReturnValue:
    """Name, language, address, password."""
    return _settings_page()


@blueprint.post("/account/settings")
@residents
@write_limit
def change_settings() -> ResponseReturnValue:
    """Change name and language."""
    form = SettingsForm()
    account, actor = own_account(), current_actor()
    if not form.validate():
        return _settings_page(settings=form), 422
    try:
        operations.change_name(open_session(), account, form.name.data or "", actor=actor)
    except Invalid as error:
        open_session().rollback()
        form.refuse(error)
        return _settings_page(settings=form), 422
    operations.change_language(open_session(), account, form.locale.data, actor=actor)
    open_session().commit()
    flash(_("Vos réglages sont enregistrés."), "success")
    return redirect(url_for("accounts.settings"), 303)


@blueprint.post("/account/email")
@residents
@mail_limit
@freshly_proved
def change_email() -> ResponseReturnValue:
    """Have a link sent to the new address."""
    form = EmailForm()
    if not form.validate():
        return _settings_page(email=form), 422
    try:
        operations.request_email_change(
            open_session(), own_account(), form.email.data or "", actor=current_actor()
        )
    except Invalid as error:
        form.refuse(error)
        return _settings_page(email=form), 422
    open_session().commit()
    flash(_("Ouvrez le lien que nous venons d’envoyer à cette adresse."), "success")
    return redirect(url_for("accounts.settings"), 303)


@blueprint.post("/account/password")
@residents
@sign_in_limit
@freshly_proved
def change_password() -> ResponseReturnValue:
    """Set the password, or remove it."""
    form = PasswordForm()
    account, actor = own_account(), current_actor()
    if request.form.get("remove"):
        operations.remove_password(open_session(), account, actor=actor)
        open_session().commit()
        flash(_("Votre mot de passe est retiré : vous vous connectez par courriel."), "success")
        return redirect(url_for("accounts.settings"), 303)
    if not form.validate():
        return _settings_page(password=form), 422
    try:
        operations.set_password(open_session(), account, form.password.data or "", actor=actor)
    except Invalid as error:
        form.refuse(error)
        return _settings_page(password=form), 422
    open_session().commit()
    flash(_("Votre mot de passe est enregistré. Vos autres appareils sont déconnectés."), "success")
    return redirect(url_for("accounts.settings"), 303)


@blueprint.post("/account/sign-out-everywhere")
@residents
@write_limit
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of this account."""
    operations.sign_out_everywhere(open_session(), own_account(), actor=current_actor())
    open_session().commit()
    forget_person()
    flash(_("Vous êtes déconnecté de tous vos appareils."), "success")
    return redirect("/", 303)


@blueprint.post("/account/sessions/<int:session_id>/end")
@residents
@write_limit
def end_session(session_id: int) -> ResponseReturnValue:
    """End one session of this account, on the device that was lost, say."""
    actor = current_actor()
    ended = get_own_session(open_session(), session_id, own_account())
    operations.end_session(open_session(), ended, actor=actor)
    open_session().commit()
    if session_id == actor.session_id:
        forget_person()
        return redirect("/", 303)
    flash(_("Cet appareil est déconnecté."), "success")
    return redirect(url_for("accounts.settings", _anchor="devices"), 303)


@blueprint.get("/account/proof")
@residents
def ask_proof() -> ResponseReturnValue:
    """Ask for a proof before a page that needs one."""
    opened = current_session()
    wanted = own_path(request.args.get("next"), url_for("accounts.settings"))
    if opened is None or opened.is_freshly_proved:
        return redirect(wanted, 303)
    return proof_page(opened, ProofForm(formdata=None))


@blueprint.post("/account/proof")
@residents
@freshly_proved
def prove() -> ResponseReturnValue:
    """Go on to the page that needed the proof."""
    return redirect(own_path(request.args.get("next"), url_for("accounts.settings")), 303)


@blueprint.get("/account/data")
@residents
def data() -> ResponseReturnValue:
    """What is kept, how to have a copy, how to leave."""
    return render_template(
        "accounts/data.html", form=EraseForm(formdata=None), person=own_account()
    )


@blueprint.get("/account/data/export.json")
@residents
@freshly_proved
def export() -> ResponseReturnValue:
    """Return everything kept about the person."""
    found = operations.export_my_data(open_session(), own_account(), actor=current_actor())
    note_event("data_exported")
    response = current_app.json.response(found)
    response.headers["Content-Disposition"] = 'attachment; filename="civic-donnees.json"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.post("/account/data/erase")
@residents
@write_limit
@freshly_proved
def erase() -> ResponseReturnValue:
    """Erase the account."""
    form = EraseForm()
    if not form.validate():
        return render_template("accounts/data.html", form=form, person=own_account()), 422
    try:
        operations.erase_account(open_session(), own_account(), actor=current_actor())
    except Conflict as error:
        open_session().rollback()
        form.form_errors = [sentence_of(error)]
        return render_template("accounts/data.html", form=form, person=own_account()), 422
    open_session().commit()
    forget_person()
    flash(_("Votre compte est supprimé. Vos contributions restent, sans votre nom."), "success")
    return redirect("/", 303)


def _settings_page(
    settings: SettingsForm | None = None,
    email: EmailForm | None = None,
    password: PasswordForm | None = None,
) -> str:
    account = own_account()
    values = {"name": account.display_name, "locale": account.locale}
    return render_template(
        "accounts/settings.html",
        person=account,
        sessions=list_open_sessions(open_session(), account),
        own_session_id=current_actor().session_id,
        settings_form=settings or SettingsForm(formdata=None, data=values),
        email_form=email or EmailForm(formdata=None, prefix=""),
        password_form=password or PasswordForm(formdata=None),
    )
