"""Keeping photos from the first try, attaching them, taking them away.

What a form receives is kept as it came (``store_original``) and decoded when the rest of the form
is in order (``decode_original``). Both take time and no session: no transaction is open meanwhile.
The other verbs only write rows.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from civic.attachments.models import Photo
from civic.contributions import signals
from civic.contributions.models import Contribution, ModerationState
from civic.database import insert_or_ignore, utcnow
from civic.storage.files import FileStore
from civic.storage.headers import CONTENT_TYPES
from civic.storage.photos import (
    SIZES,
    DecodedPhoto,
    PhotoLimits,
    check_photo,
    decode_photo,
    fingerprint,
)

MOST_PHOTOS = 5
UNKNOWN_COLOUR = "#888888"
DESCRIPTION_LENGTH = 250
DRAFT_LIFE = timedelta(hours=24)
NAME_LENGTH = 120
MOST_WAITING = 2_000_000_000
"""Bytes of all originals that wait for their forms: strangers cannot fill the disk."""
REMOVED = "removed"
"""The draft token of a photo that was taken away: nobody has it, and the next purge comes by."""


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """A photo whose files are kept, and which no row knows yet.

    Decoded, in its sizes; or as it came, when ``original_format`` is set.
    """

    key: str
    sha256: str
    width: int
    height: int
    colour: str
    gps: tuple[float, float] | None
    original_format: str = ""
    original_bytes: int = 0
    original_name: str = ""
    description: str = ""


def file_key(key: str, size: str) -> str:
    """Return the key in the file store of one size of the photo ``key``."""
    return f"{key[:2]}/{key[2:4]}/{key}-{size}.jpg"


def clean_description(text: str) -> str:
    """Return what is to be seen on a photo as one line, not longer than is kept."""
    return " ".join(text.replace("\x00", "").split())[:DESCRIPTION_LENGTH]


def original_key(key: str) -> str:
    """Return the key in the file store of the photo ``key`` as it came."""
    return f"originals/{key[:2]}/{key}"


def store_original(
    store: FileStore, file: IO[bytes], name: str, limits: PhotoLimits | None = None
) -> StoredPhoto:
    """Keep a photo as it came; its header is read and nothing decoded.

    Raises civic.storage.photos.PhotoError for what will not be taken.
    """
    header = check_photo(file, limits)
    key, digest = secrets.token_hex(20), fingerprint(file)
    file.seek(0)
    data = file.read()
    store.put(original_key(key), data, CONTENT_TYPES[header.format])
    return StoredPhoto(
        key=key,
        sha256=digest,
        width=header.width,
        height=header.height,
        colour=UNKNOWN_COLOUR,
        gps=header.gps,
        original_format=header.format,
        original_bytes=len(data),
        original_name=name[-NAME_LENGTH:],
    )


def decode_original(store: FileStore, key: str, limits: PhotoLimits | None = None) -> DecodedPhoto:
    """Decode a photo that is kept as it came, and keep its sizes.

    Raises civic.storage.photos.PhotoError; MissingFileError when another request has done it.
    """
    with store.open(original_key(key)) as file:
        photo = decode_photo(file, limits)
    _put_sizes(store, key, photo)
    store.delete(original_key(key))
    return photo


def store_photo(
    store: FileStore, source: bytes | IO[bytes], limits: PhotoLimits | None = None
) -> StoredPhoto:
    """Decode a photo and keep its files; raises civic.storage.photos.PhotoError."""
    photo = decode_photo(source, limits)
    key = secrets.token_hex(20)
    _put_sizes(store, key, photo)
    return StoredPhoto(key, photo.sha256, photo.width, photo.height, photo.colour, photo.gps)


def _put_sizes(store: FileStore, key: str, photo: DecodedPhoto) -> None:
    for size in SIZES:
        variant = photo.variants[size]
        store.put(file_key(key, size), variant.data, variant.content_type)


def keep_draft(session: Session, stored: StoredPhoto, draft_token: str) -> Photo | None:
    """Remember a stored photo for a form that is not accepted yet.

    None when the same file is among the drafts already, or when they are five: its files then
    belong to nobody.
    """
    drafts = draft_photos(session, draft_token)
    if len(drafts) >= MOST_PHOTOS or any(draft.sha256 == stored.sha256 for draft in drafts):
        return None
    lat, lon = stored.gps or (None, None)
    values = {
        "draft_token": draft_token,
        "key": stored.key,
        "sha256": stored.sha256,
        "width": stored.width,
        "height": stored.height,
        "colour": stored.colour,
        "original_format": stored.original_format,
        "original_bytes": stored.original_bytes,
        "original_name": stored.original_name,
        "description": clean_description(stored.description),
        "position": len(drafts),
        "gps_lat": lat,
        "gps_lon": lon,
    }
    # The same form may be sent twice at one moment.
    if not insert_or_ignore(session, Photo, values):
        return None
    return session.scalars(select(Photo).filter_by(key=stored.key)).one()


def make_room(session: Session, size: int) -> list[str]:
    """Take the oldest originals away until one of ``size`` bytes may wait; return their keys.

    Whoever fills the room with photos of forms that are never sent keeps nobody from sending one.
    """
    waits = Photo.draft_token.is_not(None), Photo.original_bytes > 0
    total = session.scalar(select(func.sum(Photo.original_bytes)).where(*waits)) or 0
    keys: list[str] = []
    if total + size <= MOST_WAITING:
        return keys
    for photo in session.scalars(select(Photo).where(*waits).order_by(Photo.created_at, Photo.id)):
        if total + size <= MOST_WAITING:
            break
        total -= photo.original_bytes
        keys.append(photo.key)
        _abandon(photo)
    session.flush()
    return keys


def settle_draft(session: Session, photo: Photo, decoded: DecodedPhoto | None) -> None:
    """Write what came of decoding a draft; None: nothing did, and it is taken away."""
    if decoded is None:
        _abandon(photo)
    else:
        photo.width, photo.height = decoded.width, decoded.height
        photo.colour = decoded.colour
        photo.original_format, photo.original_bytes, photo.original_name = "", 0, ""
    session.flush()


def drop_drafts(session: Session, draft_token: str, *, keep: Sequence[int]) -> None:
    """Take away the drafts whose ids are not in ``keep``."""
    for photo in draft_photos(session, draft_token):
        if photo.id not in keep:
            _abandon(photo)
    session.flush()


def describe_drafts(session: Session, draft_token: str, descriptions: Mapping[int, str]) -> None:
    """Write what the person says is to be seen on each draft, by its id."""
    describe(session, draft_photos(session, draft_token), descriptions)


def draft_photos(session: Session, draft_token: str) -> list[Photo]:
    """Return the photos that wait for their form, in their order."""
    if not draft_token or draft_token == REMOVED:
        return []
    return list(
        session.scalars(
            select(Photo)
            .where(Photo.draft_token == draft_token, Photo.contribution_id.is_(None))
            .order_by(Photo.position, Photo.id)
        )
    )


def attach(
    session: Session,
    contribution: Contribution,
    draft_token: str,
    descriptions: Mapping[int, str] | None = None,
    *,
    status_change_id: int | None = None,
) -> list[Photo]:
    """Give the drafts to ``contribution``, five in all, and forget where they were taken.

    ``descriptions`` are by photo id. ``status_change_id`` is set for photos of the finished work
    or of a contest: these stand in the timeline and are counted apart. Returns the photos.
    """
    taken = session.scalar(
        select(func.count())
        .select_from(Photo)
        .where(Photo.contribution_id == contribution.id, Photo.status_change_id == status_change_id)
    )
    room = MOST_PHOTOS - (taken or 0)
    photos = _decoded_drafts(session, draft_token)
    for place, photo in enumerate(photos[: max(room, 0)], start=taken or 0):
        photo.contribution_id = contribution.id
        photo.status_change_id = status_change_id
        photo.draft_token = photo.gps_lat = photo.gps_lon = None
        photo.position = place
        if descriptions and photo.id in descriptions:
            photo.description = clean_description(descriptions[photo.id])
    for photo in photos[max(room, 0) :]:
        _abandon(photo)
    refresh_cover(session, contribution)
    return photos[: max(room, 0)]


def release_drafts(session: Session, draft_token: str) -> list[Photo]:
    """Give the drafts to something that is not a contribution, such as news of an action.

    They belong to no form and no contribution any more and are public; the caller keeps their ids.
    """
    photos = _decoded_drafts(session, draft_token)
    for photo in photos:
        photo.draft_token = photo.gps_lat = photo.gps_lon = None
    session.flush()
    return photos


def _decoded_drafts(session: Session, draft_token: str) -> list[Photo]:
    """What nobody has decoded is no photo yet: it stays a draft, whatever asks for it."""
    return [photo for photo in draft_photos(session, draft_token) if not photo.original_format]


def describe(session: Session, photos: Iterable[Photo], texts: Mapping[int, str]) -> list[str]:
    """Write what is to be seen on each photo, by its id; return what was changed, in words."""
    changed = []
    for photo in photos:
        text = clean_description(texts.get(photo.id, photo.description))
        if text != photo.description:
            changed.append(text)
            photo.description = text
    session.flush()
    return changed


def remove_photo(session: Session, photo: Photo) -> None:
    """Take a photo away from its contribution; its files go with the next purge."""
    contribution = (
        session.get(Contribution, photo.contribution_id) if photo.contribution_id else None
    )
    _abandon(photo)
    session.flush()
    if contribution is not None:
        refresh_cover(session, contribution)
        signals.photo_removed.send(session, contribution=contribution)


def set_photo_state(session: Session, photo: Photo, state: ModerationState) -> None:
    """Show a photo or keep it from the public, whatever becomes of its contribution."""
    photo.moderation_state = state
    session.flush()
    contribution = (
        session.get(Contribution, photo.contribution_id) if photo.contribution_id else None
    )
    if contribution is not None:
        refresh_cover(session, contribution)


def refresh_cover(session: Session, contribution: Contribution) -> None:
    """Bring the number of photos and the first one, as lists show them, up to date."""
    session.flush()
    keys = session.scalars(
        select(Photo.key)
        .where(
            Photo.contribution_id == contribution.id,
            Photo.status_change_id.is_(None),
            Photo.moderation_state == ModerationState.PUBLISHED,
        )
        .order_by(Photo.position, Photo.id)
    ).all()
    contribution.photo_count = len(keys)
    contribution.cover_key = keys[0] if keys else None
    session.flush()


def purge_drafts(session: Session, store: FileStore, *, now: datetime | None = None) -> int:
    """Delete drafts older than a day and photos taken away, files included; return how many."""
    stale = (now or utcnow()) - DRAFT_LIFE
    photos = session.scalars(
        select(Photo).where(
            Photo.contribution_id.is_(None),
            Photo.draft_token.is_not(None),
            or_(Photo.draft_token == REMOVED, Photo.created_at < stale),
        )
    ).all()
    for photo in photos:
        # Files first: should the commit fail, the next purge comes by again.
        delete_files(store, photo.key)
        session.delete(photo)
    session.flush()
    return len(photos)


def delete_files(store: FileStore, key: str) -> None:
    """Delete every file of the photo ``key``."""
    for size in SIZES:
        store.delete(file_key(key, size))
    store.delete(original_key(key))


def _abandon(photo: Photo) -> None:
    photo.contribution_id = photo.status_change_id = None
    photo.draft_token = REMOVED
    photo.gps_lat = photo.gps_lon = None
    photo.original_format, photo.original_bytes, photo.original_name = "", 0, ""
    photo.description = ""
