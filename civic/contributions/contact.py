"""Whom an acknowledgement names: the service in charge, and how to reach it (CRPA R112-11-1)."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from civic.contributions.models import Contribution
from civic.places.queries import get_town


@dataclass(frozen=True, slots=True)
class Contact:
    """The service in charge: its name in both languages, and its addresses (may be empty)."""

    name: str
    name_en: str
    email: str
    postal_address: str
    telephone: str

    def name_in(self, locale: str) -> str:
        """Return the name in ``locale``."""
        return self.name_en if locale == "en" else self.name


def contact_for(session: Session, contribution: Contribution) -> Contact:
    """Return who answers for ``contribution``.

    While no department has it, and for whatever a department leaves empty, it is the town itself
    as its legal notice gives it.
    """
    town = get_town(session)
    department = contribution.department
    publisher = town.legal.get("publisher") or town.name
    return Contact(
        name=department.name if department else publisher,
        name_en=department.name_in("en") if department else publisher,
        email=(department.email if department else "") or town.legal.get("contact_email", ""),
        postal_address=(department.postal_address if department else "")
        or town.legal.get("publisher_address", ""),
        telephone=(department.telephone if department else "")
        or town.legal.get("contact_telephone", ""),
    )
