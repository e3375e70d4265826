"""Texts travel compressed, whatever stands in front of the server."""

from functools import lru_cache

from flask import Flask, Response
from flask_compress import Compress, DictCache
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

ENCODINGS = ("zstd", "br", "gzip")
"""The encodings that are given, best first."""
SMALLEST = 1_000
LARGEST_FILE = 2_000_000
TEXTS = (
    "application/geo+json",
    "application/javascript",
    "application/json",
    "application/ld+json",
    "application/manifest+json",
    "application/problem+json",
    "application/xml",
    "image/svg+xml",
    "text/css",
    "text/csv",
    "text/html",
    "text/javascript",
    "text/plain",
    "text/xml",
)
_REFUSED_FORM = 422


def init_app(app: Flask) -> None:
    """Compress texts of a kilobyte or more that are no streams, as far as the browser takes it."""
    app.config.update(
        COMPRESS_MIMETYPES=TEXTS,
        COMPRESS_ALGORITHM=ENCODINGS,
        COMPRESS_ZSTD_LEVEL=6,
        COMPRESS_MIN_SIZE=SMALLEST,
        COMPRESS_STREAMS=False,
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,
        COMPRESS_REGISTER=False,
    )
    compressor, files = Compress(app), Compress(app)
    # What a file of ours holds stays the same while we run: once is enough.
    files.cache, files.cache_key = DictCache(), lambda asked: str(asked.path)

    @app.after_request
    def compress(response: Response) -> Response:
        if response.mimetype not in TEXTS or response.status_code not in {200, _REFUSED_FORM}:
            return response
        _weaken(response)
        if response.direct_passthrough:
            _read_file(response)
            return files.after_request(response)
        if response.status_code != _REFUSED_FORM:
            return compressor.after_request(response)
        # The library compresses what succeeded; a form that comes back is as long.
        response.status_code = 200
        response = compressor.after_request(response)
        response.status_code = _REFUSED_FORM
        return response


@lru_cache(maxsize=256)
def chosen_encoding(header: str) -> str:
    """Return which of ``ENCODINGS`` an Accept-Encoding header lets us give; empty for none."""
    return parse_accept_header(header, Accept).best_match(ENCODINGS, default="") or ""


def _weaken(response: Response) -> None:
    """Let one ETag stand for the content in every encoding."""
    etag, is_weak = response.get_etag()
    if etag and not is_weak:
        response.set_etag(etag, weak=True)


def _read_file(response: Response) -> None:
    """Read a file of ours whole; its address changes with its content, so it is asked for once."""
    size = response.content_length or 0
    if not response.cache_control.immutable or not SMALLEST <= size <= LARGEST_FILE:
        return
    file = response.response
    response.direct_passthrough = False
    response.set_data(response.get_data())
    if hasattr(file, "close"):
        file.close()
