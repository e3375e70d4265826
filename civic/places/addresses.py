"""The address file: importing it, finding an address while it is typed, naming a point.

No third party is asked: the town imports its Base Adresse Nationale file, or any list of addresses.
"""

import csv
import gzip
import io
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from rapidfuzz import fuzz
from sqlalchemy import func, intersect, select, union_all, update
from sqlalchemy.orm import Session

from civic.database import insert_many_or_ignore, reserve_ids
from civic.places.geometry import (
    Position,
    bounding_box,
    cover,
    cover_level,
    haversine_m,
    morton_cell,
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

BATCH = 2_000
MOST_STREETS = 200
NEAR_M = 60.0
LEAST_LIKENESS = 55.0

Progress: TypeAlias = Callable[[int], None]
"""Called with how many rows are done."""


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


@dataclass(slots=True)
class AddressImport:
    """What an import did. ``rejects`` are (line, reason) of the rows that were not taken."""

    rows: int = 0
    streets: int = 0
    added: int = 0
    moved: int = 0
    unchanged: int = 0
    rejects: list[tuple[int, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, int]:
        """Return the totals by name."""
        return {
            "rows": self.rows,
            "streets": self.streets,
            "added": self.added,
            "moved": self.moved,
            "unchanged": self.unchanged,
            "rejected": len(self.rejects),
        }


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    name: str
    key: str
    postcode: str
    city: str
    number: int | None
    suffix: str
    position: Position


# ------------------------------------------------------------------------------------- import


def read_address_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file as dictionaries, one at a time.

    Gzip, a byte-order mark and « ; » between the columns are understood.
    """
    with (
        gzip.open(path) if path.suffix == ".gz" else path.open("rb") as raw,
        io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="") as file,
    ):
        head = file.readline()
        delimiter = ";" if head.count(";") > head.count(",") else ","
        names = next(csv.reader([head], delimiter=delimiter))
        yield from csv.DictReader(file, fieldnames=names, delimiter=delimiter)


def import_addresses(
    session: Session,
    rows: Iterable[Mapping[str, str]],
    progress: Progress = lambda done: None,
) -> AddressImport:
    """Take addresses in, and bring known ones up to date; never commits.

    Rows are those of a Base Adresse Nationale file (numero, rep, nom_voie, code_postal,
    nom_commune, lon, lat) or of the plain form (adresse, lat, lon). Doing it again changes nothing.
    Memory holds the streets and one batch.
    """
    result = AddressImport()
    known = {
        (row.key, row.postcode): row.id
        for row in session.execute(select(Street.key, Street.postcode, Street.id))
    }
    waiting: list[_Row] = []
    for line, raw in enumerate(rows, start=2):
        result.rows += 1
        try:
            waiting.append(_understood(line, raw))
        except ValueError as error:
            result.rejects.append((line, str(error)))
        if len(waiting) >= BATCH:
            _store(session, waiting, known, result)
            waiting = []
            progress(result.rows)
    _store(session, waiting, known, result)
    _summarise(session)
    progress(result.rows)
    return result


def _understood(line: int, raw: Mapping[str, str]) -> _Row:
    values = {name: (raw.get(name) or "").strip() for name in _COLUMNS}
    try:
        position = Position(float(values["lat"]), float(values["lon"]))
    except ValueError:
        raise ValueError("no valid position") from None
    if values["nom_voie"]:
        name, postcode, city = values["nom_voie"], values["code_postal"], values["nom_commune"]
        number = int(values["numero"]) if values["numero"].isdigit() else None
        suffix = values["rep"].lower()
    else:
        number, suffix, name = split_number(strip_city(values["adresse"]))
        postcode = _postcode(values["adresse"])
        city = values["adresse"].rpartition(postcode)[2].strip(" ,") if postcode else ""
    key = street_key(name)
    if not key or len(key) > 200 or len(name) > 200:
        raise ValueError("no street")
    # 0 and 9000 and more stand for places without a number in the national file.
    number = number if number and number < 5_000 else None
    return _Row(line, name, key, postcode[:10], city[:120], number, suffix[:10], position)


_COLUMNS = ("numero", "rep", "nom_voie", "code_postal", "nom_commune", "lon", "lat", "adresse")


def _postcode(text: str) -> str:
    found = [word for word in text.replace(",", " ").split() if len(word) == 5 and word.isdigit()]
    return found[-1] if found else ""


def _store(
    session: Session,
    rows: Sequence[_Row],
    known: dict[tuple[str, str], int],
    result: AddressImport,
) -> None:
    if not rows:
        return
    _add_streets(session, rows, known, result)
    wanted: dict[tuple[int, int, str], _Row] = {}
    for row in rows:
        if row.number is None:
            result.unchanged += 1
            continue
        place = (known[row.key, row.postcode], row.number, row.suffix)
        result.unchanged += place in wanted
        wanted.setdefault(place, row)
    stored = _stored(session, sorted({street for street, _, _ in wanted}))
    new: list[dict[str, Any]] = []
    for place, row in wanted.items():
        here = (row.position.lat, row.position.lon)
        values = {"lat": here[0], "lon": here[1], "cell": morton_cell(*here)}
        if place not in stored:
            new.append(dict(zip(("street_id", "number", "suffix"), place, strict=True)) | values)
        elif stored[place][1:] == here:
            result.unchanged += 1
        else:
            session.execute(update(Address).where(Address.id == stored[place][0]).values(values))
            result.moved += 1
    result.added += len(insert_many_or_ignore(session, Address, new, returning="id"))


def _add_streets(
    session: Session,
    rows: Sequence[_Row],
    known: dict[tuple[str, str], int],
    result: AddressImport,
) -> None:
    new = {(row.key, row.postcode): row for row in rows if (row.key, row.postcode) not in known}
    if not new:
        return
    ids = reserve_ids(session, Street, len(new))
    streets, words = [], []
    for id, (place, row) in zip(ids, new.items(), strict=True):
        known[place] = id
        streets.append(
            {
                "id": id,
                "name": row.name,
                "key": row.key,
                "postcode": row.postcode,
                "city": row.city,
                "lat": row.position.lat,
                "lon": row.position.lon,
                "address_count": 0,
            }
        )
        words += [{"street_id": id, "word": word[:80]} for word in sorted(set(row.key.split()))]
    insert_many_or_ignore(session, Street, streets, returning="id")
    insert_many_or_ignore(session, StreetWord, words, returning="word")
    result.streets += len(new)


def _stored(
    session: Session, street_ids: Sequence[int]
) -> dict[tuple[int, int, str], tuple[int, float, float]]:
    found: dict[tuple[int, int, str], tuple[int, float, float]] = {}
    for start in range(0, len(street_ids), 400):
        some = street_ids[start : start + 400]
        for row in session.execute(
            select(
                Address.street_id,
                Address.number,
                Address.suffix,
                Address.id,
                Address.lat,
                Address.lon,
            ).where(Address.street_id.in_(some))
        ):
            found[row.street_id, row.number, row.suffix] = (row.id, row.lat, row.lon)
    return found


def _summarise(session: Session) -> None:
    """Put each street in the middle of its addresses."""
    of_street = Address.street_id == Street.id

    def summed(expression: Any) -> Any:
        return select(expression).where(of_street).correlate(Street).scalar_subquery()

    session.execute(
        update(Street)
        .where(select(Address.id).where(of_street).correlate(Street).exists())
        .values(
            lat=summed(func.avg(Address.lat)),
            lon=summed(func.avg(Address.lon)),
            address_count=summed(func.count(Address.id)),
        )
        .execution_options(synchronize_session=False)
    )
    session.flush()


# --------------------------------------------------------------------------------------- find


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
        return [_street_match(street) for street in streets[:limit]]
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
        whole = fuzz.ratio(key, street)
        # What is typed so far against as much of the street, with or without its kind.
        begun = max(
            fuzz.ratio(key, street[: len(key)]),
            fuzz.ratio(naming_part(key), naming_part(street)[: len(naming_part(key))]),
        )
        words = fuzz.token_set_ratio(naming_part(key), naming_part(street))
        best = max(best, 100.0 if key == street else 0.5 * max(begun, words) + 0.45 * whole)
        best = max(best, 0.9 * begun if begun == 100 else 0.0)
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
            found.append(_street_match(street))
            continue
        match = _address_match(street, row.number, row.suffix, row.lat, row.lon)
        is_exact = (row.number, row.suffix) == (number, asked.suffix)
        if is_exact and street.key == key and _is_alone(street, streets):
            return [match]
        found.append(match)
    return found[:limit]


def _is_alone(street: Street, streets: Sequence[Street]) -> bool:
    return sum(other.key == street.key for other in streets) == 1


def _street_match(street: Street) -> AddressMatch:
    return AddressMatch(
        label=", ".join(part for part in (street.name, street.postcode) if part),
        lat=street.lat,
        lon=street.lon,
        street=street.name,
        postcode=street.postcode,
        city=street.city,
    )


def _address_match(
    street: Street, number: int, suffix: str, lat: float, lon: float
) -> AddressMatch:
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


# ------------------------------------------------------------------------------------ reverse


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
    return _address_match(street, best.number, best.suffix, best.lat, best.lon)
