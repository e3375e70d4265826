"""Publish, hide, restore, lock: what a moderator does with a contribution or a comment."""

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.attachments.operations import set_photo_state
from civic.attachments.queries import list_photos_in
from civic.comments import operations as comments
from civic.comments.models import Comment
from civic.contributions import operations as contributions
from civic.contributions.models import Contribution, ModerationState
from civic.errors import Conflict, Forbidden
from civic.flags.models import FlagOutcome
from civic.flags.operations import resolve_flags
from civic.i18n import N_
from civic.moderation.models import Decision, Measure
from civic.moderation.operations.holds import release
from civic.moderation.operations.statements import Grounds, decide
from civic.moderation.policies import may_moderate, may_moderate_comment

OWN = N_("Vous ne pouvez pas décider de ce que vous avez écrit : une autre personne le fera.")


def publish(
    session: Session,
    contribution: Contribution,
    comment: Comment | None = None,
    *,
    actor: Actor,
    grounds: Grounds,
) -> Decision:
    """Let the public see what was held, or keep what was flagged in sight.

    The flags are rejected. The author hears only when something changes for them.
    """
    state = _state_to_decide(actor, contribution, comment)
    if state is ModerationState.HIDDEN:
        raise Conflict(N_("Ce contenu a été retiré entre-temps : remettez-le plutôt en ligne."))
    decision = decide(
        session,
        Measure.PUBLISH,
        actor=actor,
        grounds=grounds,
        contribution=contribution,
        comment=comment,
        tells=state is ModerationState.HELD,
    )
    _settle(session, contribution, comment, actor=actor, outcome=FlagOutcome.REJECTED)
    _show(session, contribution, comment, actor=actor)
    return decision


def hide(
    session: Session,
    contribution: Contribution,
    comment: Comment | None = None,
    *,
    actor: Actor,
    grounds: Grounds,
    stays_due: bool = False,
) -> Decision:
    """Keep it from the public, with the reasons; the flags are upheld.

    ``stays_due``: a contribution leaves the public, but its problem stays with the desk.
    """
    if _state_to_decide(actor, contribution, comment) is ModerationState.HIDDEN:
        raise Conflict(N_("Ce contenu est déjà retiré."))
    if comment is None:
        contribution.stays_due = stays_due
    decision = decide(
        session,
        Measure.HIDE,
        actor=actor,
        grounds=grounds,
        contribution=contribution,
        comment=comment,
    )
    _settle(session, contribution, comment, actor=actor, outcome=FlagOutcome.UPHELD)
    if comment is None:
        contributions.hide(session, contribution, actor=actor, stays_due=stays_due)
    else:
        comments.hide_comment(session, comment)
    return decision


def restore(
    session: Session,
    contribution: Contribution,
    comment: Comment | None = None,
    *,
    actor: Actor,
    grounds: Grounds,
) -> Decision:
    """Let the public see again what was hidden."""
    _check_hidden(actor, contribution, comment)
    if comment is not None and not comment.body:
        raise Conflict(N_("Son auteur a repris ce commentaire : il n’en reste rien à montrer."))
    decision = decide(
        session,
        Measure.RESTORE,
        actor=actor,
        grounds=grounds,
        contribution=contribution,
        comment=comment,
    )
    release(session, contribution.id, comment.id if comment else None)
    _show(session, contribution, comment, actor=actor)
    return decision


def lock(
    session: Session, contribution: Contribution, *, actor: Actor, grounds: Grounds
) -> Decision:
    """Close the comments; those there stay readable."""
    if contribution.is_locked:
        raise Conflict(N_("Les commentaires sont déjà fermés."))
    return _turn_key(session, contribution, Measure.LOCK, actor=actor, grounds=grounds)


def unlock(
    session: Session, contribution: Contribution, *, actor: Actor, grounds: Grounds
) -> Decision:
    """Open the comments again."""
    if not contribution.is_locked:
        raise Conflict(N_("Les commentaires sont déjà ouverts."))
    return _turn_key(session, contribution, Measure.UNLOCK, actor=actor, grounds=grounds)


def close(
    session: Session,
    contribution: Contribution,
    comment: Comment | None = None,
    *,
    actor: Actor,
) -> None:
    """Take out of the queue what is not to be seen any more: there is nothing left to decide.

    Whoever asked was right in the end. Raises Conflict for what the public can or may yet see.
    """
    _check_hidden(actor, contribution, comment)
    _settle(session, contribution, comment, actor=actor, outcome=FlagOutcome.UPHELD)


def check_may_moderate(
    actor: Actor, contribution: Contribution, comment: Comment | None = None
) -> None:
    """Raise Forbidden unless ``actor`` may decide about it: nobody does about their own words.

    The worker may, for what was decided before.
    """
    allowed = may_moderate_comment(actor, comment) if comment else may_moderate(actor, contribution)
    if not allowed and not actor.is_system:
        raise Forbidden(OWN)


def set_locked(
    session: Session, contribution: Contribution, *, is_locked: bool, actor: Actor
) -> None:
    """Close or open the comments, and write it in the history."""
    words = {True: "locked", False: "open"}
    contributions.record(
        session, contribution, "locked", words[not is_locked], words[is_locked], actor
    )
    contribution.is_locked = is_locked
    session.flush()


def _state_to_decide(
    actor: Actor, contribution: Contribution, comment: Comment | None
) -> ModerationState:
    check_may_moderate(actor, contribution, comment)
    return (comment or contribution).moderation_state


def _check_hidden(actor: Actor, contribution: Contribution, comment: Comment | None) -> None:
    if _state_to_decide(actor, contribution, comment) is not ModerationState.HIDDEN:
        raise Conflict(N_("Ce contenu n’est pas retiré."))


def _settle(
    session: Session,
    contribution: Contribution,
    comment: Comment | None,
    *,
    actor: Actor,
    outcome: FlagOutcome,
) -> None:
    comment_id = comment.id if comment else None
    release(session, contribution.id, comment_id)
    resolve_flags(session, contribution, outcome, actor=actor, comment_id=comment_id)


def _show(
    session: Session, contribution: Contribution, comment: Comment | None, *, actor: Actor
) -> None:
    """Let the public see it, with the photos that waited to be looked at."""
    if comment is not None:
        comments.publish_comment(session, comment)
        return
    for photo in list_photos_in(session, contribution, ModerationState.HELD):
        set_photo_state(session, photo, ModerationState.PUBLISHED)
    contributions.publish(session, contribution, actor=actor)


def _turn_key(
    session: Session,
    contribution: Contribution,
    measure: Measure,
    *,
    actor: Actor,
    grounds: Grounds,
) -> Decision:
    check_may_moderate(actor, contribution)
    decision = decide(session, measure, actor=actor, grounds=grounds, contribution=contribution)
    set_locked(session, contribution, is_locked=measure is Measure.LOCK, actor=actor)
    return decision
