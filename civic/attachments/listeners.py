"""What photos add to the copy of a person's data."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.accounts.signals import account_exported
from civic.attachments.models import Photo
from civic.attachments.operations import set_photo_state
from civic.contributions.models import Contribution, ModerationState, StatusChange
from civic.contributions.signals import step_undone


def connect() -> None:
    """Listen; listening twice changes nothing."""
    account_exported.connect(export)
    step_undone.connect(hide_photos_of_step)


def hide_photos_of_step(session: Session, *, change: StatusChange, **_: Any) -> None:
    """The photos that went with a step leave the public with it."""
    for photo in session.scalars(select(Photo).where(Photo.status_change_id == change.id)):
        set_photo_state(session, photo, ModerationState.HIDDEN)


def export(session: Session, account: Account, data: dict[str, Any], **_: Any) -> None:
    """Give the person the photos of what they submitted, and of the steps they took."""
    rows = session.execute(
        select(Contribution.reference, Photo.key, Photo.description, Photo.created_at)
        .join(Contribution, Contribution.id == Photo.contribution_id)
        .outerjoin(StatusChange, StatusChange.id == Photo.status_change_id)
        .where(
            (Photo.status_change_id.is_(None) & (Contribution.author_id == account.id))
            | (StatusChange.actor_id == account.id)
        )
        .order_by(Photo.id)
    )
    data["photos"] = [
        {
            "reference": reference,
            "path": f"/photos/{key}/large.jpg",
            "description": description,
            "at": at.isoformat(),
        }
        for reference, key, description, at in rows
    ]
