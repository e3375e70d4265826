"""Changing what is known of an area, besides its outline."""

from typing import Any

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.administration.models import Subject
from civic.administration.operations.changes import claim, record_edit, require_administrator
from civic.places.models import Area


def area_snapshot(area: Area) -> dict[str, Any]:
    """Return what the page of an area shows, by field."""
    return {"name": area.name, "population": area.population}


def edit_area(
    session: Session,
    area: Area,
    *,
    name: str,
    population: int | None,
    version: int,
    actor: Actor,
) -> None:
    """Change the name or the population of an area; its address stays. Raises ChangedMeanwhile."""
    require_administrator(actor)
    before = area_snapshot(area)
    claim(session, area, version)
    area.name, area.population = name, population
    session.flush()
    record_edit(
        session,
        actor=actor,
        subject=Subject.AREA,
        subject_id=area.id,
        label=area.name,
        before=before,
        after=area_snapshot(area),
    )
