"""Where it is: from the map, an address, a street of the list, or the photo, in that order.

A form can carry several of them at once; the rules below say which one counts, so that a form sent
without script, one step at a time, and one filled by the map end at the same place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import format_decimal
from sqlalchemy.orm import Session

from civic.errors import Invalid, NotFound
from civic.i18n import N_
from civic.places.addresses import AddressMatch, Fit, find_addresses, street_label, sure_match
from civic.places.geometry import Position, haversine_m
from civic.places.operations import locate, locate_in_town
from civic.places.queries import list_areas
from civic.places.streets import get_street
from civic.text.ids import read_id

MOST_CANDIDATES = 6
NEAR_ENOUGH_M = 250
"""A pin so near to the address beside it is of the same place: only others are asked about."""
ITS_NAME = 100.0
"""The likeness of a street whose whole name was written."""
BY_ADDRESS = frozenset({"address", "street"})
THE_PIN = N_("Le repère sur la carte")
THE_ADDRESS = N_("L’adresse écrite")
PIN_OR_ADDRESS = N_(
    "Le repère et l’adresse sont à %(distance)s l’un de l’autre : choisissez le bon lieu."
)
_SEPARATOR = ";"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place that may be meant; ``value`` is what its radio button sends back.

    ``note`` is a text to translate that is shown beside the label. ``source`` one that says what
    names it, where that differs.
    """

    label: str
    lat: float
    lon: float
    note: str = ""
    source: str = ""

    @property
    def value(self) -> str:
        """The place as one text."""
        return _SEPARATOR.join((f"{self.lat:.7f}", f"{self.lon:.7f}", self.label))

    @classmethod
    def parse(cls, text: str) -> "Candidate | None":
        """Return the place that a radio button sent, None for anything else."""
        lat, _, rest = text.partition(_SEPARATOR)
        lon, _, label = rest.partition(_SEPARATOR)
        position = read_position(lat, lon)
        return cls(label[:250], position.lat, position.lon) if position else None


@dataclass(frozen=True, slots=True)
class PlaceAsked:
    """What the form says of the place, as texts.

    ``resolved_for`` is the address that ``lat`` and ``lon`` were found for: another address typed
    since then has to be looked up again. ``placed_by`` says how the position was chosen: ``map``,
    ``position``, ``photo``, ``address``, ``street``, or nothing where it is not known. ``words``
    and ``area`` (an id) describe the place for whoever can neither point at it nor name its
    address.
    """

    lat: str = ""
    lon: str = ""
    address: str = ""
    resolved_for: str = ""
    placed_by: str = ""
    candidate: str = ""
    street: str = ""
    words: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class PlaceFound:
    """What came of it: a position, or candidates to choose from, or a refusal.

    A place that is only described has none of them: it is in ``area_id``, or somewhere in town.
    """

    position: Position | None = None
    area_id: int | None = None
    address: str = ""
    candidates: Sequence[Candidate] = field(default=())
    refusal: Invalid | None = None


def read_position(lat: str, lon: str) -> Position | None:
    """Return the position that two texts give, None when they give none."""
    try:
        return Position(float(lat), float(lon))
    except ValueError:
        return None


def find_place(
    session: Session,
    asked: PlaceAsked,
    *,
    photo_position: tuple[float, float] | None = None,
) -> PlaceFound:
    """Return the place that is meant. Never raises: a refusal is part of the answer."""
    found = _find_point(session, asked, photo_position=photo_position)
    points = asked.lat or asked.candidate or asked.street or found.candidates
    if found.position is None and not points and asked.words.strip():
        known = {str(area.id): area.id for area in list_areas(session)}
        return PlaceFound(area_id=known.get(asked.area), address=asked.address.strip())
    return found


def described(address: str, words: str) -> str:
    """Return an address with what a person adds to it, as one line."""
    words = " ".join(words.split())
    return f"{address} ({words})" if address and words else address or words


def _find_point(
    session: Session, asked: PlaceAsked, *, photo_position: tuple[float, float] | None
) -> PlaceFound:
    address = asked.address.strip()
    chosen = Candidate.parse(asked.candidate) if asked.candidate else None
    if chosen is not None:
        return _located(session, Position(chosen.lat, chosen.lon), chosen.label)
    street = read_id(asked.street)
    if street is not None:
        return _at_street(session, street, address)
    position = read_position(asked.lat, asked.lon)
    if position is not None:
        return _at_pin(session, position, address, asked)
    if address:
        return look_up(session, address)
    offered = _offered(session, photo_position) if photo_position is not None else None
    return offered or PlaceFound(
        refusal=Invalid(
            N_("Indiquez le lieu : sur la carte, par une adresse, par une rue ou avec vos mots."),
            field="place",
        )
    )


