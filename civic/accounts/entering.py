"""Letting somebody in, in this browser: a session on the server, its key in the cookie."""

from flask import after_this_request, current_app, g, request, session, url_for
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from civic.accounts import operations, tokens
from civic.accounts.devices import device_name
from civic.accounts.models import Account
from civic.accounts.session import FOLLOWED, SignedIn
from civic.extensions import db

BROWSER = "browser"
"""Where the cookie keeps what tells the browser that began to sign in from all others."""
DEVICE = "civic_device"
_LONGEST_DEVICE = 64
_DEVICE_S = 365 * 24 * 3600


def browser_key() -> str:
    """Return what tells this browser from others while it signs in, made now if need be."""
    if BROWSER not in session:
        session[BROWSER] = tokens.new_token()
    return str(session[BROWSER])


def let_in(account: Account) -> None:
    """Begin a session of ``account`` here; the caller commits.

    Of the visitor's cookie the followed contributions are taken over, and what the browser that
    began something is known by.
    """
    kept = {name: session[name] for name in (FOLLOWED, BROWSER) if name in session}
    forget_person()
    session.update(kept)
    session.permanent = True
    opened, key = operations.begin_session(
        db.session(),
        account,
        device=device_name(request.user_agent.string),
        device_hash=tokens.hash_token(_kept_device(), purpose="device"),
    )
    login_user(SignedIn(opened, key))


def forget_person() -> None:
    """Empty the cookie and what this request knows of the person; the session is not ended."""
    logout_user()
    session.clear()
    g.pop("actor", None)


def device_hash() -> str | None:
    """Return what a device that has signed in before is known by, or None."""
    known = _known_device()
    return tokens.hash_token(known, purpose="device") if known else None


def _known_device() -> str:
    known = request.cookies.get(DEVICE, "")
    return known if len(known) <= _LONGEST_DEVICE else ""


def _kept_device() -> str:
    """Return the name of this device, which its browser keeps for the pages of signing in alone."""
    key = _known_device() or tokens.new_token()

    @after_this_request
    def keep(response: Response) -> Response:
        response.set_cookie(
            DEVICE,
            key,
            max_age=_DEVICE_S,
            path=url_for("accounts.sign_in"),
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
        return response

    return key
