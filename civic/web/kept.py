"""Pages for visitors, kept while they are true.

A page that somebody without a session asks for is the same for everyone with the same address and
language. It is kept in memory and given again as long as the database has not changed at all, and
for a few seconds at most: what is published, hidden or voted shows with the next question, and a
crowd that comes for one page does not have it made anew for each.
"""

import gzip
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Flask, Response, current_app, make_response, request, session
from flask.typing import ResponseReturnValue

from civic.database.state import state_of
from civic.extensions import db
from civic.web.language import COOKIE, chosen_locale

SECONDS = 5
"""Names, ages and delays on a page may be so much older than the page of somebody signed in."""
MOST_PAGES = 128
LARGEST = 400_000

View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class _Page:
    state: Hashable
    until: float
    body: bytes
    compressed: bytes
    mimetype: str


def init_app(app: Flask) -> None:
    """Give ``app`` room for pages."""
    app.extensions["civic_kept"] = OrderedDict()


def kept_for_visitors(view: View) -> View:
    """Keep what ``view`` answers to those without a session; below the mark of access."""

    @wraps(view)
    def kept(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if request.method != "GET" or not request.cookies.keys() <= {COOKIE}:
            return view(*args, **kwargs)
        pages: OrderedDict[Hashable, _Page] = current_app.extensions["civic_kept"]
        key, now = _key(), time.time()
        state = state_of(db.session())
        page = pages.get(key)
        if page is None or page.state != state or not page.until - SECONDS <= now < page.until:
            response = make_response(view(*args, **kwargs))
            page = _page(response, state, now + SECONDS)
            if page is None:
                return response
            pages[key] = page
            if len(pages) > MOST_PAGES:
                pages.popitem(last=False)
        return _answer(page)

    return kept


def _key() -> Hashable:
    """Everything that a page for a visitor depends on, the database and the time aside."""
    hints = tuple(sorted((k, v) for k, v in request.headers.items() if k.startswith("Hx-")))
    settings = current_app.extensions["civic_settings"]
    return request.url, request.root_path, chosen_locale(), hints, id(settings)


def _page(response: Response, state: Hashable, until: float) -> _Page | None:
    """Return what can be kept of ``response``; None where it is for one person or no plain page."""
    if response.status_code != 200 or session.modified or response.is_streamed:
        return None
    if set(response.headers.keys()) - {"Content-Type", "Content-Length"}:
        return None
    body = response.get_data()
    if len(body) > LARGEST:
        return None
    compressed = gzip.compress(body, 9, mtime=0)
    return _Page(state, until, body, compressed, response.content_type or "text/html")


def _answer(page: _Page) -> Response:
    if request.accept_encodings["gzip"] > 0:
        response = Response(page.compressed, content_type=page.mimetype)
        response.headers["Content-Encoding"] = "gzip"
        return response
    return Response(page.body, content_type=page.mimetype)
