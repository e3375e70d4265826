"""Where a point is: its area, its address, and whether the town answers for it."""

from typing import NamedTuple

from sqlalchemy import update
from sqlalchemy.orm import Session

from civic.errors import Invalid
from civic.i18n import N_
from civic.places.addresses import nearest_address
from civic.places.geometry import Position
from civic.places.models import Town
from civic.places.queries import get_outlines, get_town

OUTSIDE = N_(
    "Ce lieu est hors de %(town)s. Choisissez un lieu dans les limites de la commune, ou "
    "adressez-vous à la commune voisine."
)


class Location(NamedTuple):
    """What is known of a point.

    ``area_id`` is the smallest area that holds it (None: in none); ``address`` the nearest known
    one (« devant le 12 rue Colbert »), empty when none is near; ``inside`` whether the town
    answers for it.
    """

    area_id: int | None
    address: str
    inside: bool


def locate(session: Session, position: Position) -> Location:
    """Return the smallest area that holds ``position``, its address, and whether it is inside."""
    outlines = get_outlines(session)
    areas = outlines.areas_at(position)
    near = nearest_address(session, position)
    return Location(
        area_id=areas[0] if areas else None,
        address=_before(near.label) if near is not None else "",
        inside=outlines.holds(position),
    )


def _before(label: str) -> str:
    """A report is in the street, not in the house. Stored in French, shown in any language."""
    return f"devant le {label}" if label[:1].isdigit() else label


def locate_in_town(session: Session, position: Position) -> Location:
    """Return :func:`locate`; raises Invalid, naming the town, for a point that is not in it."""
    found = locate(session, position)
    if not found.inside:
        raise Invalid(OUTSIDE, field="place", town=get_town(session).name)
    return found


def note_outlines_changed(session: Session) -> None:
    """Let every process read the outlines anew: to be called after any change of an area."""
    session.execute(
        update(Town).where(Town.id == 1).values(outlines_version=Town.outlines_version + 1)
    )
    session.flush()