def _at_pin(session: Session, position: Position, address: str, asked: PlaceAsked) -> PlaceFound:
    """Return the place of a pin, or the question which is right: the pin or the address."""
    is_by_address = asked.placed_by in BY_ADDRESS
    if not address or (is_by_address and address == asked.resolved_for.strip()):
        return _located(session, position, address)
    if is_by_address:
        return look_up(session, address, fallback=position)
    elsewhere = far_from(session, position, address)
    if not elsewhere:
        return _located(session, position, address)
    distance = haversine_m(position, Position(elsewhere[0].lat, elsewhere[0].lon))
    here = locate(session, position)
    return PlaceFound(
        address=address,
        candidates=[
            Candidate(here.address, position.lat, position.lon, source=THE_PIN),
            *(Candidate(one.label, one.lat, one.lon, source=THE_ADDRESS) for one in elsewhere),
        ],
        refusal=Invalid(PIN_OR_ADDRESS, field="place", distance=written_distance(distance)),
    )


def far_from(session: Session, position: Position, address: str) -> list[AddressMatch]:
    """Return the addresses that ``address`` names when none of them is near ``position``.

    Nothing for words that name no street: they describe the place of the pin.
    """
    found = find_addresses(session, address, limit=MOST_CANDIDATES)
    meant = [one for one in found if one.likeness >= ITS_NAME]
    around = locate(session, position).address
    for one in meant:
        if haversine_m(position, Position(one.lat, one.lon)) <= NEAR_ENOUGH_M:
            return []
        # A street is long, and known by its middle.
        if not one.number and around.endswith(one.street):
            return []
    return meant


def written_distance(metres: float) -> str:
    """Return a distance for people to read: « 1,3 km », « 400 m »."""
    if metres < 950:
        return f"{round(metres, -1):.0f} m"
    return f"{format_decimal(round(metres / 1000, 1))} km"


def look_up(session: Session, address: str, *, fallback: Position | None = None) -> PlaceFound:
    """Return the place of a typed address, or the addresses that may be meant.

    Only what was typed in full, and is the only place of that name, is taken without asking. With
    a ``fallback`` (a pin that was there before) the text is kept as its description when no such
    address is known.
    """
    found = find_addresses(session, address, limit=MOST_CANDIDATES)
    if sure := sure_match(found):
        return _located(session, Position(sure.lat, sure.lon), sure.label)
    if found:
        return PlaceFound(
            address=address,
            candidates=[Candidate(m.label, m.lat, m.lon, m.note) for m in found],
            refusal=Invalid(_question(found), field="place"),
        )
    if fallback is not None:
        return _located(session, fallback, address)
    return PlaceFound(
        address=address,
        refusal=Invalid(
            N_(
                "Cette adresse n’a pas été trouvée. Essayez sans le numéro, placez le repère sur "
                "la carte ou décrivez le lieu avec vos mots."
            ),
            field="place",
        ),
    )


def _question(found: Sequence[AddressMatch]) -> str:
    """What is asked of the person beside the candidates."""
    if found[0].fit in {Fit.STREET, Fit.NEAR}:
        return N_("Ce numéro n’est pas dans la liste des adresses : choisissez où est le lieu.")
    if len(found) == 1:
        return N_("Une adresse y ressemble : choisissez-la, ou corrigez la vôtre.")
    return N_("Plusieurs adresses correspondent : choisissez la bonne.")


def _at_street(session: Session, street_id: int, address: str) -> PlaceFound:
    try:
        street = get_street(session, street_id)
    except NotFound as error:
        return PlaceFound(address=address, refusal=Invalid(error.message, field="place"))
    return _located(session, Position(street.lat, street.lon), street_label(session, street))


def _offered(session: Session, photo_position: tuple[float, float]) -> PlaceFound | None:
    """The photo says where it was taken: offered, and taken only when the person says yes."""
    position = read_position(str(photo_position[0]), str(photo_position[1]))
    location = locate(session, position) if position is not None else None
    if position is None or location is None or not location.inside:
        return None
    return PlaceFound(
        candidates=[Candidate(location.address, position.lat, position.lon)],
        refusal=Invalid(
            N_("Votre photo dit où elle a été prise : confirmez ce lieu ou indiquez-en un autre."),
            field="place",
        ),
    )


def _located(session: Session, position: Position, address: str) -> PlaceFound:
    try:
        location = locate_in_town(session, position)
    except Invalid as error:
        return PlaceFound(address=address, refusal=error)
    return PlaceFound(
        position=position, area_id=location.area_id, address=address or location.address
    )
