"""Pages for what goes wrong, in both languages; each says what to do next."""

import contextlib
import logging
import math
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_time, gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy import exc
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import Forbidden as AccessDenied
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from civic.database import is_locked, is_unwritable, stop_writing, utcnow
from civic.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    Overtaken,
    TooMany,
)
from civic.extensions import db
from civic.i18n import N_
from civic.text.markdown import plain_text
from civic.web import limits
from civic.web.access import turn_away
from civic.web.dates import format_minute
from civic.web.late import carried_form
from civic.web.security import masked_path
from civic.web.urls import page_of

log = logging.getLogger(__name__)
DATABASE_ERRORS = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""The database is away, or somebody else writes; the last is a pool that has no connection left."""
RETRY_AFTER_S = 10
READ_ONLY = N_(
    "Rien ne peut être enregistré en ce moment ; la lecture continue. Gardez votre texte, et "
    "revenez plus tard."
)
BUSY = N_(
    "Beaucoup de choses s’enregistrent en ce moment. Votre envoi n’a pas encore été pris : "
    "attendez quelques secondes, puis envoyez-le de nouveau."
)
PAGES = frozenset({400, 403, 404, 405, 408, 409, 410, 413, 421, 422, 429, 500, 503})

_MOST_SHOWN = 400

CODES: dict[type[DomainError], int] = {
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Gone: 410,
    Invalid: 422,
    TooMany: 429,
}
"""What a refusal of an operation becomes when the view did not catch it."""


def error_page(
    code: int, sentence: str = "", *, name: str = "", gives_back: bool = True
) -> tuple[str, int]:
    """Return the page for ``code``, with what was written; ``sentence`` is already translated.

    ``name`` is that of another page than the one that the code has.
    """
    carried = carried_form() if gives_back else None
    template = f"errors/{name or (code if code in PAGES else 500)}.html"
    stop_writing()
    try:
        page = render_template(template, sentence=sentence, code=code, carried=carried)
    except DATABASE_ERRORS:
        do_without_database()
        page = render_template(template, sentence=sentence, code=code, carried=carried)
    return page, code


def do_without_database() -> None:
    """Let the page that says what is wrong ask the database nothing, not even who asks."""
    with contextlib.suppress(*DATABASE_ERRORS):
        db.session.rollback()
    g.without_database = True


def _wait(error: SQLAlchemyError) -> ResponseReturnValue:
    """Say that the database is away, or that somebody else writes for too long."""
    if isinstance(error, DBAPIError) and is_locked(error):
        log.warning("somebody else writes for too long: %s", error)
        db.session.rollback()
        page = error_page(503, gettext(BUSY))
    elif isinstance(error, DBAPIError) and is_unwritable(error):
        log.error(
            "the database cannot be written: is the disk full, its folder read-only, or another's?"
        )
        db.session.rollback()
        page = error_page(503, gettext(READ_ONLY))
    else:
        log.error("the database does not answer: %s", error, exc_info=error)
        do_without_database()
        page = error_page(503)
    return *page, {"Retry-After": str(RETRY_AFTER_S)}


def _come_too_late(_error: CSRFError) -> ResponseReturnValue:
    """Give back what was written on a page whose token has run out; else it is no form."""
    db.session.rollback()
    stop_writing()
    origin = request.headers.get("Origin", "")
    if origin and f"{origin}/" != request.host_url:
        # Another site's form: nothing of it is given back, and nothing waits for a sign-in.
        return error_page(400, gives_back=False)
    try:
        away = turn_away(is_meant=False)
    except DATABASE_ERRORS as error:
        return _wait(error)
    except AccessDenied:
        return error_page(403)
    if away is not None:
        return away
    return error_page(400) if carried_form() is None else error_page(422, name="late")


def sentence_of(error: DomainError) -> str:
    """Return a refusal in the language of the page; what was tried too often says until when."""
    sentence = gettext(error.message, **error.values)
    if isinstance(error, TooMany):
        return f"{sentence} {say_again(error.again_at)}"
    return sentence


def say_again(moment: datetime) -> str:
    """Say when one may try again: the minute after, and the day where it is not soon."""
    shown = moment + timedelta(minutes=1)
    if moment - utcnow() < timedelta(hours=6):
        return gettext("Vous pourrez réessayer à %(time)s.", time=format_time(shown, "short"))
    return gettext("Vous pourrez réessayer le %(moment)s.", moment=format_minute(shown))


def retry_after(again_at: datetime) -> dict[str, str]:
    """Return the header that says to programs what the page says to people."""
    return {"Retry-After": str(max(1, math.ceil((again_at - utcnow()).total_seconds())))}


def _overtaken(error: Overtaken) -> tuple[str, int]:
    """Say what changed meanwhile, and give the form back knowing it."""
    db.session.rollback()
    page = render_template(
        "errors/409.html",
        sentence=gettext(error.message),
        code=409,
        changed=[(gettext(label), shown(value)) for label, value in error.changed.items()],
        page_url=f"{request.script_root}{page_of(request.path) or '/'}",
        carried=carried_form(knowing={error.field: error.seen}),
    )
    return page, 409


def shown(value: object) -> str:
    """Return a stored value for people to compare, not longer than it takes."""
    return plain_text(str(value), _MOST_SHOWN) if value not in {None, ""} else gettext("(vide)")


def _name_the_failure(response: Response) -> Response:
    """Let the title of an error, or of a form that comes back, begin by saying so."""
    if response.status_code >= 400 and response.mimetype == "text/html":
        told = gettext("Erreur :")
        page = response.get_data(as_text=True)
        response.set_data(page.replace("<title>", f"<title>{told} ", 1))
    return response


def _log_exception(exc_info: Any) -> None:
    """Log as Flask does, without what an address may open."""
    where = masked_path(request.path, request.view_args)
    current_app.logger.error("Exception on %s [%s]", where, request.method, exc_info=exc_info)


def init_app(app: Flask) -> None:
    """Answer every error with a page of the town."""
    app.log_exception = _log_exception  # type: ignore[method-assign]

    @app.errorhandler(HTTPException)
    def handle(error: HTTPException) -> ResponseReturnValue | HTTPException:
        code = error.code or 500
        db.session.rollback()
        if code == 403:
            current_app.extensions["civic_refused"]()
        if code < 400 or request.path.startswith("/open311"):
            return error
        moment = limits.again_at() if code == 429 else None
        if moment is None:
            return error_page(code)
        return (*error_page(code, say_again(moment)), retry_after(moment))

    app.register_error_handler(CSRFError, _come_too_late)

    @app.errorhandler(MethodNotAllowed)
    def lead_to_form(_error: MethodNotAllowed) -> Response | tuple[str, int]:
        """Lead whoever opens the address of a button to the page that the button is on."""
        page = page_of(request.path) if request.method == "GET" else None
        return error_page(405) if page is None else redirect(f"{request.script_root}{page}", 303)

    for kind in DATABASE_ERRORS:
        app.register_error_handler(kind, _wait)

    @app.errorhandler(InternalServerError)
    def fail(error: InternalServerError) -> tuple[str, int]:
        with contextlib.suppress(*DATABASE_ERRORS):
            db.session.rollback()
        return error_page(500)

    app.register_error_handler(Overtaken, _overtaken)

    @app.errorhandler(DomainError)
    def refuse(error: DomainError) -> ResponseReturnValue:
        db.session.rollback()
        code = next(code for kind, code in CODES.items() if isinstance(error, kind))
        if code == 403:
            current_app.extensions["civic_refused"]()
        page = error_page(code, sentence_of(error))
        return (*page, retry_after(error.again_at)) if isinstance(error, TooMany) else page

    app.after_request(_name_the_failure)
