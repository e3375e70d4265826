"""A position for an address that came without one, from the town's own address file."""

from rapidfuzz import fuzz
from sqlalchemy.orm import Session

from civic.places.addresses import find_addresses
from civic.places.geometry import Position
from civic.text.addresses import find_address, naming_part, street_key

SURE = 90.0
"""How alike, of 100, the names of the asked and the found street have to be."""


def find_position(session: Session, text: str) -> Position | None:
    """Return where ``text`` is, when the address file is sure of the street; None otherwise.

    A place that is described (« École 31 rue des Renaudes ») is searched for the address in it.
    """
    for asked in dict.fromkeys(filter(None, (text, find_address(text)))):
        found = find_addresses(session, asked, limit=1)
        if found and _is_same_street(asked, found[0].street or found[0].label):
            return Position(found[0].lat, found[0].lon)
    return None


def _is_same_street(asked: str, found: str) -> bool:
    wanted, known = naming_part(street_key(asked)), naming_part(street_key(found))
    return bool(wanted) and fuzz.ratio(wanted, known) >= SURE
