"""What is known of the town."""

from sqlalchemy.orm import Session

from civic.errors import NotFound
from civic.i18n import N_
from civic.places.models import Town


def find_town(session: Session) -> Town | None:
    """Return the town that this installation serves, or None before ``civic init``."""
    return session.get(Town, 1)


def get_town(session: Session) -> Town:
    """Return the town; raises NotFound before ``civic init`` or ``civic demo``."""
    town = find_town(session)
    if town is None:
        raise NotFound(N_("La ville n'est pas encore créée : lancez « civic init »."))
    return town
