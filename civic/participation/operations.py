"""What touches several capabilities at once."""

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions.models import Contribution
from civic.contributions.policies import is_author
from civic.follows import operations as follows
from civic.votes.queries import has_voted


def stop_following(session: Session, contribution: Contribution, *, actor: Actor) -> None:
    """Tell ``actor`` nothing more. Who wrote or supports it opts out for good, others just stop."""
    if actor.account_id is None:
        return
    takes_part = is_author(actor, contribution) or has_voted(
        session, contribution.id, actor.account_id
    )
    end = follows.mute if takes_part else follows.unfollow
    end(session, contribution, account_id=actor.account_id)
