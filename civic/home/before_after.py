"""What was done, shown: the photo that asked for it beside the photo of the finished work."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from civic.attachments.models import Photo
from civic.contributions.kinds import kinds
from civic.contributions.models import (
    IS_IN_FORCE,
    IS_PUBLISHED,
    Contribution,
    ModerationState,
    StatusChange,
)
from civic.contributions.workflow import StatusType

_COMBINED = 25
"""A work has five photos before and five after at most: so many rows are one work's."""


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """One pair; the keys and descriptions are those of its photos."""

    reference: str
    kind: str
    title: str
    address: str
    at: datetime
    before_key: str
    before_text: str
    after_key: str
    after_text: str

    @property
    def blueprint(self) -> str:
        """Where its page is."""
        return kinds[self.kind].blueprint


def before_and_after(session: Session, *, limit: int) -> list[BeforeAfter]:
    """Return the works done last of which both photos are public, in one query."""
    before = aliased(Photo)
    finished = {
        status.code
        for kind in kinds
        for status in kind.workflow.statuses
        if status.type is StatusType.FIXED
    }
    rows = session.execute(
        select(
            Contribution.reference,
            Contribution.kind,
            Contribution.title,
            Contribution.address,
            StatusChange.at,
            before.key.label("before_key"),
            before.description.label("before_text"),
            Photo.key.label("after_key"),
            Photo.description.label("after_text"),
        )
        .select_from(Photo)
        .join(StatusChange, StatusChange.id == Photo.status_change_id)
        .join(Contribution, Contribution.id == Photo.contribution_id)
        .join(before, before.contribution_id == Contribution.id)
        .where(
            # Read backwards through its index, which holds the photos of steps: few rows of many.
            Photo.status_change_id.is_not(None),
            Photo.moderation_state == ModerationState.PUBLISHED,
            before.status_change_id.is_(None),
            before.moderation_state == ModerationState.PUBLISHED,
            StatusChange.to_status.in_(sorted(finished)),
            IS_IN_FORCE,
            Contribution.status_type == StatusType.FIXED,
            IS_PUBLISHED,
        )
        .order_by(Photo.status_change_id.desc(), Photo.position, Photo.id, before.position)
        .limit(limit * _COMBINED)
    )
    pairs: dict[str, BeforeAfter] = {}
    for row in rows:
        pairs.setdefault(row.reference, BeforeAfter(*row))
    return list(pairs.values())[:limit]
