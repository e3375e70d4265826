"""Who may do what with a contribution: small predicates, default no."""

from datetime import datetime, timedelta

from civic.accounts.actor import Actor, Role
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.workflow import Party
from civic.database import utcnow

EDIT_WINDOW = timedelta(minutes=15)
UNDO_WINDOW = timedelta(minutes=10)
"""How long whoever took a step may take it back; the mails about it wait as long."""


def is_within_undo(at: datetime) -> bool:
    """Whether what was done ``at`` that time may still be taken back; never what is to come.

    A clock that was ahead and is set back leaves such steps: their mails may have left.
    """
    return timedelta(0) <= utcnow() - at < UNDO_WINDOW


def is_author(actor: Actor, contribution: Contribution) -> bool:
    """Whether ``actor`` wrote it, by account or by the private follow-up link."""
    if actor.account_id is not None and actor.account_id == contribution.author_id:
        return True
    return contribution.id in actor.follow_ids


def may_see(actor: Actor, contribution: Contribution) -> bool:
    """The public sees what is published; the author and the staff in charge see the rest.

    What is private is no matter of the moderation: moderators see nothing of it.
    """
    return contribution.is_public or may_see_waiting(actor, contribution)


def may_see_waiting(actor: Actor, contribution: Contribution) -> bool:
    """Whether ``actor`` sees what is not public, of a public contribution too: held photos, say."""
    if is_author(actor, contribution) or is_in_charge(actor, contribution):
        return True
    if actor.has(Role.MEDIATOR):
        return True
    is_private = contribution.moderation_state == ModerationState.PRIVATE
    return actor.has(Role.MODERATOR) and not is_private


def is_in_charge(actor: Actor, contribution: Contribution) -> bool:
    """Whether ``actor`` is an agent of its department and area (none named: of all)."""
    return actor.is_in_charge_of(contribution.department_id, contribution.area_id)


def may_work_on(actor: Actor, contribution: Contribution) -> bool:
    """Agents work on what is theirs, never on their own contribution."""
    return is_in_charge(actor, contribution) and not is_author(actor, contribution)


def may_edit(actor: Actor, contribution: Contribution) -> bool:
    """Authors edit for 15 minutes, or until someone has voted or commented."""
    if not is_author(actor, contribution) or not contribution.is_open:
        return False
    if contribution.moderation_state == ModerationState.HIDDEN or actor.is_suspended:
        return False
    untouched = contribution.vote_count == 0 and contribution.comment_count == 0
    return untouched and utcnow() - contribution.submitted_at <= EDIT_WINDOW


def may_add(actor: Actor, contribution: Contribution) -> bool:
    """Authors may add a precision as long as it is open, whatever the time."""
    return is_author(actor, contribution) and contribution.is_open and not actor.is_suspended


def parties(actor: Actor, contribution: Contribution, *, is_supporter: bool) -> set[Party]:
    """Return in which qualities ``actor`` stands towards ``contribution``.

    ``is_supporter`` says whether they have voted for it (the kernel does not know votes).
    """
    standing: set[Party] = set()
    if actor.is_system:
        standing.add(Party.SYSTEM)
    if is_author(actor, contribution):
        standing.add(Party.AUTHOR)
        return standing
    if is_supporter and actor.is_resident:
        standing.add(Party.SUPPORTER)
    if may_work_on(actor, contribution):
        standing.add(Party.AGENT)
    if actor.has(Role.MODERATOR) and may_see(actor, contribution):
        standing.add(Party.MODERATOR)
    if actor.has(Role.MEDIATOR):
        standing.add(Party.MEDIATOR)
    return standing
