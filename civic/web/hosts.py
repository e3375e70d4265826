"""Under which address a request is answered: the town's own, never one that the caller names.

Links that a page says of itself (canonical, sitemap, feed, redirect) are made from the request's
host, so a caller who may choose it may choose where they lead.
"""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, abort, request
from werkzeug.middleware.proxy_fix import ProxyFix

from civic.settings import Settings

UNKNOWN_HOST: Final = "civic.unknown_host"
ANY_HOST: Final = frozenset({"health", "assets", "stylesheet"})
"""Blueprints that answer under any name, since nothing in them says an address: what machines ask,
and what the page of the refusal is shown with."""

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?")


class OwnAddress:
    """Gives every request the scheme, host and prefix of the public URL.

    Without a public URL the names of this machine itself stay as they are, and a request for
    another one is marked, to be refused by :func:`init_app`.
    """

    def __init__(self, app: WSGIApplication, settings: Settings) -> None:
        """Stand before ``app``."""
        url = urlsplit(settings.public_url)
        self._app = app
        self._listens_on = None if settings.has_one_address else settings.host.lower()
        self._prefix = url.path.rstrip("/")
        self._said = {"wsgi.url_scheme": url.scheme, "HTTP_HOST": url.netloc}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on under the town's address."""
        if self._listens_on is not None:
            asked = environ.get("HTTP_HOST", "")
            if asked and self._is_this_machine(asked):
                return self._app(environ, start_response)
            environ = environ | {UNKNOWN_HOST: bool(asked)}
        environ = environ | self._said
        if self._prefix:
            path = environ.get("PATH_INFO", "")
            # A proxy may have taken the prefix off already.
            if path == self._prefix or path.startswith(f"{self._prefix}/"):
                environ["PATH_INFO"] = path.removeprefix(self._prefix) or "/"
            environ["SCRIPT_NAME"] = self._prefix
        return self._app(environ, start_response)

    def _is_this_machine(self, asked: str) -> bool:
        match = _HOST.fullmatch(asked.lower())
        name = match["name"].strip("[]").removesuffix(".") if match else ""
        if name in {"localhost", self._listens_on}:
            return True
        try:
            return ip_address(name).is_loopback
        except ValueError:
            return False


def init_app(app: Flask, settings: Settings) -> None:
    """Answer as the town, and refuse unknown hosts; to be bound after the page cache.

    Of what proxies say only the caller's address is read, as far as CIVIC_PROXIES goes: scheme,
    host and prefix are settings.
    """
    app.wsgi_app = OwnAddress(app.wsgi_app, settings)  # type: ignore[method-assign]
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0
        )

    @app.before_request
    def refuse_unknown_hosts() -> None:
        if request.environ.get(UNKNOWN_HOST) and request.blueprint not in ANY_HOST:
            abort(421)
