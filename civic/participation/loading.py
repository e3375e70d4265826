"""Finding the contribution that a page is about, for somebody who may see it."""

from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.policies import may_see
from civic.contributions.queries import get_contribution
from civic.contributions.screening_registry import explain_removal
from civic.errors import Gone, NotFound
from civic.i18n import N_


def load_visible(
    session: Session, reference: str, actor: Actor, *, alone: bool = False
) -> Contribution:
    """Return the contribution known by ``reference``; ``alone``, without what pages show of it.

    Raises NotFound where there is none and where it is held for others to read first or private;
    Gone, with the clause, where it was hidden. Its author and the staff in charge see it in any
    state.
    """
    contribution = get_contribution(session, reference, alone=alone)
    if may_see(actor, contribution):
        return contribution
    if contribution.moderation_state is not ModerationState.HIDDEN:
        raise NotFound(N_("Aucune contribution ne porte cette référence."))
    clause = explain_removal(session, contribution)
    if not clause:
        raise Gone(N_("Ce contenu a été retiré."))
    raise Gone(N_("Ce contenu a été retiré. Règle appliquée : %(clause)s"), clause=gettext(clause))
