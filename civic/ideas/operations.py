"""Proposing an idea, and what happens to it by itself."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, Actor
from civic.contributions.kinds import kinds
from civic.contributions.models import Contribution
from civic.contributions.operations import Draft, move
from civic.contributions.policies import parties
from civic.contributions.workflow import Party
from civic.errors import Invalid
from civic.i18n import N_
from civic.ideas.models import Idea
from civic.ideas.workflow import IdeaStatus
from civic.participation.submission.operations import Received, Sender, submit
from civic.votes.queries import has_voted

CODE = "idea"


def submit_idea(
    session: Session,
    draft: Draft,
    *,
    sender: Sender,
    form_key: str,
    attach: Callable[[Contribution], None] | None = None,
) -> Received:
    """Take an idea from a person; see civic.participation.submission.operations.submit.

    Raises Invalid when it says no more than its title.
    """
    if not draft.body.strip():
        raise Invalid(N_("Décrivez votre idée : quoi, où, pour qui."), field="body")
    return submit(session, kinds[CODE], draft, sender=sender, form_key=form_key, attach=attach)


def relaunch(session: Session, idea: Idea, *, actor: Actor) -> None:
    """Let an archived idea gather support again."""
    supports = has_voted(session, idea.id, actor.account_id)
    standing = parties(actor, idea, is_supporter=supports)
    move(session, idea, IdeaStatus.GATHERING, actor=actor, standing=standing)


def review_if_supported(session: Session, idea: Idea, *, threshold: int) -> bool:
    """Put an idea under review once ``threshold`` people support it; return whether it was."""
    if idea.status != IdeaStatus.GATHERING or idea.vote_count < threshold:
        return False
    move(session, idea, IdeaStatus.UNDER_REVIEW, actor=SYSTEM, standing={Party.SYSTEM})
    return True
