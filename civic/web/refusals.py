"""What the server says by itself, without a thread and without the database: pages made before."""

from collections.abc import Callable
from typing import Any

from flask import Flask, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header, parse_cookie

from civic.web.errors import error_page
from civic.web.language import COOKIE, LOCALES, preferred, spoken_in

CODES = (400, 408, 413, 500, 503)
RETRY_AFTER_S = 10
Environ = dict[str, Any]
Refusal = tuple[list[tuple[str, str]], bytes]


def refusals(app: Flask) -> Callable[[int, Environ], Refusal]:
    """Make the pages of all refusals now; return what finds the one for a request."""
    pages = {(code, locale): _page(app, code, locale) for code in CODES for locale in LOCALES}
    return lambda code, environ: pages[code, _locale(app, environ)]


def _page(app: Flask, code: int, locale: str) -> Refusal:
    address = app.extensions["civic_settings"].public_url
    asked = {"base_url": address, "headers": {"Accept-Language": locale}}
    with app.test_request_context("/again", **asked):
        page, _ = error_page(code)
        # To try again is to ask for the same page, whichever that was.
        response = app.make_response((page.replace(f'href="{request.url}"', 'href=""'), code))
        response = app.process_response(response)
        response.headers["Cache-Control"] = "no-store"
        if code in {408, 503}:
            response.headers["Retry-After"] = str(RETRY_AFTER_S)
        if code in {400, 408}:
            response.headers["Connection"] = "close"
        return list(response.headers), response.get_data()


def _locale(app: Flask, environ: Environ) -> str:
    chosen = parse_cookie(environ.get("HTTP_COOKIE", "")).get(COOKIE)
    if chosen in LOCALES:
        return str(chosen)
    wanted = parse_accept_header(environ.get("HTTP_ACCEPT_LANGUAGE", ""), LanguageAccept)
    return preferred(wanted) or spoken_in(app).language
