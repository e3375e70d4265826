"""Who may say what. Default no; each no has its sentence."""

from datetime import datetime, timedelta
from typing import Protocol

from civic.accounts.actor import Actor
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.policies import may_work_on
from civic.database import utcnow
from civic.i18n import N_

EDIT_WINDOW = timedelta(minutes=15)
SUSPENDED = N_("Votre compte est suspendu : vous ne pouvez pas participer pour le moment.")


class Words(Protocol):
    """What the rules have to know of a comment, whether it is a row or read for a page."""

    @property
    def author_id(self) -> int | None:
        """Who wrote it."""

    @property
    def moderation_state(self) -> ModerationState:
        """Whether the public may read it."""

    @property
    def created_at(self) -> datetime:
        """When it was written."""


def comment_refusal(actor: Actor, contribution: Contribution) -> str:
    """Return why ``actor`` may not comment on it, as a French msgid; empty when they may.

    Whether somebody is signed in is not asked here: a visitor is led to the sign-in page.
    """
    if actor.is_suspended:
        return SUSPENDED
    if not contribution.is_public:
        return N_("Elle n’est pas publique : elle ne peut pas être commentée.")
    if contribution.is_locked:
        return N_("Les commentaires sont fermés par la modération.")
    if contribution.duplicate_of_id is not None:
        return N_("Elle a été réunie avec une autre : la discussion continue là-bas.")
    if kind_of(contribution).workflow[contribution.status].is_final:
        return N_("Elle est retirée : elle ne reçoit plus de commentaires.")
    return ""


def may_answer_officially(actor: Actor, contribution: Contribution) -> bool:
    """Agents in charge answer in the name of the department, never under their own report."""
    return contribution.department_id is not None and may_work_on(actor, contribution)


def is_own(actor: Actor, author_id: int | None) -> bool:
    """Whether ``actor`` wrote what the account ``author_id`` wrote."""
    return actor.account_id is not None and actor.account_id == author_id


def may_edit_comment(actor: Actor, comment: Words, *, has_replies: bool) -> bool:
    """Authors edit for 15 minutes, as long as nobody has answered."""
    if not is_own(actor, comment.author_id) or not actor.is_resident or has_replies:
        return False
    if comment.moderation_state is ModerationState.HIDDEN:
        return False
    return utcnow() - comment.created_at <= EDIT_WINDOW


def may_withdraw_comment(actor: Actor, comment: Words) -> bool:
    """Authors take back what they said, whenever they like."""
    hidden = comment.moderation_state is ModerationState.HIDDEN
    return is_own(actor, comment.author_id) and not hidden


def may_judge(actor: Actor, comment: Words) -> bool:
    """Residents say whether a comment of somebody else helps."""
    public = comment.moderation_state is ModerationState.PUBLISHED
    return actor.is_resident and public and not is_own(actor, comment.author_id)
