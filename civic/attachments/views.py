"""Serving photos: the address alone opens nothing that is not public."""

import logging
import re

from flask import Blueprint, Response, abort, request

from civic.accounts.session import current_actor
from civic.attachments.forms import own_tokens
from civic.attachments.operations import file_key, original_key
from civic.attachments.queries import PhotoAccess, find_access
from civic.contributions.models import Contribution
from civic.contributions.policies import may_see_waiting
from civic.extensions import db
from civic.storage import file_store
from civic.storage.files import MissingFileError
from civic.storage.headers import CONTENT_TYPES
from civic.storage.photos import SIZES
from civic.web.access import public

log = logging.getLogger(__name__)
blueprint = Blueprint("attachments", __name__)
_KEY = re.compile("[0-9a-f]{40}")
_LARGER = {"tiny": "small", "card": "medium"}


@blueprint.get("/photos/<key>/<size>.jpg")
@public
def show(key: str, size: str) -> Response:
    """Serve one size of a photo.

    Browsers and caches keep it and ask each time whether they still may: a photo that was hidden
    is gone at once, and one that was not costs an empty answer.
    """
    if size not in SIZES or not _KEY.fullmatch(key):
        abort(404)
    access = find_access(db.session(), key)
    if access is None or not _may_look(access):
        abort(404)
    if access.original_format:
        return _original(key, access.original_format)
    etag = f"{key[:16]}-{size}"
    if request.if_none_match.contains(etag):
        response = Response(status=304)
    else:
        try:
            response = Response(_read(key, size), mimetype="image/jpeg")
        except MissingFileError:
            abort(404)
        except OSError:
            log.exception("a photo could not be read")
            abort(503)
    response.set_etag(etag)
    response.headers["Cache-Control"] = (
        "public, no-cache" if access.is_public else "private, no-store"
    )
    return response


def _read(key: str, size: str) -> bytes:
    """Return the file; for a photo from before there was this size, the next larger one."""
    try:
        with file_store().open(file_key(key, size)) as file:
            return file.read()
    except MissingFileError:
        if size not in _LARGER:
            raise
    return _read(key, _LARGER[size])


def _original(key: str, format_: str) -> Response:
    """Give a photo that waits back to who sent it, as it came: nothing is decoded for that."""
    try:
        with file_store().open(original_key(key)) as file:
            response = Response(file.read(), mimetype=CONTENT_TYPES[format_])
    except MissingFileError:
        abort(404)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _may_look(access: PhotoAccess) -> bool:
    if access.is_public:
        return True
    if access.contribution_id is None:
        return access.draft_token is not None and access.draft_token in own_tokens()
    contribution = db.session().get_one(Contribution, access.contribution_id)
    return may_see_waiting(current_actor(), contribution)
