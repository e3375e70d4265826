"""Finding one contribution."""

from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, defer, joinedload, lazyload, with_polymorphic

from civic.accounts.models import Account
from civic.contributions.models import Contribution
from civic.errors import NotFound
from civic.i18n import N_
from civic.places.models import Area
from civic.taxonomy.models import Category
from civic.text.references import normalise_reference


def find_contribution(session: Session, reference: str) -> Contribution | None:
    """Return the contribution known by ``reference``, in any spelling people use, or None.

    One query brings its kind's own columns, its category with the questions, department, area and
    author along.
    """
    canonical = normalise_reference(reference)
    if canonical is None:
        return None
    found = session.scalars(_by_reference(), {"canonical": canonical})
    return found.unique().one_or_none()


@cache
def _by_reference() -> Select[Contribution]:
    """Once, when every kind is mapped: putting this together takes longer than the answer."""
    whole = with_polymorphic(Contribution, "*")
    return (
        select(whole)
        .where(whole.reference == bindparam("canonical"))
        .options(
            joinedload(whole.category).joinedload(Category.questions),
            # Outlines are large, and no page of a contribution draws them.
            joinedload(whole.area).options(defer(Area.outline), defer(Area.drawing)),
            joinedload(whole.author).options(lazyload(Account.grants)),
        )
    )


def get_contribution(session: Session, reference: str) -> Contribution:
    """Return the contribution known by ``reference``; raises NotFound."""
    found = find_contribution(session, reference)
    if found is None:
        raise NotFound(N_("Aucune contribution ne porte cette référence."))
    return found
