"""Letting the public see a contribution, or not. What is private stays so: Conflict is raised."""

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions import signals
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.operations.editing import record, touch
from civic.database import utcnow
from civic.errors import Conflict
from civic.i18n import N_


def publish(session: Session, contribution: Contribution, *, actor: Actor) -> None:
    """Let the public see it (again). The caller keeps the decision or policy that allows it."""
    if contribution.is_public:
        return
    _set_state(session, contribution, ModerationState.PUBLISHED, actor)
    contribution.published_at = contribution.published_at or utcnow()
    session.flush()
    signals.contribution_published.send(session, contribution=contribution, actor=actor)


def hold(session: Session, contribution: Contribution, *, actor: Actor) -> None:
    """Keep it from the public until a moderator has looked."""
    if contribution.moderation_state == ModerationState.HELD:
        return
    _set_state(session, contribution, ModerationState.HELD, actor)
    signals.contribution_hidden.send(session, contribution=contribution, actor=actor)


def hide(
    session: Session, contribution: Contribution, *, actor: Actor, stays_due: bool = False
) -> None:
    """Keep it from the public. The caller keeps the decision.

    ``stays_due``: the problem that it names is still to be dealt with; otherwise nobody works on it
    any more.
    """
    if contribution.moderation_state == ModerationState.HIDDEN:
        return
    contribution.stays_due = stays_due
    _set_state(session, contribution, ModerationState.HIDDEN, actor)
    signals.contribution_hidden.send(session, contribution=contribution, actor=actor)


def _set_state(
    session: Session, contribution: Contribution, state: ModerationState, actor: Actor
) -> None:
    if contribution.moderation_state is ModerationState.PRIVATE:
        raise Conflict(
            N_("Ce dossier est privé : il reste entre la personne qui l’a écrit et la ville.")
        )
    record(
        session,
        contribution,
        "moderation_state",
        contribution.moderation_state.value,
        state.value,
        actor,
        is_public=False,
    )
    contribution.moderation_state = state
    touch(session, contribution)
