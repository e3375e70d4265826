"""Taking the town's address file in."""

import csv
import gzip
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from civic.database import insert_many_or_ignore, reserve_ids
from civic.places.geometry import (
    Position,
    morton_cell,
)
from civic.places.models import Address, Street, StreetWord
from civic.text.addresses import (
    split_number,
    street_key,
    strip_city,
)

BATCH = 2_000

Progress: TypeAlias = Callable[[int], None]
"""Called with how many rows are done."""

Reject: TypeAlias = Callable[[str, Mapping[str, Any]], None]
"""Called with the reason and the row that was read last, when it cannot be taken."""


@dataclass(slots=True)
class AddressImport:
    """What an import did."""

    rows: int = 0
    streets: int = 0
    added: int = 0
    moved: int = 0
    unchanged: int = 0
    rejected: int = 0

    def as_dict(self) -> dict[str, int]:
        """Return the totals by name."""
        return {
            "rows": self.rows,
            "streets": self.streets,
            "added": self.added,
            "moved": self.moved,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
        }


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    key: str
    postcode: str
    city: str
    number: int | None
    suffix: str
    position: Position


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
    rows: Iterable[Mapping[str, Any]],
    progress: Progress = lambda done: None,
    reject: Reject = lambda reason, row: None,
) -> AddressImport:
    """Take addresses in, and bring known ones up to date; never commits.

    Rows are those of a Base Adresse Nationale file (numero, rep, nom_voie, code_postal,
    nom_commune, lon, lat) or of the plain form (adresse, lat, lon). Of an address that comes twice
    the first holds, so that doing it again changes nothing. Memory holds the streets, one batch,
    and a number for each address.
    """
    result = AddressImport()
    known = {
        (row.key, row.postcode): row.id
        for row in session.execute(select(Street.key, Street.postcode, Street.id))
    }
    waiting: list[_Row] = []
    seen: set[int] = set()
    for raw in rows:
        result.rows += 1
        try:
            waiting.append(_understood(raw))
        except ValueError as error:
            result.rejected += 1
            reject(str(error), raw)
        if len(waiting) >= BATCH:
            _store(session, waiting, known, seen, result)
            waiting = []
            progress(result.rows)
    _store(session, waiting, known, seen, result)
    _summarise(session)
    progress(result.rows)
    return result


def _understood(raw: Mapping[str, Any]) -> _Row:
    values = {name: str(raw.get(name) or "").strip() for name in _COLUMNS}
    if any("\x00" in value for value in values.values()):
        raise ValueError("a NUL character")
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
    return _Row(name, key, postcode[:10], city[:120], number, suffix[:10], position)


_COLUMNS = ("numero", "rep", "nom_voie", "code_postal", "nom_commune", "lon", "lat", "adresse")


def _postcode(text: str) -> str:
    found = [word for word in text.replace(",", " ").split() if len(word) == 5 and word.isdigit()]
    return found[-1] if found else ""


def _store(
    session: Session,
    rows: Sequence[_Row],
    known: dict[tuple[str, str], int],
    seen: set[int],
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
        if hash(place) in seen:
            result.unchanged += 1
            continue
        seen.add(hash(place))
        wanted[place] = row
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
