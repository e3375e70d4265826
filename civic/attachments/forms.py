"""The photo field of every form that takes photos."""

import logging
import secrets
import time
from dataclasses import replace
from typing import Any

from flask import request
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
from civic.storage import file_store, photo_limits
from civic.storage.files import MissingFileError
from civic.storage.photos import PhotoError, check_photo
from civic.text.ids import read_id
from civic.web.errors import say_again
from civic.web.limits import PHOTOS, refused_until

log = logging.getLogger(__name__)
_TOKENS = "photo_drafts"
_TOKENS_KEPT = 8
DECODE_S = 45.0
"""How long one form may decode; what is left then is kept for the next try."""
TOO_MANY = N_("Cinq photos au plus : les suivantes n’ont pas été prises.")
NOT_KEPT = N_(
    "Nous n’avons pas pu enregistrer votre photo. Réessayez dans quelques minutes, ou envoyez "
    "votre message sans photo."
)
TOO_OFTEN = N_(
    "Trop de photos viennent d’arriver de votre connexion. Choisissez-les de nouveau plus tard, ou "
    "envoyez votre message sans photo."
)
LATER = N_("Vos photos sont gardées, mais toutes n’ont pas pu être préparées. Envoyez de nouveau.")
FORGOTTEN = N_(
    "Une photo que nous avions gardée n’est plus là : choisissez-la de nouveau, ou envoyez sans "
    "elle."
)
GONE = N_("« %(name)s » n’est plus là : choisissez cette photo de nouveau.")


def own_tokens() -> list[str]:
    """Return the draft tokens of the forms that this browser has open."""
    return list(cookie.get(_TOKENS, []))


