"""Signing in and out, and « Mon espace »."""

from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from sqlalchemy.orm import Session

from civic.accounts import operations, overview
from civic.accounts.forms import (
    CodeForm,
    EmailForm,
    EraseForm,
    LinkForm,
    PasswordForm,
    PasswordSignInForm,
    SettingsForm,
    SignInForm,
)
from civic.accounts.models import Account
from civic.accounts.operations.people import MAIL_GROUPS
from civic.accounts.paths import own_path
from civic.accounts.session import FOLLOWED, SignedIn, current_account, current_actor
from civic.errors import Conflict, DomainError, Invalid
from civic.extensions import db
from civic.web.access import public, residents
from civic.web.language import locale_code
from civic.web.limits import mail_limit, sign_in_limit, write_limit

blueprint = Blueprint("accounts", __name__)
ASKED = "sign_in_email"
NEXT = "sign_in_next"


@blueprint.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """Ask for an address."""
    wanted = own_path(request.args.get("next"), url_for("accounts.overview"))
    if current_account() is not None:
        return redirect(wanted, 303)
    return _sign_in_page(SignInForm(formdata=None), wanted)


@blueprint.post("/sign-in")
@public
@mail_limit
def send_code() -> ResponseReturnValue:
    """Send a link and a code."""
    form = SignInForm()
    wanted = own_path(request.form.get("next"), url_for("accounts.overview"))
    if not form.validate():
        return _sign_in_page(form, wanted), 422
    try:
        email = operations.request_sign_in(
            _session(), form.email.data or "", wanted, locale=locale_code()
        )
    except Invalid as error:
        form.refuse(error)
        return _sign_in_page(form, wanted), 422
    _session().commit()
    session[ASKED], session[NEXT] = email, wanted
    return redirect(url_for("accounts.enter_code"), 303)


@blueprint.get("/sign-in/code")
@public
def enter_code() -> ResponseReturnValue:
    """Ask for the six digits."""
    if current_account() is not None:
        return redirect(url_for("accounts.overview"), 303)
    if ASKED not in session:
        return redirect(url_for("accounts.sign_in"), 303)
    return _code_page(CodeForm(formdata=None))


@blueprint.post("/sign-in/code")
@public
@sign_in_limit
def check_code() -> ResponseReturnValue:
    """Sign in by the six digits."""
    if ASKED not in session:
        return redirect(url_for("accounts.sign_in"), 303)
    form = CodeForm()
    if not form.validate():
        return _code_page(form), 422
    try:
        account, wanted = operations.redeem_code(
            _session(), email=session[ASKED], code=form.code.data or ""
        )
    except Invalid as error:
        _session().commit()
        form.refuse(error)
        return _code_page(form), 422
    _session().commit()
    return _enter(account, wanted)


@blueprint.get("/sign-in/link/<token>")
@public
def open_link(token: str) -> ResponseReturnValue:
    """Show one button: mail scanners open links, they do not press buttons."""
    found = operations.find_link(_session(), token)
    if found is None:
        return render_template("accounts/link_used.html"), 410
    return _private(
        render_template("accounts/link.html", form=LinkForm(formdata=None), email=found.email)
    )


@blueprint.post("/sign-in/link/<token>")
@public
@sign_in_limit
def use_link(token: str) -> ResponseReturnValue:
    """Sign in by the link."""
    try:
        account, wanted = operations.redeem_link(_session(), token)
    except Conflict:
        _session().rollback()
        return render_template("accounts/link_used.html"), 410
    _session().commit()
    return _enter(account, wanted)


@blueprint.get("/sign-in/password")
@public
def sign_in_by_password() -> ResponseReturnValue:
    """Ask for address and password."""
    wanted = own_path(request.args.get("next"), url_for("accounts.overview"))
    if current_account() is not None:
        return redirect(wanted, 303)
    return _password_page(PasswordSignInForm(formdata=None), wanted)


