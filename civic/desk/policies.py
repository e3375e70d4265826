"""Who opens a case, and who works on it: agents for what is theirs, mediators for contests."""

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor, Role
from civic.accounts.models import Account
from civic.accounts.queries import list_areas_around
from civic.contributions.models import Contribution
from civic.contributions.policies import is_author, is_in_charge, may_work_on
from civic.desk.models import SavedReply


def may_open(actor: Actor, contribution: Contribution) -> bool:
    """Agents in charge, and mediators, who see everything about a case."""
    return is_in_charge(actor, contribution) or actor.has(Role.MEDIATOR)


def may_note(actor: Actor, contribution: Contribution) -> bool:
    """Whoever opens a case may leave a note, but not about their own contribution."""
    return may_open(actor, contribution) and not is_author(actor, contribution)


def may_reclassify(actor: Actor, contribution: Contribution) -> bool:
    """Agents in charge change category, department and who does the work."""
    return may_work_on(actor, contribution)


def may_see_contact(actor: Actor, contribution: Contribution) -> bool:
    """The author's address is for those who answer them."""
    return may_note(actor, contribution)


def may_edit_reply(actor: Actor, reply: SavedReply) -> bool:
    """Agents edit the replies of their departments; those for all, who work for all."""
    if not actor.has(Role.AGENT):
        return False
    return not actor.department_ids or reply.department_id in actor.department_ids


def works_for(session: Session, account: Account, contribution: Contribution) -> bool:
    """Whether ``account`` is an agent of its department and area, and so can be assigned to it."""
    areas = list_areas_around(session, contribution.area_id)
    return any(
        grant.role is Role.AGENT
        and grant.department_id in {None, contribution.department_id}
        and (grant.area_id is None or grant.area_id in areas)
        for grant in account.grants
    )
