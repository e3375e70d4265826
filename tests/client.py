"""A test client that fails on a bad page."""

import re
import secrets
from contextlib import nullcontext
from typing import Any

from flask import g, has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from civic.accounts.models import Account
from civic.accounts.operations import begin_session
from civic.extensions import db
from tests.html import check_page


class CheckingClient(FlaskClient):
    """Parses every HTML answer; signs in; sends forms with their token."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        _forget_caller()
        response = super().open(*args, **kwargs)
        is_page = response.mimetype == "text/html" and not 300 <= response.status_code < 400
        if is_page and response.data:
            html = response.get_data(as_text=True)
            fragment = "<html" not in html[:400].lower()
            where = f"{response.request.method} {response.request.full_path}"
            failed = response.status_code >= 400
            check_page(html, where=where, fragment=fragment, failed=failed)
        return response

    def sign_in(self, account: Account) -> "CheckingClient":
        """Sign in as ``account``, by a session and the cookie that the sign-in page sets."""
        with self.application.app_context() if not has_app_context() else nullcontext():
            _, key = begin_session(db.session(), account)
            db.session.commit()
        with self.session_transaction() as session:
            session["_user_id"] = key
            session["_fresh"] = True
        return self

    def sign_out(self) -> "CheckingClient":
        """Forget who we are."""
        with self.session_transaction() as session:
            session.clear()
        return self

    def token(self, page: str = "") -> str:
        """Return a token against forged requests: as ``page`` carries it, or a fresh one."""
        if not page:
            with self.session_transaction() as session:
                if "csrf_token" not in session:
                    session["csrf_token"] = secrets.token_hex(20)
                signer = URLSafeTimedSerializer(
                    self.application.config["SECRET_KEY"], salt="wtf-csrf-token"
                )
                return str(signer.dumps(session["csrf_token"]))
        html = self.get(page).get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
        assert found, f"no token on {page}"
        return found[1]

    def send(self, url: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """POST a form with a valid token; ``page`` is where the token is read, if anywhere."""
        page = kwargs.pop("page", "")
        return self.post(url, data={"csrf_token": self.token(page), **(data or {})}, **kwargs)


def _forget_caller() -> None:
    """Each request finds out anew who asks: the tests' own context would keep it in ``g``."""
    if has_app_context():
        for name in list(g):
            g.pop(name)
