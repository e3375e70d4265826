"""Holds: written down when something waits, closed when somebody has decided."""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions import signals
from civic.contributions.screening_registry import HoldReason
from civic.database import utcnow
from civic.flags.models import Flag
from civic.moderation.models import Hold, Origin
from civic.moderation.queries.holds import label_of

_LONGEST_DETAIL = 500


def hold_for(
    session: Session,
    reasons: Iterable[HoldReason],
    *,
    contribution_id: int,
    comment_id: int | None = None,
    actor: Actor,
) -> None:
    """Write down why a contribution, or one of its comments, waits for a moderator; say so."""
    found = list(reasons)
    if not found:
        return
    for reason in found:
        session.add(
            Hold(
                contribution_id=contribution_id,
                comment_id=comment_id,
                code=reason.code[:40],
                detail=reason.detail[:_LONGEST_DETAIL],
            )
        )
    session.flush()
    signals.held_for_review.send(
        session,
        contribution_id=contribution_id,
        comment_id=comment_id,
        reason=label_of(found[0].code),
        actor=actor,
    )


def is_waiting(session: Session, contribution_id: int, comment_id: int | None = None) -> bool:
    """Whether it is held for a reason that nobody has looked at."""
    return (
        session.scalar(
            select(Hold.id)
            .where(
                Hold.contribution_id == contribution_id,
                Hold.comment_id == comment_id,
                Hold.released_at.is_(None),
            )
            .limit(1)
        )
        is not None
    )


def origin_of(session: Session, contribution_id: int, comment_id: int | None = None) -> Origin:
    """Return what brought the matter here: a flag, a rule, or the moderator's own eyes."""
    flagged = session.scalar(
        select(Flag.id)
        .where(
            Flag.contribution_id == contribution_id,
            Flag.comment_id == comment_id,
            Flag.resolved_at.is_(None),
        )
        .limit(1)
    )
    if flagged is not None:
        return Origin.FLAG
    if is_waiting(session, contribution_id, comment_id):
        return Origin.RULE
    return Origin.OWN_INITIATIVE


def release(session: Session, contribution_id: int, comment_id: int | None = None) -> None:
    """Close the holds: somebody has looked."""
    session.execute(
        update(Hold)
        .where(
            Hold.contribution_id == contribution_id,
            Hold.comment_id == comment_id,
            Hold.released_at.is_(None),
        )
        .values(released_at=utcnow())
        .execution_options(synchronize_session=False)
    )
