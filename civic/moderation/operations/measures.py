"""Publish, hide, restore, lock: what a moderator does with a contribution or a comment."""

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
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
    session: Session, contribution: Contribution, *, actor: Actor, grounds: Grounds
) -> Decision:
    """Let the public see what was held, or keep what was flagged in sight.

    The flags are rejected. The author hears only when something changes for them.
    """
    check_may_moderate(actor, contribution)
    if contribution.moderation_state is ModerationState.HIDDEN:
        raise Conflict(N_("Ce contenu a été retiré entre-temps : remettez-le plutôt en ligne."))
    was_held = contribution.moderation_state is ModerationState.HELD
    decision = decide(
        session,
        Measure.PUBLISH,
        actor=actor,
        grounds=grounds,
        contribution=contribution,
        tells=was_held,
    )
    release(session, contribution.id)
    resolve_flags(session, contribution, FlagOutcome.REJECTED, actor=actor)
    contributions.publish(session, contribution, actor=actor)
    return decision


def hide(
    session: Session, contribution: Contribution, *, actor: Actor, grounds: Grounds
) -> Decision:
    """Keep it from the public, with the reasons; the flags are upheld."""
    check_may_moderate(actor, contribution)
    if contribution.moderation_state is ModerationState.HIDDEN:
        raise Conflict(N_("Ce contenu est déjà retiré."))
    decision = decide(
        session, Measure.HIDE, actor=actor, grounds=grounds, contribution=contribution
    )
    release(session, contribution.id)
    resolve_flags(session, contribution, FlagOutcome.UPHELD, actor=actor)
    contributions.hide(session, contribution, actor=actor)
    return decision


def restore(
    session: Session, contribution: Contribution, *, actor: Actor, grounds: Grounds
) -> Decision:
    """Let the public see again what was hidden."""
    check_may_moderate(actor, contribution)
    if contribution.moderation_state is not ModerationState.HIDDEN:
        raise Conflict(N_("Ce contenu n’est pas retiré."))
    decision = decide(
        session, Measure.RESTORE, actor=actor, grounds=grounds, contribution=contribution
    )
    release(session, contribution.id)
    contributions.publish(session, contribution, actor=actor)
    return decision


def lock(
    session: Session, contribution: Contribution, *, actor: Actor, grounds: Grounds
) -> Decision:
    """Close the comments; those there stay readable."""
    check_may_moderate(actor, contribution)
    if contribution.is_locked:
        raise Conflict(N_("Les commentaires sont déjà fermés."))
    decision = decide(
        session, Measure.LOCK, actor=actor, grounds=grounds, contribution=contribution
    )
    set_locked(session, contribution, is_locked=True, actor=actor)
    return decision


def unlock(
    session: Session, contribution: Contribution, *, actor: Actor, grounds: Grounds
) -> Decision:
    """Open the comments again."""
    check_may_moderate(actor, contribution)
    if not contribution.is_locked:
        raise Conflict(N_("Les commentaires sont déjà ouverts."))
    decision = decide(
        session, Measure.UNLOCK, actor=actor, grounds=grounds, contribution=contribution
    )
    set_locked(session, contribution, is_locked=False, actor=actor)
    return decision


def publish_comment(
    session: Session, comment: Comment, *, actor: Actor, grounds: Grounds
) -> Decision:
    """Let the public see a comment that was held, or keep one that was flagged."""
    check_may_moderate_comment(actor, comment)
    if comment.moderation_state is ModerationState.HIDDEN:
        raise Conflict(N_("Ce contenu a été retiré entre-temps : remettez-le plutôt en ligne."))
    was_held = comment.moderation_state is ModerationState.HELD
    decision = decide(
        session,
        Measure.PUBLISH,
        actor=actor,
        grounds=grounds,
        contribution=comment.contribution,
        comment=comment,
        tells=was_held,
    )
    release(session, comment.contribution_id, comment.id)
    resolve_flags(
        session, comment.contribution, FlagOutcome.REJECTED, actor=actor, comment_id=comment.id
    )
    comments.publish_comment(session, comment)
    return decision


def hide_comment(session: Session, comment: Comment, *, actor: Actor, grounds: Grounds) -> Decision:
    """Keep a comment from the public; its flags are upheld."""
    check_may_moderate_comment(actor, comment)
    if comment.moderation_state is ModerationState.HIDDEN:
        raise Conflict(N_("Ce contenu est déjà retiré."))
    decision = decide(
        session,
        Measure.HIDE,
        actor=actor,
        grounds=grounds,
        contribution=comment.contribution,
        comment=comment,
    )
    release(session, comment.contribution_id, comment.id)
    resolve_flags(
        session, comment.contribution, FlagOutcome.UPHELD, actor=actor, comment_id=comment.id
    )
    comments.hide_comment(session, comment)
    return decision


def restore_comment(
    session: Session, comment: Comment, *, actor: Actor, grounds: Grounds
) -> Decision:
    """Let the public see a hidden comment again."""
    check_may_moderate_comment(actor, comment)
    if comment.moderation_state is not ModerationState.HIDDEN:
        raise Conflict(N_("Ce contenu n’est pas retiré."))
    if not comment.body:
        raise Conflict(N_("Son auteur a repris ce commentaire : il n’en reste rien à montrer."))
    decision = decide(
        session,
        Measure.RESTORE,
        actor=actor,
        grounds=grounds,
        contribution=comment.contribution,
        comment=comment,
    )
    comments.publish_comment(session, comment)
    return decision


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
    check_may_moderate(actor, contribution)
    if (comment or contribution).moderation_state is not ModerationState.HIDDEN:
        raise Conflict(N_("Ce contenu n’est pas retiré."))
    comment_id = comment.id if comment else None
    release(session, contribution.id, comment_id)
    resolve_flags(session, contribution, FlagOutcome.UPHELD, actor=actor, comment_id=comment_id)


def check_may_moderate(actor: Actor, contribution: Contribution) -> None:
    """Raise Forbidden unless ``actor`` may decide about ``contribution``."""
    if not may_moderate(actor, contribution):
        raise Forbidden(OWN)


def check_may_moderate_comment(actor: Actor, comment: Comment) -> None:
    """Raise Forbidden unless ``actor`` may decide about ``comment``."""
    if not may_moderate_comment(actor, comment):
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
