"""Changing what is known of an area, and taking in outlines."""

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.administration.models import Change, Subject
from civic.administration.operations.changes import (
    claim,
    record,
    record_edit,
    require_administrator,
)
from civic.errors import Conflict, Invalid
from civic.i18n import N_
from civic.places.areas import AreaImport, import_areas, restore_area, retire_areas
from civic.places.models import Area, AreaLevel
from civic.places.schedule import REASSIGN
from civic.tasks.queue import enqueue


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


def set_area_used(
    session: Session, area: Area, *, used: bool, actor: Actor, commit: Callable[[], None]
) -> None:
    """Retire an area, or take it into use again; the worker then assigns every place anew.

    The town itself is not retired: a file of outlines replaces it. Raises Invalid. ``commit`` is
    called in between: nobody waits for all of it.
    """
    require_administrator(actor)
    if area.level is AreaLevel.TOWN and not used:
        raise Invalid(N_("Le contour de la ville ne se retire pas : chargez-en un autre."))
    if (area.retired_at is None) == used:
        return
    claim(session, area, area.version)
    if used:
        restore_area(session, area, commit, partial(enqueue, session, REASSIGN))
    else:
        ask = partial(enqueue, session, REASSIGN)
        retire_areas(session, [area], commit=commit, ask=ask)
    what = Change.REACTIVATED if used else Change.DEACTIVATED
    record(
        session,
        actor=actor,
        subject=Subject.AREA,
        what=what,
        subject_id=area.id,
        label=area.name,
    )


def import_outlines(
    session: Session,
    data: bytes,
    *,
    level: AreaLevel,
    replace: bool,
    actor: Actor,
    commit: Callable[[], None],
) -> AreaImport:
    """Take in the outlines of a GeoJSON file; the worker then assigns every place anew.

    With ``replace`` the areas of that level that the file does not hold are retired. ``commit`` is
    called after each few outlines: nobody waits for all of them.

    Raises Invalid when the file is no GeoJSON or holds no outline that can be used, and Conflict
    when somebody else takes the same outlines in.
    """
    require_administrator(actor)
    try:
        result = import_areas(
            session,
            _features(data),
            level,
            replace=replace,
            commit=commit,
            ask=partial(enqueue, session, REASSIGN),
        )
    except IntegrityError:
        raise Conflict(
            N_("Quelqu’un d’autre charge des contours en ce moment : réessayez dans un instant.")
        ) from None
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
