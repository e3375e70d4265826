"""What the pages of accounts share."""

from flask import Blueprint, Response, abort
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.accounts.session import current_account
from civic.extensions import db

blueprint = Blueprint("accounts", __name__)


def open_session() -> Session:
    """Return the session of this request."""
    return db.session()


def own_account() -> Account:
    """Return the account of the person who asks, or answer 403."""
    account = current_account()
    if account is None:
        abort(403)
    return account


def private_page(page: str) -> Response:
    """A page whose address opens something is not kept by any cache."""
    response = Response(page)
    response.headers["Cache-Control"] = "private, no-store"
    return response
