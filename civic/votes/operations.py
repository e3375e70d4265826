"""Giving support and taking it back: one person, one vote."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions import signals
from civic.contributions.counters import count_down, count_up
from civic.contributions.hotness import VOTE_WEIGHT
from civic.contributions.models import Contribution
from civic.database import insert_or_ignore, utcnow
from civic.errors import Forbidden
from civic.i18n import N_
from civic.votes.models import Vote
from civic.votes.policies import vote_refusal


def vote(
    session: Session, contribution: Contribution, *, actor: Actor, at: datetime | None = None
) -> bool:
    """Let ``actor`` support ``contribution``; return whether that is new.

    Voting again changes nothing. Raises Forbidden with the sentence of the policy.
    """
    _refuse(actor, contribution)
    account_id = _account_id(actor)
    at = at or utcnow()
    values = {"contribution_id": contribution.id, "account_id": account_id, "at": at}
    if not insert_or_ignore(session, Vote, values):
        return False
    count_up(session, contribution, "vote_count", at, VOTE_WEIGHT)
    # Somebody may have merged or hidden it since it was read, and lent the votes of before.
    _refuse(actor, contribution)
    signals.vote_cast.send(session, contribution=contribution, actor=actor)
    return True


def unvote(session: Session, contribution: Contribution, *, actor: Actor) -> bool:
    """Take the support of ``actor`` back, whatever the status; return whether there was one."""
    gone = session.execute(
        delete(Vote)
        .where(Vote.contribution_id == contribution.id, Vote.account_id == _account_id(actor))
        .returning(Vote.account_id)
        .execution_options(synchronize_session=False)
    ).first()
    if gone is None:
        return False
    count_down(session, contribution, "vote_count")
    signals.vote_withdrawn.send(session, contribution=contribution, actor=actor)
    return True


def forget_voter(session: Session, account_id: int) -> int:
    """Remove every vote of an account that is erased, counters with it; return how many."""
    voted = session.scalars(
        select(Contribution)
        .join(Vote, Vote.contribution_id == Contribution.id)
        .where(Vote.account_id == account_id)
        # In a fixed order, so that two erasures wait for each other and do not deadlock.
        .order_by(Contribution.id)
    ).all()
    session.execute(
        delete(Vote)
        .where(Vote.account_id == account_id)
        .execution_options(synchronize_session=False)
    )
    for contribution in voted:
        count_down(session, contribution, "vote_count")
    return len(voted)


def _refuse(actor: Actor, contribution: Contribution) -> None:
    refusal = vote_refusal(actor, contribution)
    if refusal:
        raise Forbidden(refusal)


def _account_id(actor: Actor) -> int:
    if actor.account_id is None or not actor.is_verified:
        raise Forbidden(N_("Connectez-vous avec une adresse vérifiée pour participer."))
    return actor.account_id
