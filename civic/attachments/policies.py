"""Who may say what is to be seen on a photo."""

from civic.accounts.actor import Actor, Role
from civic.contributions.models import Contribution
from civic.contributions.policies import is_author, may_edit, may_work_on


def may_describe(actor: Actor, contribution: Contribution) -> bool:
    """Authors while they may edit; agents what is theirs; moderators all but their own."""
    if may_edit(actor, contribution) or may_work_on(actor, contribution):
        return True
    return actor.has(Role.MODERATOR) and not is_author(actor, contribution)
