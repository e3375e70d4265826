"""The photo field of every form that takes photos."""

import logging
import secrets
from typing import Any

from flask import current_app, request
from flask import session as cookie
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from wtforms import HiddenField, StringField

from civic.attachments import operations
from civic.attachments.models import Photo
from civic.attachments.operations import MOST_PHOTOS, StoredPhoto
from civic.i18n import N_
from civic.settings import Settings
from civic.storage import file_store
from civic.storage.photos import PhotoError, PhotoLimits
from civic.text.numbers import row_number

log = logging.getLogger(__name__)
_TOKENS = "photo_drafts"
_TOKENS_KEPT = 8
TOO_MANY = N_("Cinq photos au plus : les suivantes n’ont pas été prises.")
NOT_KEPT = N_(
    "Nous n’avons pas pu enregistrer votre photo. Réessayez dans quelques minutes, ou envoyez "
    "votre message sans photo."
)


def photo_limits() -> PhotoLimits:
    """Return what this installation accepts."""
    settings: Settings = current_app.extensions["civic_settings"]
    return PhotoLimits(max_bytes=settings.photo_max_bytes, max_pixels=settings.photo_max_pixels)


def own_tokens() -> list[str]:
    """Return the draft tokens of the forms that this browser has open."""
    return list(cookie.get(_TOKENS, []))


class PhotosMixin:
    """Five photos that survive a refused form. Put it before ``Form`` among the bases.

    In the view, where ``form`` has this mixin::

        form = IncidentForm()
        if request.method == "POST":
            form.receive()                # decodes and stores files; before the first statement
            form.keep(db.session())       # rows of the drafts, what was unticked goes
            db.session.commit()           # so that a refused form still has them
        if form.validate_on_submit(): …
            attach(session, contribution, form.draft_token.data)

    and in the template ``{{ photo_field(form) }}`` of attachments/photo_field.html inside a form
    with ``enctype="multipart/form-data"``. Files that are no good put a sentence on ``photos`` and
    make ``validate`` fail, once; the good ones are kept. ``form.kept`` holds the drafts,
    ``form.gps`` the place that the first of them was taken at, to be offered.
    """

    photos = MultipleFileField(_l("Photos"))
    draft_token = HiddenField()
    kept_photos = StringField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept: list[Photo] = []
        self._stored: list[StoredPhoto] = []
        self._photo_errors: list[str] = []
        given = self.draft_token.data or ""
        self.draft_token.data = given if given in own_tokens() else _new_token()

    def receive(self) -> None:
        """Decode the files that came and store them; what is wrong is kept for ``validate``."""
        files = [file for file in request.files.getlist(self.photos.name) if file.filename]
        for file in files[:MOST_PHOTOS]:
            try:
                stored = operations.store_photo(file_store(), file.read(), photo_limits())
            except PhotoError as error:
                self._photo_errors.append(_sentence(file, error))
            except OSError:
                log.exception("a photo could not be kept")
                self._photo_errors.append(gettext(NOT_KEPT))
            else:
                self._stored.append(stored)
        if len(files) > MOST_PHOTOS:
            self._photo_errors.append(gettext(TOO_MANY))

    def keep(self, session: Session) -> None:
        """Write the drafts down; those that came earlier and are not ticked any more go."""
        token = self._token
        given = (row_number(id) for id in request.form.getlist(self.kept_photos.name))
        ticked = [id for id in given if id is not None]
        operations.drop_drafts(session, token, keep=ticked)
        before = len(operations.draft_photos(session, token))
        for stored in self._stored:
            operations.keep_draft(session, stored, token)
        if before + len(self._stored) > MOST_PHOTOS:
            self._photo_errors.append(gettext(TOO_MANY))
        operations.describe_drafts(session, token, _descriptions())
        self.load_kept(session)
        # For the steps of a form that show it again without checking it.
        self.photos.errors = list(dict.fromkeys(self._photo_errors))

    def load_kept(self, session: Session) -> None:
        """Read the drafts, for a form that is shown again."""
        self.kept = operations.draft_photos(session, self._token)

    @property
    def _token(self) -> str:
        return self.draft_token.data or ""

    @property
    def gps(self) -> tuple[float, float] | None:
        """Where the first photo that knows was taken: latitude and longitude in degrees."""
        places = [(p.gps_lat, p.gps_lon) for p in self.kept]
        return next(
            ((lat, lon) for lat, lon in places if lat is not None and lon is not None), None
        )

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Check the form, the photos with it."""
        valid: bool = super().validate(*args, **kwargs)  # type: ignore[misc]
        if self._photo_errors:
            self.photos.errors = [*self.photos.errors, *dict.fromkeys(self._photo_errors)]
        return valid and not self._photo_errors


def _descriptions() -> dict[int, str]:
    prefix = "photo_description-"
    return {
        number: text
        for name, text in request.form.items()
        if name.startswith(prefix) and (number := row_number(name.removeprefix(prefix))) is not None
    }


def _sentence(file: FileStorage, error: PhotoError) -> str:
    return gettext(
        "« %(name)s » : %(sentence)s",
        name=(file.filename or "")[:60],
        sentence=gettext(error.message, **error.params),
    )


def _new_token() -> str:
    """Return a token for a new form, good in this browser only."""
    token = secrets.token_hex(16)
    cookie[_TOKENS] = [*own_tokens(), token][-_TOKENS_KEPT:]
    return token
