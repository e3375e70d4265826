"""A test client that fails on a bad page."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from civic.accounts.models import Account
from tests.html import check_page


class CheckingClient(FlaskClient):
    """Parses every HTML answer; signs in; sends forms with their token."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.status_code != 304 and response.data:
            html = response.get_data(as_text=True)
            fragment = "<html" not in html[:400].lower()
            where = f"{response.request.method} {response.request.full_path}"
            check_page(html, where=where, fragment=fragment)
        return response

    def sign_in(self, account: Account) -> "CheckingClient":
        """Sign in as ``account``, by the session cookie that the sign-in page sets."""
        with self.session_transaction() as session:
            session["_user_id"] = f"{account.id}.{account.session_token}"
            session["_fresh"] = True
        return self

    def sign_out(self) -> "CheckingClient":
        """Forget who we are."""
        with self.session_transaction() as session:
            session.clear()
        return self

    def token(self, page: str = "/sign-in") -> str:
        """Return a token against forged requests, as ``page`` carries it."""
        html = self.get(page).get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
        assert found, f"no token on {page}"
        return found[1]

    def send(self, url: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """POST a form with a valid token; ``page`` is where the token is read."""
        page = kwargs.pop("page", "/sign-in")
        return self.post(url, data={"csrf_token": self.token(page), **(data or {})}, **kwargs)
