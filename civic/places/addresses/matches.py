"""What a look-up answers: an address or a street, written as on the plates."""

from dataclasses import dataclass

from civic.places.models import Street
from civic.text.addresses import (
    HouseNumber,
)


@dataclass(frozen=True, slots=True)
class AddressMatch:
    """An address, or a street when ``number`` is empty; ``label`` is how it is written."""

    label: str
    lat: float
    lon: float
    number: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""


def street_match(street: Street) -> AddressMatch:
    """Return the street itself."""
    return AddressMatch(
        label=", ".join(part for part in (street.name, street.postcode) if part),
        lat=street.lat,
        lon=street.lon,
        street=street.name,
        postcode=street.postcode,
        city=street.city,
    )


def address_match(street: Street, number: int, suffix: str, lat: float, lon: float) -> AddressMatch:
    """Return one address of ``street``."""
    label = HouseNumber(number, suffix, street.name).label
    return AddressMatch(
        label=", ".join(part for part in (f"{label} {street.name}", street.postcode) if part),
        lat=lat,
        lon=lon,
        number=label,
        street=street.name,
        postcode=street.postcode,
        city=street.city,
    )
