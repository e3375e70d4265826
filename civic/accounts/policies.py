"""Who may do what with an account: small predicates, default no."""

from civic.accounts.actor import Actor, Role
from civic.accounts.models import Account


def is_self(actor: Actor, account: Account) -> bool:
    """Whether ``account`` is the actor's own."""
    return actor.account_id is not None and actor.account_id == account.id


def may_change(actor: Actor, account: Account) -> bool:
    """People change their own account, and nobody else's."""
    return is_self(actor, account) and account.erased_at is None


def may_erase(actor: Actor, account: Account) -> bool:
    """People erase their own account; the software erases those long unused."""
    return actor.is_system or may_change(actor, account)


def may_grant(actor: Actor) -> bool:
    """Administrators entrust roles; so does the command line, as the software."""
    return actor.is_system or actor.has(Role.ADMINISTRATOR)
