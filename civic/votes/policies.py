"""Who may support what. Default no; each no has its sentence."""

from civic.accounts.actor import Actor
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution
from civic.contributions.policies import is_author
from civic.i18n import N_

SUSPENDED = N_("Votre compte est suspendu : vous ne pouvez pas participer pour le moment.")


def vote_refusal(actor: Actor, contribution: Contribution) -> str:
    """Return why ``actor`` may not support it, as a French msgid; an empty text when they may.

    Whether somebody is signed in is not asked here: a visitor is led to the sign-in page.
    """
    if is_author(actor, contribution):
        return N_("Vous en êtes l’auteur : seuls les autres habitants sont comptés ici.")
    if actor.is_suspended:
        return SUSPENDED
    if not contribution.is_public:
        return N_("Elle n’est pas publique : elle ne peut pas recevoir de soutien.")
    if contribution.is_locked:
        return N_("La participation est close par la modération.")
    if contribution.duplicate_of_id is not None:
        return N_("Elle a été réunie avec une autre : c’est l’autre qui reçoit les soutiens.")
    if kind_of(contribution).workflow[contribution.status].is_final:
        return N_("Elle est retirée : elle ne reçoit plus de soutien.")
    return ""


def may_vote(actor: Actor, contribution: Contribution) -> bool:
    """Residents support what others wrote, as long as it is public and takes supports."""
    return actor.is_resident and not vote_refusal(actor, contribution)
