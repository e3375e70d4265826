"""Finding one contribution."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, lazyload, with_polymorphic

from civic.accounts.models import Account
from civic.contributions.models import Contribution
from civic.errors import NotFound
from civic.i18n import N_
from civic.text.references import normalise_reference


def find_contribution(session: Session, reference: str) -> Contribution | None:
    """Return the contribution known by ``reference``, in any spelling people use, or None.

    One query brings its kind's own columns, its category, department, area and author along.
    """
    canonical = normalise_reference(reference)
    if canonical is None:
        return None
    whole = with_polymorphic(Contribution, "*")
    return session.scalars(
        select(whole)
        .where(whole.reference == canonical)
        .options(
            joinedload(whole.area),
            joinedload(whole.author).options(lazyload(Account.grants)),
        )
    ).first()


def get_contribution(session: Session, reference: str) -> Contribution:
    """Return the contribution known by ``reference``; raises NotFound."""
    found = find_contribution(session, reference)
    if found is None:
        raise NotFound(N_("Aucune contribution ne porte cette référence."))
    return found