@blueprint.post("/sign-in/password")
@public
@sign_in_limit
def check_password() -> ResponseReturnValue:
    """Sign in by password."""
    form = PasswordSignInForm()
    wanted = own_path(request.form.get("next"), url_for("accounts.overview"))
    if not form.validate():
        return _password_page(form, wanted), 422
    account = operations.check_password(
        _session(), email=form.email.data or "", password=form.password.data or ""
    )
    if account is None:
        form.form_errors = [
            _("L'adresse ou le mot de passe ne convient pas. Vous pouvez recevoir un code.")
        ]
        return _password_page(form, wanted), 422
    operations.note_sign_in(_session(), account)
    _session().commit()
    return _enter(account, wanted)


@blueprint.post("/sign-out")
@public
@write_limit
def sign_out() -> ResponseReturnValue:
    """Forget who this is, in this browser."""
    logout_user()
    session.clear()
    flash(_("Vous êtes déconnecté."), "success")
    return redirect("/", 303)


@blueprint.get("/account", endpoint="overview")
@residents
def overview_page() -> ResponseReturnValue:
    """« Mon espace »: what the features have to show."""
    return render_template(
        "accounts/overview.html",
        person=_own(),
        sections=overview.sections(_session(), current_actor()),
    )


@blueprint.get("/account/settings")
@residents
def settings() -> ResponseReturnValue:
    """Name, language, mails, address, password."""
    return _settings_page()


@blueprint.post("/account/settings")
@residents
@write_limit
def change_settings() -> ResponseReturnValue:
    """Change name, language and mails."""
    form = SettingsForm()
    account, actor = _own(), current_actor()
    if not form.validate():
        return _settings_page(settings=form), 422
    groups = [group for group in MAIL_GROUPS if form[group].data]
    try:
        operations.change_name(_session(), account, form.name.data or "", actor=actor)
    except Invalid as error:
        _session().rollback()
        form.refuse(error)
        return _settings_page(settings=form), 422
    operations.change_preferences(
        _session(),
        account,
        actor=actor,
        locale=form.locale.data,
        wants_mail=bool(form.wants_mail.data),
        mail_groups=groups,
    )
    _session().commit()
    flash(_("Vos réglages sont enregistrés."), "success")
    return redirect(url_for("accounts.settings"), 303)


@blueprint.post("/account/email")
@residents
@mail_limit
def change_email() -> ResponseReturnValue:
    """Have a link sent to the new address."""
    form = EmailForm()
    if not form.validate():
        return _settings_page(email=form), 422
    try:
        operations.request_email_change(
            _session(), _own(), form.email.data or "", actor=current_actor()
        )
    except Invalid as error:
        form.refuse(error)
        return _settings_page(email=form), 422
    _session().commit()
    flash(_("Ouvrez le lien que nous venons d'envoyer à cette adresse."), "success")
    return redirect(url_for("accounts.settings"), 303)


@blueprint.get("/account/email/<token>")
@public
def open_email_link(token: str) -> ResponseReturnValue:
    """Show one button, as for signing in."""
    return _private(
        render_template("accounts/confirm_email.html", form=LinkForm(formdata=None), token=token)
    )


@blueprint.post("/account/email/<token>")
@public
@sign_in_limit
def confirm_email(token: str) -> ResponseReturnValue:
    """Give the account its new address."""
    try:
        operations.confirm_email_change(_session(), token)
    except Conflict as error:
        _session().rollback()
        return render_template("accounts/link_used.html", sentence=_said(error)), 410
    _session().commit()
    flash(_("Votre nouvelle adresse est enregistrée."), "success")
    return redirect(url_for("accounts.settings"), 303)


@blueprint.post("/account/password")
@residents
@sign_in_limit
def change_password() -> ResponseReturnValue:
    """Set the password, or remove it."""
    form = PasswordForm()
    account, actor = _own(), current_actor()
    if request.form.get("remove"):
        operations.remove_password(_session(), account, actor=actor)
        _session().commit()
        flash(_("Votre mot de passe est retiré : vous vous connectez par courriel."), "success")
        return redirect(url_for("accounts.settings"), 303)
    if not form.validate():
        return _settings_page(password=form), 422
    try:
        operations.set_password(_session(), account, form.password.data or "", actor=actor)
    except Invalid as error:
        form.refuse(error)
        return _settings_page(password=form), 422
    _session().commit()
    _remember(account)
    flash(_("Votre mot de passe est enregistré. Vos autres appareils sont déconnectés."), "success")
    return redirect(url_for("accounts.settings"), 303)


