"""Signing in, by a link or code sent by mail, or by a password; and out."""

from flask import (
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from civic.accounts import operations
from civic.accounts.entering import BROWSER, browser_key, device_hash, forget_person, let_in
from civic.accounts.forms import (
    CodeForm,
    LinkForm,
    PasswordSignInForm,
    SignInForm,
)
from civic.accounts.models import Account
from civic.accounts.paths import own_path
from civic.accounts.session import current_account, current_actor, current_session, note_event
from civic.accounts.views.intents import go_on, is_from_here, kept_path, wish_of
from civic.accounts.views.shared import blueprint, open_session, private_page
from civic.errors import Conflict, Invalid, TooMany
from civic.web.access import public
from civic.web.errors import retry_after, sentence_of
from civic.web.language import locale_code
from civic.web.limits import mail_limit, sign_in_limit, write_limit

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
    asked = own_path(request.form.get("next"), url_for("accounts.overview"))
    if not form.validate():
        return _sign_in_page(form, asked), 422
    wanted = kept_path(asked)
    try:
        email = operations.request_sign_in(
            open_session(),
            form.email.data or "",
            wanted,
            locale=locale_code(),
            browser=browser_key(),
        )
    except Invalid as error:
        open_session().rollback()
        form.refuse(error)
        return _sign_in_page(form, asked), 422
    open_session().commit()
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
            open_session(),
            email=session[ASKED],
            code=form.code.data or "",
            browser=browser_key(),
        )
    except Invalid as error:
        open_session().commit()
        form.refuse(error)
        return _code_page(form), 422
    return _enter(account, wanted)


@blueprint.get("/sign-in/link/<token>")
@public
def open_link(token: str) -> ResponseReturnValue:
    """Show one button: mail scanners open links, they do not press buttons."""
    found = operations.find_link(open_session(), token)
    if found is None:
        return render_template("accounts/link_used.html"), 410
    return private_page(
        render_template(
            "accounts/link.html",
            form=LinkForm(formdata=None),
            email=found.email,
            wish=wish_of(found.next_path),
            is_from_here=is_from_here(found.next_path),
        )
    )


@blueprint.post("/sign-in/link/<token>")
@public
@sign_in_limit
def use_link(token: str) -> ResponseReturnValue:
    """Sign in by the link."""
    try:
        account, wanted = operations.redeem_link(
            open_session(), token, browser=session.get(BROWSER)
        )
    except Conflict:
        open_session().rollback()
        note_event("sign_in_failed")
        return render_template("accounts/link_used.html"), 410
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
    try:
        account = operations.check_password(
            open_session(),
            email=form.email.data or "",
            password=form.password.data or "",
            device_hash=device_hash(),
        )
    except TooMany as error:
        open_session().rollback()
        form.form_errors = [sentence_of(error)]
        return _password_page(form, wanted), 429, retry_after(error.again_at)
    if account is None:
        open_session().commit()
        form.form_errors = [
            _("L’adresse ou le mot de passe ne convient pas. Vous pouvez recevoir un code.")
        ]
        return _password_page(form, wanted), 422
    operations.note_sign_in(open_session(), account)
    return _enter(account, kept_path(wanted))


@blueprint.post("/sign-out")
@public
@write_limit
def sign_out() -> ResponseReturnValue:
    """End the session of this browser: what was copied of its cookie opens nothing any more."""
    opened = current_session()
    if opened is not None:
        operations.end_session(open_session(), opened, actor=current_actor())
        open_session().commit()
    forget_person()
    flash(_("Vous êtes déconnecté."), "success")
    return redirect("/", 303)


def _sign_in_page(form: SignInForm, wanted: str) -> str:
    return render_template("accounts/sign_in.html", form=form, next=wanted, wish=wish_of(wanted))


def _password_page(form: PasswordSignInForm, wanted: str) -> str:
    return render_template(
        "accounts/sign_in_password.html", form=form, next=wanted, wish=wish_of(wanted)
    )


def _code_page(form: CodeForm) -> str:
    return render_template(
        "accounts/sign_in_code.html",
        form=form,
        email=session[ASKED],
        next=session.get(NEXT, "/"),
        wish=wish_of(session.get(NEXT, "/")),
    )


def _enter(account: Account, wanted: str) -> ResponseReturnValue:
    """Let the person in and lead to what was wanted."""
    browser = session.get(BROWSER)
    let_in(account)
    open_session().commit()
    return go_on(wanted, browser)