class PhotosMixin:
    """Five photos that survive a refused form. Put it before ``Form`` among the bases.

    In the view, where ``form`` has this mixin::

        form = IncidentForm()
        if request.method == "POST":
            form.receive()                # reads headers
            form.keep(db.session())       # keeps files and drafts, what was unticked goes
            db.session.commit()           # so that a refused form still has them
        if form.validate_on_submit() and form.decode(db.session()): …
            attach(session, contribution, form.draft_token.data)

    and in the template ``{{ photo_field(form) }}`` of attachments/photo_field.html inside a form
    with ``enctype="multipart/form-data"``. Files that are no good put a sentence on ``photos`` and
    make ``validate`` or ``decode`` fail, once; the good ones are kept. ``form.kept`` holds the
    drafts, ``form.gps`` the place that the first of them was taken at, to be offered.
    """

    photos = MultipleFileField(_l("Photos"))
    draft_token = HiddenField()
    kept_photos = StringField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept: list[Photo] = []
        self._received: list[tuple[FileStorage, str]] = []
        self._photo_errors: list[str] = []
        given = self.draft_token.data or ""
        self.draft_token.data = given if given in own_tokens() else _new_token()

    def receive(self) -> None:
        """Read the headers of the files that came; what is wrong is kept for ``validate``.

        Nothing is decoded or kept: nobody knows yet whether the form is one that may be sent.
        """
        files = [file for file in request.files.getlist(self.photos.name) if file.filename]
        until = refused_until(PHOTOS, "photos", len(files))
        if until is not None:
            self._photo_errors.append(f"{gettext(TOO_OFTEN)} {say_again(until)}")
            return
        lines = request.form.getlist("photo_line")
        lines += [""] * len(files)
        for file, line in zip(files[:MOST_PHOTOS], lines, strict=False):
            try:
                check_photo(file.stream, photo_limits())
            except PhotoError as error:
                self._photo_errors.append(_sentence(file.filename or "", error))
            else:
                self._received.append((file, line))
        if len(files) > MOST_PHOTOS:
            self._photo_errors.append(gettext(TOO_MANY))

    def keep(self, session: Session) -> None:
        """Keep what came, as it is; drafts that came earlier and are not ticked any more go.

        Commits before, so that nobody waits for the file store with the database held.
        """
        session.commit()
        stored = self._store()
        token = self._token
        given = (read_id(id) for id in request.form.getlist(self.kept_photos.name))
        ticked = [id for id in given if id is not None]
        operations.drop_drafts(session, token, keep=ticked)
        earlier = operations.draft_photos(session, token)
        if not {photo.id for photo in earlier}.issuperset(ticked):
            self._photo_errors.append(gettext(FORGOTTEN))
        for photo in stored:
            for key in operations.make_room(session, photo.original_bytes):
                file_store().delete(operations.original_key(key))
            if operations.keep_draft(session, photo, token) is None:
                operations.delete_files(file_store(), photo.key)
        if len(earlier) + len(stored) > MOST_PHOTOS:
            self._photo_errors.append(gettext(TOO_MANY))
        operations.describe_drafts(session, token, sent_descriptions())
        self.load_kept(session)
        # For the steps of a form that show it again without checking it.
        self.photos.errors = list(dict.fromkeys(self._photo_errors))

    def _store(self) -> list[StoredPhoto]:
        stored = []
        for file, line in self._received:
            name = file.filename or ""
            try:
                original = operations.store_original(
                    file_store(), file.stream, name, photo_limits()
                )
                stored.append(replace(original, description=line))
            except OSError:
                log.exception("a photo could not be kept")
                self._photo_errors.append(gettext(NOT_KEPT))
        return stored

    def decode(self, session: Session) -> bool:
        """Decode what waits; say whether all of it could be: otherwise ``photos`` has sentences.

        Call it last, when nothing else keeps the form from being accepted. Commits before, so that
        nobody waits for a decoder with the database held, and after each photo.
        """
        drafts = operations.draft_photos(session, self._token)
        session.commit()
        end = time.monotonic() + DECODE_S
        errors = []
        for photo in drafts:
            if not photo.original_format:
                continue
            if time.monotonic() > end:
                errors.append(gettext(LATER))
                break
            errors += _decode(session, photo)
        self.load_kept(session)
        self.photos.errors = [*self.photos.errors, *dict.fromkeys(errors)]
        return not errors

    def load_kept(self, session: Session) -> None:
        """Read the drafts, for a form that is shown again."""
        self.kept = operations.draft_photos(session, self._token)

    @property
    def captions(self) -> list[str]:
        """What the person says is to be seen on the photos: read with the rest of the text."""
        return [photo.description for photo in self.kept if photo.description]

    @property
    def most_bytes(self) -> int:
        """The heaviest photo that is taken."""
        return photo_limits().max_bytes

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


def sent_descriptions() -> dict[int, str]:
    """Return what the form says is to be seen on each photo, by its id."""
    prefix = "photo_description-"
    return {
        number: text
        for name, text in request.form.items()
        if name.startswith(prefix) and (number := read_id(name.removeprefix(prefix))) is not None
    }


def _decode(session: Session, photo: Photo) -> list[str]:
    """Decode one draft and write down what came of it; return what is to be said of that."""
    name = photo.original_name
    try:
        decoded = operations.decode_original(file_store(), photo.key, photo_limits())
    except PhotoError as error:
        if error.code != "busy":
            operations.settle_draft(session, photo, None)
            session.commit()
        return [_sentence(name, error)]
    except MissingFileError:
        # The same form, sent twice at the same moment, may have decoded it.
        session.refresh(photo)
        session.commit()
        return [gettext(GONE, name=name)] if photo.original_format else []
    except OSError:
        log.exception("a photo could not be decoded")
        return [gettext(NOT_KEPT)]
    operations.settle_draft(session, photo, decoded)
    session.commit()
    return []


def _sentence(name: str, error: PhotoError) -> str:
    return gettext(
        "« %(name)s » : %(sentence)s",
        name=name[-60:],
        sentence=gettext(error.message, **error.params),
    )


def _new_token() -> str:
    """Return a token for a new form, good in this browser only."""
    token = secrets.token_hex(16)
    cookie[_TOKENS] = [*own_tokens(), token][-_TOKENS_KEPT:]
    return token
