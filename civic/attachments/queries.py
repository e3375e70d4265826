"""Finding photos."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.attachments.models import Photo
from civic.contributions.models import Contribution, ModerationState


@dataclass(frozen=True, slots=True)
class PhotoAccess:
    """What decides who may look at a photo."""

    contribution_id: int | None
    draft_token: str | None
    is_public: bool
    original_format: str = ""
    """Set while it waits as it came; only a draft does."""


def list_photos(
    session: Session, contribution_id: int, *, public_only: bool = True
) -> Sequence[Photo]:
    """Return the photos of a contribution, those of its steps included, in their order."""
    query = select(Photo).where(Photo.contribution_id == contribution_id)
    if public_only:
        query = query.where(Photo.moderation_state == ModerationState.PUBLISHED)
    return session.scalars(query.order_by(Photo.position, Photo.id)).all()


def list_photos_in(
    session: Session, contribution: Contribution, state: ModerationState
) -> Sequence[Photo]:
    """Return the photos of a contribution, those of its steps included, that are in ``state``."""
    return session.scalars(
        select(Photo)
        .where(Photo.contribution_id == contribution.id, Photo.moderation_state == state)
        .order_by(Photo.position, Photo.id)
    ).all()


class Cover(NamedTuple):
    """The first photo of something, as lists show it."""

    key: str
    description: str
    width: int
    height: int


def get_covers(session: Session, keys: Collection[str]) -> Mapping[str, Cover]:
    """Return first photos by their keys, in one query."""
    if not keys:
        return {}
    columns = Photo.key, Photo.description, Photo.width, Photo.height
    rows = session.execute(select(*columns).where(Photo.key.in_(keys)))
    return {row.key: Cover(*row) for row in rows}


def find_access(session: Session, key: str) -> PhotoAccess | None:
    """Return who may look at the photo ``key``, in one query; None when there is no such photo."""
    row = session.execute(
        select(
            Photo.contribution_id,
            Photo.draft_token,
            Photo.original_format,
            Photo.moderation_state,
            Contribution.moderation_state,
        )
        .outerjoin(Contribution, Contribution.id == Photo.contribution_id)
        .where(Photo.key == key)
    ).first()
    if row is None:
        return None
    contribution_id, draft_token, original_format, *states = row
    is_waiting = contribution_id is None and draft_token is not None
    # A photo of nobody's contribution that is no draft stands in the news of the town.
    is_shown = all(state in {ModerationState.PUBLISHED, None} for state in states)
    return PhotoAccess(contribution_id, draft_token, is_shown and not is_waiting, original_format)
