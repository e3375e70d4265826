"""Answers that a public cache may hold, as long as it asks each time whether they still hold."""

import hashlib
from typing import Any

import orjson
from flask import Flask, Response, request, session


def public_json(body: Any) -> Response:
    """Return ``body`` as JSON with its hash as ETag; 304 where the asker has the same already.

    It must not depend on who asks. ``must-revalidate`` with an age of zero: what was hidden a
    moment ago is gone from every cache with the next question, and an unchanged answer costs no
    transfer.
    """
    return public_answer(orjson.dumps(body), "application/json")


def public_answer(content: bytes, mimetype: str) -> Response:
    """Return ``content``, the same for everyone, as :func:`public_json` does."""
    response = Response(content, mimetype=mimetype)
    # Weak: the compressed answer says the same in other bytes.
    response.set_etag(hashlib.blake2b(content, digest_size=12).hexdigest(), weak=True)
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.make_conditional(request)
    return response


def init_app(app: Flask) -> None:
    """Take from public answers what would make caches keep one for each visitor.

    To be bound before anything that touches the session: what is bound first runs last.
    """

    @app.after_request
    def same_for_everyone(response: Response) -> Response:
        if response.cache_control.public and not session.modified:
            session.accessed = False
        return response
