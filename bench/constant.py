"""The smallest useful thing: the same server answering one constant page."""

from collections.abc import Callable, Iterable
from typing import Any

PAGE = b"<!doctype html><html lang=fr><title>.</title><p>" + b"civic " * 2000


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer the page, whatever is asked."""
    start_response(
        "200 OK",
        [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(PAGE)))],
    )
    return [PAGE]


def create_app() -> Any:
    """Return the app, as the server's factory."""
    return app
