"""Who may change the settings."""

from civic.accounts.actor import Actor, Role


def may_administer(actor: Actor) -> bool:
    """Administrators change the settings; so does the command line, as the software."""
    return actor.is_system or actor.has(Role.ADMINISTRATOR)
