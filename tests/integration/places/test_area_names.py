"""The areas of the town by name, in the order people look for them."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from civic.places.models import Area
from civic.places.queries import list_areas


def test_numbers_are_counted_and_accents_are_no_letter_of_their_own(
    session: Session, town: Any
) -> None:
    rename(session, "10e arrondissement", "2e arrondissement")
    assert [area.name for area in list_areas(session)] == [
        "2e arrondissement",
        "10e arrondissement",
    ]
    rename(session, "Zola", "Épinettes")
    assert [area.name for area in list_areas(session)] == ["Épinettes", "Zola"]


def rename(session: Session, west: str, east: str) -> None:
    for slug, name in (("ouest", west), ("est", east)):
        session.execute(update(Area).where(Area.slug == slug).values(name=name))
    session.commit()
