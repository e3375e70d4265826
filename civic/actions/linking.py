"""Which contributions an agent may link to an action, named as they are typed."""

import re

from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.actions import policies, queries
from civic.contributions.models import Contribution
from civic.contributions.policies import is_in_charge
from civic.errors import Invalid
from civic.text.references import normalise_reference


def linkable(session: Session, text: str, actor: Actor) -> list[Contribution]:
    """Return the contributions whose references are in ``text``.

    Raises Invalid for those that the agent may not link, and NotFound for what nothing has or may
    not be known to exist.
    """
    references = [normalise_reference(word) or word for word in re.split(r"[\s,;]+", text) if word]
    found = queries.get_contributions(session, list(dict.fromkeys(references)))
    secret = [c.reference for c in found if not c.is_public and not is_in_charge(actor, c)]
    if secret:
        raise queries.no_contributions(secret)
    refused = [c.reference for c in found if not policies.may_link(actor, c)]
    if refused:
        raise Invalid(
            gettext(
                "Ces contributions ne relèvent pas de vos services, ou ne sont pas publiques : "
                "%(references)s.",
                references=", ".join(refused),
            )
        )
    return found
