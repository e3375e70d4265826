"""Who writes to whom in private: those in charge and the author; nobody else reads it."""

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor, Role
from civic.contributions.models import Contribution
from civic.contributions.policies import is_author, may_work_on
from civic.messages.queries import list_private


def may_write(actor: Actor, contribution: Contribution) -> bool:
    """Agents in charge and mediators write to the author, never about their own contribution."""
    is_ours = may_work_on(actor, contribution) or actor.has(Role.MEDIATOR)
    return is_ours and not is_author(actor, contribution)


def may_write_back(session: Session, actor: Actor, contribution: Contribution) -> bool:
    """The author answers what the town has written in private."""
    return is_author(actor, contribution) and bool(list_private(session, contribution.id))
