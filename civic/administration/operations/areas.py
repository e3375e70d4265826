"""Changing what is known of an area, and taking in outlines."""

from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.administration.models import Change, Subject
from civic.administration.operations.changes import (
    claim,
    record,
    record_edit,
    require_administrator,
)
from civic.contributions.models import Contribution
from civic.errors import Invalid
from civic.i18n import N_
from civic.places.areas import AreaImport, import_areas, restore_area, retire_areas
from civic.places.models import Area, AreaLevel

MOST_TO_REASSIGN = 50_000
"""Above this many contributions the command line assigns them, which nobody has to wait for."""


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


def set_area_used(session: Session, area: Area, *, used: bool, actor: Actor) -> int:
    """Retire an area, or take it into use again; returns how many rows lie in another area now.

    The town itself is not retired: a file of outlines replaces it. Raises Invalid, also where
    there is too much to assign anew.
    """
    require_administrator(actor)
    if area.level is AreaLevel.TOWN and not used:
        raise Invalid(N_("Le contour de la ville ne se retire pas : chargez-en un autre."))
    if is_too_large_here(session):
        raise Invalid(N_("Cette ville est trop grande : utilisez la commande."))
    if (area.retired_at is None) == used:
        return 0
    claim(session, area, area.version)
    moved = restore_area(session, area) if used else retire_areas(session, [area])
    what = Change.REACTIVATED if used else Change.DEACTIVATED
    record(
        session,
        actor=actor,
        subject=Subject.AREA,
        what=what,
        subject_id=area.id,
        label=area.name,
    )
    return moved


def is_too_large_here(session: Session) -> bool:
    """Whether there is so much to assign anew that a request is the wrong place for it."""
    number = session.scalar(
        select(func.count()).select_from(
            select(Contribution.id).limit(MOST_TO_REASSIGN + 1).subquery()
        )
    )
    return (number or 0) > MOST_TO_REASSIGN


def import_outlines(
    session: Session, data: bytes, *, level: AreaLevel, replace: bool, actor: Actor
) -> AreaImport:
    """Take in the outlines of a GeoJSON file and assign every contribution anew.

    With ``replace`` the areas of that level that the file does not hold are retired.

    Raises Invalid when the file is no GeoJSON or holds no outline that can be used.
    """
    require_administrator(actor)
    result = import_areas(session, _features(data), level, replace=replace)
    if not (result.added or result.changed or result.unchanged):
        reasons = ", ".join(dict.fromkeys(reason for _, reason in result.rejects[:20]))
        raise Invalid(
            N_("Ce fichier ne contient aucun contour utilisable (%(reasons)s)."),
            field="file",
            reasons=reasons or "0",
        )
    details = {name: [None, number] for name, number in result.as_dict().items() if number}
    record(
        session,
        actor=actor,
        subject=Subject.AREA,
        what=Change.IMPORTED,
        label=level.value,
        details=details,
    )
    return result


def _features(data: bytes) -> list[dict[str, Any]]:
    try:
        document = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise Invalid(
            N_(
                "Ce fichier n’est pas du GeoJSON. Choisissez un fichier .geojson en degrés (WGS84)."
            ),
            field="file",
        )
    found = document.get("features", [document])
    features = found if isinstance(found, list) else []
    return [feature for feature in features if isinstance(feature, dict)]
