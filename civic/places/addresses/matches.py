"""What a look-up answers: an address or a street, written as on the plates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from civic.i18n import N_
from civic.places.addresses.gazetteer import Gazetteer
from civic.places.models import Street
from civic.text.addresses import HouseNumber


class Fit(StrEnum):
    """How a match fits what was typed."""

    SURE = "sure"
    """It is what was typed, in full, and nothing else is."""
    ALIKE = "alike"
    """It may be meant."""
    STREET = "street"
    """The house number is not known: the position is the street's."""
    NEAR = "near"
    """The house number is not known: the position is that of another number of the street."""


STREET_NOTE = N_("numéro absent de la liste : placé au milieu de la rue")


@dataclass(frozen=True, slots=True)
class AddressMatch:
    """An address, or a street when ``number`` is empty; ``label`` is how it is written.

    A label keeps the number that was typed, also where only the street or a neighbour is known.
    ``likeness``, at most 100, says how much the street's name is the one that was typed; 0 where
    another town was.
    """

    label: str
    lat: float
    lon: float
    number: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    street_id: int = 0
    fit: Fit = Fit.ALIKE
    likeness: float = 0.0

    @property
    def note(self) -> str:
        """What a list of choices adds to the label: a text to translate, or nothing."""
        return STREET_NOTE if self.fit is Fit.STREET else ""


def sure_match(found: Sequence[AddressMatch]) -> AddressMatch | None:
    """Return the one match that is what was typed; None where somebody has to choose."""
    return found[0] if len(found) == 1 and found[0].fit is Fit.SURE else None


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes labels: ``told`` says, by street, what tells streets of one name apart."""

    names: Gazetteer
    told: Mapping[int, str] = field(default_factory=dict)

    def street(self, street: Street, fit: Fit = Fit.ALIKE) -> AddressMatch:
        """Return the street itself."""
        return self.address(street, HouseNumber(None, "", ""), (street.lat, street.lon), fit)

    def address(
        self,
        street: Street,
        house: HouseNumber,
        at: tuple[float, float],
        fit: Fit = Fit.ALIKE,
        near: str = "",
    ) -> AddressMatch:
        """Return one address of ``street``; ``near`` is the number whose position it has.

        The label is stored, so it is in the language of the plates.
        """
        village, told = self.names.village_of(street), self.told.get(street.id, "")
        parts = [f"{house.label} {street.name}".strip(), f"{street.postcode} {village}".strip()]
        if told not in {village, street.postcode}:
            parts.append(told)
        return AddressMatch(
            label=", ".join(filter(None, parts)) + (f" (près du {near})" if near else ""),
            lat=at[0],
            lon=at[1],
            number=house.label,
            street=street.name,
            postcode=street.postcode,
            city=street.city,
            street_id=street.id,
            fit=fit,
        )
