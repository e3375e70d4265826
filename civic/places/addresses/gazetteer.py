"""The towns and villages that an address may name: those of the address file, and the areas."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.places.geometry import Position
from civic.places.models import Area, Street
from civic.places.queries import find_town, get_outlines, list_areas
from civic.text.addresses import name_key
from civic.text.districts import district_by_postcode, place_key


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Keys of names: of the town itself, of all towns and villages, and of areas with their ids.

    ``cities`` are those that streets are said to be in.
    """

    state: tuple[object, ...] = ()
    town: str = ""
    areas: dict[str, int] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    cities: frozenset[str] = frozenset()

    def village_of(self, street: Street) -> str:
        """Return the village or commune of a street, empty where it goes without saying."""
        if street.former_city:
            return "" if place_key(street.former_city) == self.town else street.former_city
        is_said = len(self.cities) > 1 and place_key(street.city) != self.town
        return street.city if is_said else ""

    def covers(self, street: Street) -> bool:
        """Whether a street is in the town, as far as the file says where it is."""
        return place_key(street.city) in {"", self.town} or self.town not in self.cities


_kept = Gazetteer()


def gazetteer_of(session: Session) -> Gazetteer:
    """Return the names, read once per process and again when addresses or outlines changed."""
    global _kept  # noqa: PLW0603 (one tuple, replaced as a whole: safe among threads)
    kept, state = _kept, _state(session)
    if kept.state != state:
        kept = _kept = _read(session, state)
    return kept


def _state(session: Session) -> tuple[object, ...]:
    town = find_town(session)
    if town is None:
        return (str(session.get_bind().engine.url),)
    versions = (town.addresses_version, town.outlines_version)
    return (str(session.get_bind().engine.url), town.created_at, town.name, *versions)


def _read(session: Session, state: tuple[object, ...]) -> Gazetteer:
    town = find_town(session)
    name = place_key(town.name) if town else ""
    used = select(Area.name, Area.id).where(Area.retired_at.is_(None))
    areas = {name_key(row.name): row.id for row in session.execute(used)}
    villages: set[str] = set()
    cities: set[str] = set()
    for row in session.execute(select(Street.city, Street.former_city).distinct()):
        cities.add(place_key(row.city))
        villages |= {name_key(row.city), place_key(row.former_city), name_key(row.former_city)}
    known = frozenset({name, *areas, *cities, *villages} - {""})
    return Gazetteer(state, name, areas, known, frozenset(cities - {""}))


def apart(session: Session, streets: Iterable[Street]) -> dict[int, str]:
    """Return, by id, what tells streets of one name apart; nothing for a name that comes once.

    The village, else the arrondissement, else the area around, else the postcode.
    """
    listed = list(streets)
    times = Counter(street.key for street in listed)
    twins = [street for street in listed if times[street.key] > 1]
    names = gazetteer_of(session)
    areas = {area.id: area.name for area in list_areas(session)} if twins else {}
    told: dict[int, str] = {}
    for street in twins:
        around = get_outlines(session).index.find(Position(street.lat, street.lon))
        district = district_by_postcode(street.postcode)
        told[street.id] = (
            names.village_of(street)
            or (f"{district}{'er' if district == 1 else 'e'} arrondissement" if district else "")
            or next((areas[area] for area in around if area in areas), "")
            or street.postcode
        )
    return told
