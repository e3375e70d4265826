"""A position for an address that came without one, from the town's own address file."""

from typing import NamedTuple

from sqlalchemy.orm import Session

from civic.places.addresses import AddressMatch, Fit, find_addresses
from civic.places.geometry import Position
from civic.text.addresses import find_address, name_key

SURE = 90.0
"""How alike, of 100, the names of the asked and the found street have to be."""


class Found(NamedTuple):
    """Where an address is; None when nobody can tell. ``remark`` says how well it is known."""

    position: Position | None
    remark: str


def find_position(session: Session, text: str) -> Found:
    """Return where ``text`` is, when the address file is sure of the street.

    A place that is described (« École 31 rue des Renaudes ») is searched for the address in it. A
    number that is not known gives the position of its street, never another number's.
    """
    remark = "address not found"
    for asked in dict.fromkeys(filter(None, (text, find_address(text)))):
        found = find_addresses(session, asked)
        alike = [match for match in found if match.likeness >= SURE]
        if not alike:
            continue
        first = alike[0]
        if any(_is_as_good(match, first) for match in alike[1:]):
            remark = "address of several streets"
            continue
        number_is_unknown = first.fit in {Fit.STREET, Fit.NEAR}
        return Found(
            Position(first.lat, first.lon),
            "number not known: position of the street" if number_is_unknown else "address found",
        )
    return Found(None, remark)


def _is_as_good(other: AddressMatch, first: AddressMatch) -> bool:
    """Whether another street has the same name, and its number is known no worse."""
    return (
        other.street_id != first.street_id
        and other.fit is first.fit
        and name_key(other.street) == name_key(first.street)
    )
