"""Who may manage an action: small predicates, default no."""

from civic.accounts.actor import Actor, Role
from civic.actions.models import Action
from civic.contributions.models import Contribution
from civic.contributions.policies import is_author, is_in_charge


def may_create(actor: Actor) -> bool:
    """Agents commit the town."""
    return actor.has(Role.AGENT)


def may_manage(actor: Actor, action: Action) -> bool:
    """An agent of its department and area; one for the whole town is for each of its areas."""
    return any(
        charge.covers(action.department_id, action.area_id)
        or (action.area_id is None and charge.department_id in {None, action.department_id})
        for charge in actor.charges
    )


def may_link(actor: Actor, contribution: Contribution) -> bool:
    """An agent links published contributions that are theirs to work on, never their own."""
    return (
        contribution.is_public
        and is_in_charge(actor, contribution)
        and not is_author(actor, contribution)
    )


def may_see(actor: Actor, action: Action) -> bool:
    """The public sees what is published; those who manage it see the rest."""
    return action.is_published or may_manage(actor, action)


def may_follow(actor: Actor, action: Action) -> bool:
    """Residents follow what is published."""
    return actor.is_resident and action.is_published
