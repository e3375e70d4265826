"""The page cache: pages for visitors, kept while they are true.

A page that somebody without a session asks for is the same for everyone with the same address and
language. Its whole answer is kept in memory and given again, before anything of the framework
runs, as long as nothing public has changed, and for a few seconds at most: what is
published, hidden or voted shows with the next question, and a crowd that comes for one page does
not have it made anew for each. A browser that asks again is only told when its copy still holds.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from hashlib import blake2b
from threading import Lock
from typing import Any

from flask import Flask, current_app, make_response, request, session
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from civic.database.watch import Watch
from civic.extensions import db
from civic.web.compression import chosen_encoding
from civic.web.hosts import UNKNOWN_HOST
from civic.web.language import COOKIE, LOCALES, preferred, spoken_in

SECONDS = 5
"""Names, ages and delays on a page may be so much older than the page of somebody signed in."""
MOST_BYTES = 3_000_000
"""So much is kept at most, the pages that were made last."""
LARGEST = 400_000
AT_ONCE = "civic.at_once"
"""In the environ: the asker cannot wait. A page that is not kept is not made, nothing is said."""
_ASKED = "civic.kept"
_OF_A_PAGE = 2_000
_OF_THE_BODY = frozenset({"Content-Type", "Content-Length", "Content-Encoding"})

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
View = Callable[..., ResponseReturnValue]


@dataclass(slots=True)
class _Asked:
    """What the view says of its answer: the stamp from before it read, once it may be kept."""

    stamp: Hashable = None


@dataclass(frozen=True, slots=True)
class _Page:
    settings: object
    stamp: Hashable
    since: float
    headers: Headers
    body: bytes
    tag: str = field(init=False)

    def __post_init__(self) -> None:
        """Name the body by its hash, in the quotes of an ETag."""
        object.__setattr__(self, "tag", f'"{blake2b(self.body, digest_size=12).hexdigest()}"')

    @property
    def size(self) -> int:
        """The bytes that it takes: those of the body, and some two thousand for the rest."""
        return len(self.body) + _OF_A_PAGE

    def headers_alone(self) -> Headers:
        """Return the headers of an answer that says: what you have is still so."""
        named = [(name, value) for name, value in self.headers if name not in _OF_THE_BODY]
        return [*named, ("ETag", f"W/{self.tag}")]


class Front:
    """Stands before the framework and answers what is kept."""

    def __init__(self, app: Flask, watch: Watch) -> None:
        self._app: Wsgi = app.wsgi_app
        self._flask = app
        self._extensions = app.extensions
        self._watch = watch
        self._pages: OrderedDict[Hashable, _Page] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a page that is kept and still true; let the framework answer everything else."""
        # The one encoding of the answer: the key of the cache, and what is compressed for.
        environ["HTTP_ACCEPT_ENCODING"] = chosen_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        method = environ["REQUEST_METHOD"]
        language = _LANGUAGES.get(environ.get("HTTP_COOKIE", ""))
        is_refused = environ.get(UNKNOWN_HOST)
        if language is None or is_refused or method not in {"GET", "HEAD"}:
            return [] if AT_ONCE in environ else self._app(environ, start_response)
        wanted = _wanted(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        key = _key(environ, language, wanted or spoken_in(self._flask).language)
        page = self._pages.get(key)
        if page is not None and self._is_true(page):
            return _given(page, environ, start_response)
        if AT_ONCE in environ:
            return []
        if method == "HEAD":
            return self._app(environ, start_response)
        return self._made(environ, start_response, key)

    def clear(self) -> None:
        """Empty the cache."""
        with self._lock:
            self._pages.clear()
            self._bytes = 0

    def _is_true(self, page: _Page) -> bool:
        return (
            0 <= time.time() - page.since < SECONDS
            and page.settings is self._extensions["civic_settings"]
            and page.stamp == self._watch.stamp()
        )

    def _made(
        self, environ: Environ, start_response: Callable[..., Any], key: Hashable
    ) -> Iterable[bytes]:
        """Let the framework answer; keep it when the view says that it may be."""
        asked = environ[_ASKED] = _Asked()
        since = time.time()
        said: list[Any] = []
        answer = self._app(environ, lambda *start: said.extend(start))
        status, headers = said[:2]
        if asked.stamp is None or status != "200 OK" or not _is_for_everyone(headers):
            start_response(*said)
            return answer
        try:
            body = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        if len(body) > LARGEST:
            start_response(*said)
            return [body]
        page = _Page(self._extensions["civic_settings"], asked.stamp, since, headers, body)
        self._keep(key, page)
        return _given(page, environ, start_response)

    def _keep(self, key: Hashable, page: _Page) -> None:
        with self._lock:
            former = self._pages.pop(key, None)
            self._bytes += page.size - (former.size if former is not None else 0)
            self._pages[key] = page
            while self._bytes > MOST_BYTES:
                _, oldest = self._pages.popitem(last=False)
                self._bytes -= oldest.size


def _given(page: _Page, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Give the page, or only say that the asker has it already."""
    if page.tag in environ.get("HTTP_IF_NONE_MATCH", ""):
        start_response("304 Not Modified", page.headers_alone())
        return []
    start_response("200 OK", [*page.headers, ("ETag", f"W/{page.tag}")])
    return [page.body] if environ["REQUEST_METHOD"] == "GET" else []


def init_app(app: Flask) -> None:
    """Stand before ``app``; to be bound before what tells the true address from proxies."""
    with app.app_context():
        watch = Watch(db.engine)
    app.extensions["civic_watch"] = watch
    app.extensions["civic_front"] = app.wsgi_app = Front(app, watch)  # type: ignore[method-assign]


def clear(app: Flask) -> None:
    """Empty the cache of ``app``, and hang up."""
    app.extensions["civic_front"].clear()
    app.extensions["civic_watch"].close()


def stamp_before_reading() -> Hashable:
    """Return the stamp of the database for what is going to be read; None if it is being read."""
    # What a transaction begun before the stamp reads may be older than the stamp.
    if db.session().in_transaction():
        return None
    watch: Watch = current_app.extensions["civic_watch"]
    return watch.stamp()


def cached_for_visitors(view: View) -> View:
    """Cache what ``view`` answers to those without a session; below the mark of access."""

    @wraps(view)
    def cached(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        asked: _Asked | None = request.environ.get(_ASKED)
        stamp = stamp_before_reading() if asked is not None else None
        if asked is None or stamp is None:
            return view(*args, **kwargs)
        response = make_response(view(*args, **kwargs))
        plain = set(response.headers.keys()) <= {"Content-Type", "Content-Length"}
        if plain and not response.is_streamed and not session.modified:
            asked.stamp = stamp
        return response

    return cached


_LANGUAGES = {"": ""} | {f"{COOKIE}={locale}": locale for locale in LOCALES}
"""The cookies of visitors whose pages are kept, and the language that each says."""


def _key(environ: Environ, language: str, wanted: str) -> Hashable:
    """Everything that a page for a visitor depends on, the database and the time aside."""
    return (
        environ["wsgi.url_scheme"],
        environ.get("HTTP_HOST"),
        environ["SERVER_NAME"],
        environ["SERVER_PORT"],
        environ.get("SCRIPT_NAME"),
        environ["PATH_INFO"],
        environ.get("QUERY_STRING"),
        # What the cookie says counts by itself: another choice in the address is given a cookie.
        language,
        language or wanted,
        environ["HTTP_ACCEPT_ENCODING"],
        *[(name, environ[name]) for name in environ if name.startswith("HTTP_HX_")],
    )


@lru_cache(maxsize=1024)
def _wanted(header: str) -> str | None:
    return preferred(parse_accept_header(header, LanguageAccept))


def _is_for_everyone(headers: Headers) -> bool:
    """Whether an answer sets no cookie but the language, which the address and the key say."""
    return all(
        value.startswith(f"{COOKIE}=") for name, value in headers if name.lower() == "set-cookie"
    )
