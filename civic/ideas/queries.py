"""What is asked of ideas."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.comments.models import Comment, Stance
from civic.contributions.models import ModerationState


@dataclass(frozen=True, slots=True)
class Stances:
    """How many public comments are for, against or neither."""

    in_favour: int = 0
    against: int = 0
    neither: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.in_favour + self.against + self.neither


def count_stances(session: Session, idea_id: int) -> Stances:
    """Return what the public comments of an idea say, in one query."""
    rows = session.execute(
        select(Comment.stance, func.count())
        .where(
            Comment.contribution_id == idea_id,
            Comment.moderation_state == ModerationState.PUBLISHED,
        )
        .group_by(Comment.stance)
    )
    counts = {stance: count for stance, count in rows}  # noqa: C416 (rows are typed by unpacking)
    return Stances(
        in_favour=counts.get(Stance.FOR, 0),
        against=counts.get(Stance.AGAINST, 0),
        neither=counts.get(Stance.NEITHER, 0),
    )
