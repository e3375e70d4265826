"""Finding an address while it is typed, and naming a point."""

import math
from collections.abc import Sequence
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import func, intersect, select, union_all
from sqlalchemy.orm import Session

from civic.places.addresses.matches import AddressMatch, address_match, street_match
from civic.places.geometry import (
    Position,
    bounding_box,
    cover,
    cover_level,
    haversine_m,
)
from civic.places.models import Address, Street, StreetWord
from civic.text.addresses import (
    HouseNumber,
    address_prefixes,
    naming_part,
    split_number,
    street_key,
    strip_city,
)

MOST_STREETS = 200
NEAR_M = 60.0
LEAST_LIKENESS = 55.0


def find_addresses(session: Session, text: str, limit: int = 8) -> list[AddressMatch]:
    """Return the addresses or streets that ``text`` may mean, the likeliest first.

    Accents, abbreviations, missing words and an unfinished last word are forgiven. An address that
    is written in full and exists is the only answer. Where the house number is not known, the
    nearest known one of the street is offered.
    """
    asked = split_number(strip_city(text[:250]))
    keys = [street_key(key) for key in address_prefixes(asked.street)]
    keys = [key for key in dict.fromkeys(keys) if key]
    if not keys:
        return []
    streets = _streets_like(session, keys)
    if asked.number is None:
        return [street_match(street) for street in streets[:limit]]
    return _numbered(session, asked, streets[: 2 * limit], keys[0], limit)


def _streets_like(session: Session, keys: Sequence[str]) -> list[Street]:
    found = _candidates(session, [_words_asked(key) for key in keys])
    if not found:
        # A typing error: the beginnings of the words are right most of the time.
        found = _candidates(session, [[w[:3] for w in _words_asked(key)] for key in keys[:1]])
    scored = [(_likeness(street.key, keys), street) for street in found]
    alike = [pair for pair in scored if pair[0] >= LEAST_LIKENESS]
    alike.sort(key=lambda pair: (-pair[0], -pair[1].address_count, pair[1].key, pair[1].id))
    return [street for _, street in alike]


def _words_asked(key: str) -> list[str]:
    """The words that name the street: people are often wrong about its kind."""
    return naming_part(key).split()


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
        whole = fuzz.ratio(key, street)
        # What is typed so far against as much of the street, with or without its kind.
        begun = max(fuzz.ratio(key, street[: len(key)]), fuzz.ratio(name, its_name[: len(name)]))
        words = fuzz.token_set_ratio(name, its_name)
        best = max(best, 100.0 if key == street else 0.5 * max(begun, words) + 0.45 * whole)
        if its_name.startswith(name):
            best = max(best, 95.0 if street.startswith(key) else 90.0)
    return best


def _numbered(
    session: Session,
    asked: HouseNumber,
    streets: Sequence[Street],
    key: str,
    limit: int,
) -> list[AddressMatch]:
    if not streets:
        return []
    number = asked.number or 0
    distance = func.abs(Address.number - number)
    rank = (
        func.row_number()
        .over(
            partition_by=Address.street_id,
            order_by=(distance, Address.suffix != asked.suffix, Address.number, Address.suffix),
        )
        .label("rank")
    )
    near = (
        select(Address.street_id, Address.number, Address.suffix, Address.lat, Address.lon, rank)
        .where(Address.street_id.in_([street.id for street in streets]))
        .subquery()
    )
    nearest = {row.street_id: row for row in session.execute(select(near).where(near.c.rank == 1))}
    found: list[AddressMatch] = []
    for street in streets:
        row = nearest.get(street.id)
        if row is None:
            found.append(street_match(street))
            continue
        match = address_match(street, row.number, row.suffix, row.lat, row.lon)
        is_exact = (row.number, row.suffix) == (number, asked.suffix)
        if is_exact and street.key == key and _is_alone(street, streets):
            return [match]
        found.append(match)
    return found[:limit]


def _is_alone(street: Street, streets: Sequence[Street]) -> bool:
    return sum(other.key == street.key for other in streets) == 1


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
    return address_match(street, best.number, best.suffix, best.lat, best.lon)
