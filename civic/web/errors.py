"""Pages for what goes wrong, in both languages; each says what to do next."""

import logging

from flask import Flask, render_template, request
from flask_babel import gettext
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from civic.errors import Conflict, DomainError, Forbidden, Gone, Invalid, NotFound
from civic.extensions import db
from civic.web.addresses import page_of

log = logging.getLogger(__name__)
PAGES = frozenset({400, 403, 404, 405, 409, 410, 413, 421, 422, 429, 500, 503})

CODES: dict[type[DomainError], int] = {
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Gone: 410,
    Invalid: 422,
}
"""What a refusal of an operation becomes when the view did not catch it."""


def error_page(code: int, sentence: str = "") -> tuple[str, int]:
    """Return the page for ``code``; ``sentence`` is already translated."""
    template = f"errors/{code}.html" if code in PAGES else "errors/500.html"
    return render_template(template, sentence=sentence, code=code), code


def init_app(app: Flask) -> None:
    """Answer every error with a page of the town."""

    @app.errorhandler(HTTPException)
    def handle(error: HTTPException) -> tuple[str, int] | HTTPException:
        code = error.code or 500
        db.session.rollback()
        if code < 400 or request.path.startswith("/open311"):
            return error
        return error_page(code)

    @app.errorhandler(MethodNotAllowed)
    def lead_to_form(_error: MethodNotAllowed) -> Response | tuple[str, int]:
        """Lead whoever opens the address of a button to the page that the button is on."""
        page = page_of(request.path) if request.method in {"GET", "HEAD"} else None
        return error_page(405) if page is None else redirect(f"{request.script_root}{page}", 303)

    @app.errorhandler(OperationalError)
    def wait(error: OperationalError) -> tuple[str, int]:
        log.error("the database does not answer: %s", error, exc_info=error)
        db.session.rollback()
        return error_page(503)

    @app.errorhandler(InternalServerError)
    def fail(error: InternalServerError) -> tuple[str, int]:
        db.session.rollback()
        return error_page(500)

    @app.errorhandler(DomainError)
    def refuse(error: DomainError) -> tuple[str, int]:
        db.session.rollback()
        code = next(code for kind, code in CODES.items() if isinstance(error, kind))
        return error_page(code, gettext(error.message, **error.values))
