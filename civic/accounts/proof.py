"""A fresh proof that the account is theirs, asked before what a stolen session must not do."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civic.accounts import operations
from civic.accounts.forms import ProofForm
from civic.accounts.models import AccountSession
from civic.accounts.session import current_session
from civic.errors import Invalid, TooMany
from civic.extensions import db, htmx
from civic.web.errors import sentence_of
from civic.web.lifecycle import READING
from civic.web.urls import page_of

View = TypeVar("View", bound=Callable[..., Any])


def freshly_proved(view: View) -> View:
    """Ask for a proof before ``view`` when the last one is too old; below the mark of access."""

    @wraps(view)
    def proved(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        asked = require_proof()
        answer: ResponseReturnValue = view(*args, **kwargs) if asked is None else asked
        return answer

    return proved  # type: ignore[return-value]


def require_proof() -> ResponseReturnValue | None:
    """Return the page that asks for a proof, or None when the request may go on.

    A form that is sent is asked about on the spot: its fields stay in the page, and come back with
    the proof to where they were sent.
    """
    opened = current_session()
    if opened is None:
        abort(403)
    if opened.is_freshly_proved:
        return None
    if request.method in READING:
        return redirect(url_for("accounts.ask_proof", next=request.full_path.rstrip("?")), 303)
    if htmx:
        return "", 204, {"HX-Redirect": url_for("accounts.ask_proof", next=request.path)}
    return _take(opened)


def proof_page(opened: AccountSession, form: ProofForm, *, is_sent: bool = False) -> str:
    """Return the page that asks; what else was sent goes on with it."""
    own = {"proof_send", *form.data}
    return render_template(
        "accounts/proof.html",
        form=form,
        has_password=opened.account.password_hash is not None,
        email=opened.account.email,
        is_sent=is_sent,
        carried=[
            (name, value) for name, value in request.form.items(multi=True) if name not in own
        ],
        action=request.script_root + request.full_path.rstrip("?"),
        cancel_url=page_of(request.path) or url_for("accounts.settings"),
        has_files=any(file.filename for file in request.files.values()),
    )


def _take(opened: AccountSession) -> ResponseReturnValue | None:
    """Take the proof that came with the form, if one did."""
    form, session = ProofForm(), db.session()
    is_sent = form.proof.data == "sent"
    try:
        if request.form.get("proof_send"):
            operations.request_proof(session, opened)
            session.commit()
            form.proof.data = "sent"
            return proof_page(opened, form, is_sent=True), 422
        if not (form.proof_code.data or form.proof_password.data):
            return proof_page(opened, form, is_sent=is_sent), 422
        if form.proof_code.data:
            operations.prove_by_code(session, opened, form.proof_code.data)
        else:
            operations.prove_by_password(
                session, opened, form.proof_password.data or "", device_hash=opened.device_hash
            )
    except Invalid as error:
        form.refuse(error)
    except TooMany as error:
        form.form_errors = [sentence_of(error)]
    else:
        session.commit()
        return None
    # A wrong one was counted.
    session.commit()
    return proof_page(opened, form, is_sent=is_sent), 422
