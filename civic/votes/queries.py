"""Who supports what."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.contributions.hotness import VOTE_WEIGHT
from civic.contributions.models import Contribution
from civic.votes.models import Vote


def has_voted(session: Session, contribution_id: int, account_id: int | None) -> bool:
    """Whether the account supports the contribution; a visitor never does."""
    if account_id is None:
        return False
    found = select(Vote.account_id).where(
        Vote.contribution_id == contribution_id, Vote.account_id == account_id
    )
    return session.scalar(found) is not None


def list_supports(session: Session, contribution_id: int) -> list[tuple[datetime, float]]:
    """Return when each vote came and what it weighs, for the heat.

    Those that a file brought are a number only: they count from the submission on.
    """
    moments = session.scalars(select(Vote.at).where(Vote.contribution_id == contribution_id))
    supports = [(at, VOTE_WEIGHT) for at in moments]
    submitted_at, count = session.execute(
        select(Contribution.submitted_at, Contribution.vote_count).where(
            Contribution.id == contribution_id
        )
    ).one()
    imported = count - len(supports)
    return [*supports, (submitted_at, VOTE_WEIGHT * imported)] if imported > 0 else supports
