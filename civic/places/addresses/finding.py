"""Finding an address while it is typed, and naming a point."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import func, intersect, select, union_all
from sqlalchemy.orm import Session

from civic.places.addresses.gazetteer import Gazetteer, apart, gazetteer_of
from civic.places.addresses.matches import AddressMatch, Fit, Writer
from civic.places.geometry import Position, bounding_box, cover, cover_level, haversine_m
from civic.places.models import Address, Street, StreetWord
from civic.places.queries import get_outlines
from civic.text.address_reading import Reading, read_address
from civic.text.addresses import HouseNumber, name_key, naming_part
from civic.text.districts import district_by_postcode, district_of, place_key
from civic.text.territories import department_of, departments_named

MOST_STREETS = 200
MOST_READINGS = 6
MOST_NEIGHBOURS = 2
NEAR_M = 60.0
LEAST_LIKENESS = 55.0
_EXACT = 100.0


@dataclass(frozen=True, slots=True)
class _Meant:
    """A street that may be meant, by the reading that fits it best.

    ``misfits`` counts what was said of the place that is not true of the street.
    """

    street: Street
    reading: Reading
    likeness: float
    misfits: int
    is_elsewhere: bool

    @property
    def of_name(self) -> float:
        """How much the name of the street is the one that was typed; 0 in another town."""
        name = naming_part(self.street.key)
        if self.misfits > 1:
            return 0.0
        return max(fuzz.ratio(naming_part(key), name) for key in self.reading.keys)

    @property
    def order(self) -> tuple[Any, ...]:
        street = self.street
        is_part = self.likeness < _EXACT
        return (is_part, self.misfits, -self.likeness, -street.address_count, street.key, street.id)


def street_label(session: Session, street: Street) -> str:
    """Return how a street is written in an address, with its village where it has one."""
    return Writer(gazetteer_of(session)).street(street).label


def find_addresses(session: Session, text: str, limit: int = 8) -> list[AddressMatch]:
    """Return the addresses or streets that ``text`` may mean, the likeliest first.

    Accents, abbreviations, the order of the parts, missing words and an unfinished last word are
    forgiven. An address that is written in full, exists, and is the only one of that name is the
    only answer, and its ``fit`` is SURE; all other answers are choices. Where the house number is
    not known, the street and its nearest numbers are offered, under the number that was typed.
    """
    names = gazetteer_of(session)
    readings = read_address(text, names.names)[:MOST_READINGS]
    meant = _streets_meant(session, readings, names)[: 2 * limit]
    if not meant:
        return []
    stored = _neighbours(session, meant)
    sure = _sure(meant, stored, Writer(names))
    if sure is not None:
        return [sure]
    written = Writer(names, apart(session, (one.street for one in meant)))
    return list(islice(_choices(meant, stored, written), limit))


def _streets_meant(session: Session, readings: Sequence[Reading], names: Gazetteer) -> list[_Meant]:
    keys = list(dict.fromkeys(key for reading in readings for key in reading.keys))
    found = _candidates(session, [naming_part(key).split() for key in keys])
    if not found:
        # A typing error: the beginnings of the words are right most of the time.
        found = _candidates(session, [[w[:3] for w in naming_part(key).split()] for key in keys])
    if not found:
        # A town that nobody here knows: the words before it name the street.
        found = _candidates(session, [naming_part(key).split()[:-1] for key in keys])
    in_areas = _area_of(session, readings, names, found)
    meant = [
        min((_weigh(street, reading, names, in_areas) for reading in readings), key=_by_order)
        for street in found
    ]
    alike = [one for one in meant if one.likeness >= LEAST_LIKENESS]
    return sorted(_in_hamlets(alike) or alike, key=_by_order)


def _in_hamlets(meant: Sequence[_Meant]) -> list[_Meant]:
    """Return the streets beside whose name that of a hamlet was typed, which says where they are.

    Without this, « 12 route des Bois, La Boissière » would be a street, or a hamlet.
    """
    hamlets = {one.street.key for one in meant if not one.street.address_count}
    return [
        replace(one, is_elsewhere=one.misfits > 0)
        for one in meant
        if one.street.address_count and one.reading.rest and name_key(one.reading.rest) in hamlets
    ]


def _by_order(meant: _Meant) -> tuple[Any, ...]:
    return meant.order


def _weigh(
    street: Street, reading: Reading, names: Gazetteer, in_areas: dict[int, list[int]]
) -> _Meant:
    its_place = {place_key(street.city), place_key(street.former_city)} - {""}
    area = names.areas.get(reading.place)
    is_here = (
        not reading.place
        or reading.place in its_place
        or (reading.place == names.town and names.covers(street))
        or (area is not None and area in in_areas.get(street.id, ()))
    )
    is_coded = not reading.postcode or reading.postcode == (street.postcode or reading.postcode)
    departments = department_of(street.insee_code, street.postcode)
    is_around = _is_around(street, reading, departments)
    misfits = 2 * (not is_here) + (not is_coded) + (not is_around)
    # A town that is named well excuses a postcode that is not quite (CEDEX).
    is_elsewhere = (
        (bool(reading.rest) and not departments & departments_named(reading.rest))
        or not is_here
        or not is_around
        or (not is_coded and not reading.place)
    )
    return _Meant(street, reading, _likeness(street.key, reading.keys), misfits, is_elsewhere)


def _is_around(street: Street, reading: Reading, departments: frozenset[str]) -> bool:
    """Whether a street is in the arrondissement and the department or region that were named.

    Of a number that may be either (« Marseille 13 »), in one of them.
    """
    district = district_of(street.city) or district_by_postcode(street.postcode)
    holds = (
        not (reading.district and district) or reading.district == district,
        not (reading.departments and departments) or bool(reading.departments & departments),
    )
    is_either = reading.district and reading.departments == {f"{reading.district:02}"}
    return any(holds) if is_either else all(holds)


def _area_of(
    session: Session, readings: Sequence[Reading], names: Gazetteer, streets: Sequence[Street]
) -> dict[int, list[int]]:
    """Return the areas that each street lies in, when a reading names one."""
    if not any(reading.place in names.areas for reading in readings):
        return {}
    found = get_outlines(session).index.find_many([Position(s.lat, s.lon) for s in streets])
    return {street.id: areas for street, areas in zip(streets, found, strict=True)}


def _candidates(session: Session, ways: Sequence[Sequence[str]]) -> list[Street]:
    arms = []
    for words in ways:
        parts = [
            select(StreetWord.street_id).where(
                StreetWord.word >= word, StreetWord.word < word + "\U0010ffff"
            )
            for word in dict.fromkeys(words)
        ]
        if parts:
            arms.append(intersect(*parts) if len(parts) > 1 else parts[0])
    if not arms:
        return []
    ids: Any = union_all(*(select(arm.subquery()) for arm in arms)).subquery()
    statement = select(Street).where(Street.id.in_(select(ids.c.street_id)))
    statement = statement.order_by(Street.address_count.desc(), Street.id).limit(MOST_STREETS)
    return list(session.scalars(statement))


def _likeness(street: str, keys: Sequence[str]) -> float:
    best = 0.0
    for key in keys:
        name, its_name = naming_part(key), naming_part(street)
        if street == key or (its_name == key == name):
            # In full, or in full but for its kind, where none was typed.
            return _EXACT
        whole = fuzz.ratio(key, street)
        # What is typed so far against as much of the street, with or without its kind.
        begun = max(fuzz.ratio(key, street[: len(key)]), fuzz.ratio(name, its_name[: len(name)]))
        words = fuzz.token_set_ratio(name, its_name)
        best = max(best, 0.5 * max(begun, words) + 0.45 * whole)
        if its_name.startswith(name):
            best = max(best, 95.0 if street.startswith(key) else 90.0)
    return best


# ---------------------------------------------------------------------------------- the numbers


_Stored = dict[int, list[tuple[HouseNumber, tuple[float, float]]]]
"""By street, its numbers nearest to the one that was typed, with their positions."""


def _neighbours(session: Session, meant: Sequence[_Meant]) -> _Stored:
    by_number: dict[tuple[int, str], list[int]] = defaultdict(list)
    for one in meant:
        house = one.reading.house
        if house.number is not None:
            by_number[house.number, house.suffix].append(one.street.id)
    stored: _Stored = defaultdict(list)
    for (number, suffix), street_ids in by_number.items():
        order = (func.abs(Address.number - number), Address.suffix != suffix)
        rank = func.row_number().over(
            partition_by=Address.street_id, order_by=(*order, Address.number, Address.suffix)
        )
        near = (
            select(Address, rank.label("rank")).where(Address.street_id.in_(street_ids)).subquery()
        )
        statement = select(near).where(near.c.rank <= MOST_NEIGHBOURS).order_by(near.c.rank)
        for row in session.execute(statement):
            house = HouseNumber(row.number, row.suffix, "")
            stored[row.street_id].append((house, (row.lat, row.lon)))
    return stored


def _sure(meant: Sequence[_Meant], stored: _Stored, written: Writer) -> AddressMatch | None:
    """Return the only thing that can be meant, None when there are several or none.

    Of streets of one name, or of one that goes through several arrondissements, the one that has
    the number.
    """
    equal = [m for m in meant if m.likeness == _EXACT and m.misfits == meant[0].misfits]
    if len({m.street.key for m in equal}) != 1:
        return None
    if any(m.reading.house.number is not None for m in equal):
        equal = [m for m in equal if _exact(m, stored)]
    if len(equal) != 1 or equal[0].is_elsewhere:
        return None
    [only] = equal
    at = _exact(only, stored)
    found = (
        written.address(only.street, only.reading.house, at, Fit.SURE)
        if at
        else written.street(only.street, Fit.SURE)
    )
    return replace(found, likeness=_EXACT)


def _exact(meant: _Meant, stored: _Stored) -> tuple[float, float] | None:
    asked = meant.reading.house[:2]
    return next((at for house, at in stored[meant.street.id] if house[:2] == asked), None)


def _choices(meant: Sequence[_Meant], stored: _Stored, written: Writer) -> Iterator[AddressMatch]:
    """Yield what is of the very name that was typed before what only resembles it.

    Of either, first what is known in full, then what is known but for the number; the nearest
    numbers are named for the likeliest street only.
    """
    best = meant[0].street.key
    for is_exact in (True, False):
        group = [one for one in meant if (one.likeness == _EXACT) == is_exact]
        for one in sorted(group, key=lambda one: _is_number_unknown(one, stored)):
            for match in _matches(one, stored, written, has_neighbours=one.street.key == best):
                yield replace(match, likeness=one.of_name)


def _is_number_unknown(meant: _Meant, stored: _Stored) -> bool:
    return meant.reading.house.number is not None and _exact(meant, stored) is None


def _matches(
    meant: _Meant, stored: _Stored, written: Writer, *, has_neighbours: bool
) -> Iterator[AddressMatch]:
    at = _exact(meant, stored)
    if meant.reading.house.number is None:
        yield written.street(meant.street)
    elif at is not None:
        yield written.address(meant.street, meant.reading.house, at)
    else:
        yield from _around(meant, stored, written, has_neighbours=has_neighbours)


def _around(
    meant: _Meant, stored: _Stored, written: Writer, *, has_neighbours: bool
) -> Iterator[AddressMatch]:
    """Yield the street of a number that is not known, and the numbers nearest to it."""
    street, house = meant.street, meant.reading.house
    yield written.address(street, house, (street.lat, street.lon), Fit.STREET)
    if has_neighbours:
        for known, at in stored[street.id]:
            yield written.address(street, house, at, Fit.NEAR, near=known.label)


# ----------------------------------------------------------------------------------- from a point


def nearest_address(
    session: Session, position: Position, within_m: float = NEAR_M
) -> AddressMatch | None:
    """Return the known address nearest to ``position``, None when none is within so many metres."""
    box = bounding_box(position, within_m)
    arms = [
        select(Address.street_id, Address.number, Address.suffix, Address.lat, Address.lon).where(
            Address.cell.between(first, last),
            Address.lat.between(box.south, box.north),
            Address.lon.between(box.west, box.east),
        )
        for first, last in cover(box, cover_level(box, 9))
    ]
    best, best_m = None, math.inf
    for row in session.execute(union_all(*arms) if len(arms) > 1 else arms[0]):
        metres = haversine_m(position, Position(row.lat, row.lon))
        if metres <= within_m and (metres, row.number, row.suffix) < (
            best_m,
            best.number if best else 0,
            best.suffix if best else "",
        ):
            best, best_m = row, metres
    if best is None:
        return None
    street = session.get_one(Street, best.street_id)
    house = HouseNumber(best.number, best.suffix, street.name)
    return Writer(gazetteer_of(session)).address(street, house, (best.lat, best.lon))