@blueprint.post("/account/sign-out-everywhere")
@residents
@write_limit
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of this account."""
    operations.sign_out_everywhere(_session(), _own(), actor=current_actor())
    _session().commit()
    logout_user()
    session.clear()
    flash(_("Vous êtes déconnecté de tous vos appareils."), "success")
    return redirect("/", 303)


@blueprint.get("/account/data")
@residents
def data() -> ResponseReturnValue:
    """What is kept, how to have a copy, how to leave."""
    return render_template("accounts/data.html", form=EraseForm(formdata=None), person=_own())


@blueprint.get("/account/data/export.json")
@residents
def export() -> ResponseReturnValue:
    """Return everything kept about the person."""
    found = operations.export_my_data(_session(), _own(), actor=current_actor())
    response = current_app.json.response(found)
    response.headers["Content-Disposition"] = 'attachment; filename="civic-donnees.json"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.post("/account/data/erase")
@residents
@write_limit
def erase() -> ResponseReturnValue:
    """Erase the account."""
    form = EraseForm()
    if not form.validate():
        return render_template("accounts/data.html", form=form, person=_own()), 422
    try:
        operations.erase_account(_session(), _own(), actor=current_actor())
    except Conflict as error:
        _session().rollback()
        form.form_errors = [_said(error)]
        return render_template("accounts/data.html", form=form, person=_own()), 422
    _session().commit()
    logout_user()
    session.clear()
    flash(_("Votre compte est supprimé. Vos contributions restent, sans votre nom."), "success")
    return redirect("/", 303)


def init_app(app: Flask) -> None:
    """Serve the pages; a session lasts two months from signing in."""
    app.config.update(PERMANENT_SESSION_LIFETIME=60 * 24 * 3600, SESSION_REFRESH_EACH_REQUEST=False)
    app.register_blueprint(blueprint)


def _session() -> Session:
    return db.session()


def _own() -> Account:
    account = current_account()
    if account is None:
        abort(403)
    return account


def _said(error: DomainError) -> str:
    return _(error.message, **error.values)


def _enter(account: Account, wanted: str) -> ResponseReturnValue:
    """Begin a new session; only the followed contributions are taken over from the visitor's."""
    followed = session.get(FOLLOWED)
    session.clear()
    if followed:
        session[FOLLOWED] = followed
    _remember(account)
    return redirect(own_path(wanted, url_for("accounts.overview")), 303)


def _remember(account: Account) -> None:
    session.permanent = True
    login_user(SignedIn(account))


def _private(page: str) -> Response:
    """A page whose address opens something is not kept by any cache."""
    response = Response(page)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _sign_in_page(form: SignInForm, wanted: str) -> str:
    return render_template("accounts/sign_in.html", form=form, next=wanted)


def _password_page(form: PasswordSignInForm, wanted: str) -> str:
    return render_template("accounts/sign_in_password.html", form=form, next=wanted)


def _code_page(form: CodeForm) -> str:
    return render_template(
        "accounts/sign_in_code.html",
        form=form,
        email=session[ASKED],
        next=session.get(NEXT, "/"),
        is_demo=current_app.extensions["civic_settings"].demo,
    )


def _settings_page(
    settings: SettingsForm | None = None,
    email: EmailForm | None = None,
    password: PasswordForm | None = None,
) -> str:
    account = _own()
    refused = account.preferences.get("refused_mail", ())
    values: dict[str, Any] = {group: group not in refused for group in MAIL_GROUPS}
    values |= {
        "name": account.display_name,
        "locale": account.locale,
        "wants_mail": account.wants_mail,
    }
    return render_template(
        "accounts/settings.html",
        person=account,
        settings_form=settings or SettingsForm(formdata=None, data=values),
        email_form=email or EmailForm(formdata=None, prefix=""),
        password_form=password or PasswordForm(formdata=None),
    )
