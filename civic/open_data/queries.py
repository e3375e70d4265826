"""What is given away of contributions."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from civic.contributions.models import Contribution, ModerationState
from civic.contributions.projection import select_public


def list_contributions_after(session: Session, last: int, limit: int) -> Sequence[Row[Any]]:
    """Return what is public of the next contributions after the id ``last``, by id.

    ``duplicate_of`` is the reference of the one that each was merged into, where that is public.
    """
    other = Contribution.__table__.alias("other")
    is_shown = (other.c.id == Contribution.duplicate_of_id) & (
        other.c.moderation_state == ModerationState.PUBLISHED
    )
    return session.execute(
        select_public(other.c.reference.label("duplicate_of"))
        .outerjoin(other, is_shown)
        .where(Contribution.id > last)
        .order_by(Contribution.id)
        .limit(limit)
    ).all()
