"""What touches several capabilities at once."""

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.attachments.operations import attach
from civic.contributions import signals
from civic.contributions.models import Contribution
from civic.contributions.policies import is_author
from civic.follows import operations as follows
from civic.votes.queries import has_voted


def add_photos(
    session: Session,
    contribution: Contribution,
    draft_token: str,
    *,
    actor: Actor,
    status_change_id: int | None = None,
) -> None:
    """Give a person's photos to ``contribution``; who must look at them first is told."""
    if attach(session, contribution, draft_token, status_change_id=status_change_id):
        signals.photos_attached.send(
            session, contribution=contribution, status_change_id=status_change_id, actor=actor
        )


def stop_following(session: Session, contribution: Contribution, *, actor: Actor) -> None:
    """Tell ``actor`` nothing more. Who wrote or supports it opts out for good, others just stop."""
    if actor.account_id is None:
        return
    takes_part = is_author(actor, contribution) or has_voted(
        session, contribution.id, actor.account_id
    )
    end = follows.mute if takes_part else follows.unfollow
    end(session, contribution, account_id=actor.account_id)
