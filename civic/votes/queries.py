"""Who supports what."""

from collections.abc import Iterable
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


def voted_ids(
    session: Session, account_id: int | None, contribution_ids: Iterable[int]
) -> frozenset[int]:
    """Return which of ``contribution_ids`` the account supports, in one query."""
    wanted = list(contribution_ids)
    if account_id is None or not wanted:
        return frozenset()
    found = select(Vote.contribution_id).where(
        Vote.account_id == account_id, Vote.contribution_id.in_(wanted)
    )
    return frozenset(session.scalars(found))


def voter_ids(session: Session, contribution_id: int) -> list[int]:
    """Return the accounts that support it, for those who tell them news; never shown."""
    return list(
        session.scalars(
            select(Vote.account_id)
            .where(Vote.contribution_id == contribution_id)
            .order_by(Vote.account_id)
        )
    )


def supports_of(session: Session, contribution_id: int) -> list[tuple[datetime, float]]:
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
