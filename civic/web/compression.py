"""Texts travel compressed, whatever stands in front of the server."""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

SMALLEST = 1_000
LARGEST_FILE = 2_000_000
LEVEL = 5
FILE_LEVEL = 9
TEXTS = frozenset(
    {
        "application/geo+json",
        "application/javascript",
        "application/json",
        "application/ld+json",
        "application/manifest+json",
        "application/problem+json",
        "application/xml",
        "image/svg+xml",
    }
)


def init_app(app: Flask) -> None:
    """Compress texts of a kilobyte or more for browsers that take gzip."""

    @app.after_request
    def compress(response: Response) -> Response:
        if not _is_text(response.mimetype) or response.status_code not in {200, 422}:
            return response
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"] <= 0 or "Content-Encoding" in response.headers:
            return response
        if response.direct_passthrough:
            return _file(response)
        if response.is_streamed or len(response.get_data()) < SMALLEST:
            return response
        return _filled(response, gzip.compress(response.get_data(), LEVEL, mtime=0))


def _file(response: Response) -> Response:
    """A file of ours: its address changes with its content, so that once is enough."""
    size = response.content_length or 0
    if not SMALLEST <= size <= LARGEST_FILE or not response.cache_control.immutable:
        return response
    response.direct_passthrough = False
    file = response.response
    content = response.get_data()
    if hasattr(file, "close"):
        file.close()
    return _filled(response, _kept(request.path, content))


@lru_cache(maxsize=256)
def _kept(_address: str, content: bytes) -> bytes:
    return gzip.compress(content, FILE_LEVEL, mtime=0)


def _filled(response: Response, content: bytes) -> Response:
    response.set_data(content)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(content))
    etag, is_weak = response.get_etag()
    if etag and not is_weak:
        response.set_etag(etag, weak=True)
    return response


def _is_text(mimetype: str | None) -> bool:
    return bool(mimetype) and (str(mimetype).startswith("text/") or mimetype in TEXTS)
