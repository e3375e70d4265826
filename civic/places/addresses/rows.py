"""The rows of an address file: the Base Adresse Nationale's, a Base Adresse Locale's, or a list."""

import csv
import gzip
import io
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from civic.places.communes import only_postcode
from civic.places.geometry import Position
from civic.places.reference_systems import LAMBERT_93, system_of
from civic.text.address_reading import read_address, town_in
from civic.text.addresses import name_key
from civic.text.districts import place_key
from civic.text.quantities import read_decimal

# By our name, the names that files have: BAN, BAL 1.3 (a commune's own file), and others.
_COLUMNS = {
    "number": ("numero",),
    "suffix": ("rep", "suffixe"),
    "street": ("nom_voie", "voie_nom", "nom_lieu_dit"),
    "postcode": ("code_postal", "postcode"),
    "city": ("nom_commune", "commune_nom", "ville", "commune"),
    "insee": ("code_insee", "commune_insee"),
    "former": ("nom_ancienne_commune", "commune_deleguee_nom"),
    "lat": ("lat", "latitude"),
    "lon": ("lon", "long", "lng", "longitude"),
    "x": ("x",),
    "y": ("y",),
    "hamlet": ("lieudit_complement_nom", "nom_ld"),
    "id": ("cle_interop", "id"),
    "address": ("adresse", "address"),
}
_MOST_NUMBER = 4_999
"""Higher ones are made up in the national file, for places without a number; 99999 in BAL."""
_MOST_NUMBER_LOCAL = 9_999
_STREET_CODE = re.compile(r"^([0-9][0-9AB]\d{3}_[0-9A-Za-z]{4,9})_\d{5}(?:_|$)")
_POSTCODE = re.compile(r"(?<!\d)\d{5}(?!\d)")


class Unusable(ValueError):
    """A row cannot be taken; the message is the kind of reason. ``row`` is what was understood."""

    def __init__(self, reason: str, row: "AddressRow | None" = None) -> None:
        super().__init__(reason)
        self.row = row


@dataclass(frozen=True, slots=True)
class AddressRow:
    """One address: a street, what tells it from others of its name, and the number.

    ``hamlet`` is the name of the place that it is also known by.
    """

    name: str
    key: str
    postcode: str = ""
    city: str = ""
    insee: str = ""
    former: str = ""
    code: str = ""
    number: int | None = None
    suffix: str = ""
    hamlet: str = ""
    position: Position = Position(0, 0)

    def as_hamlet(self) -> "AddressRow":
        """Return the hamlet, as a place without numbers."""
        key = name_key(self.hamlet)
        return replace(self, name=self.hamlet, key=key, code="", number=None, suffix="", hamlet="")

    @property
    def identity(self) -> tuple[str, str, str, str, str]:
        """What makes it another street."""
        city = place_key(self.city)
        return self.key, self.postcode, self.insee, city, name_key(self.former)


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


def understand_address(raw: Mapping[str, Any], places: Collection[str]) -> AddressRow:
    """Return what a row says; raises Unusable.

    ``places`` are the keys of the towns that a plain address may end with.
    """
    values = {str(name).strip().lower(): str(value or "").strip() for name, value in raw.items()}
    if not any(values.values()):
        raise Unusable("an empty row")
    if any("\x00" in value for value in values.values()):
        raise Unusable("a NUL character")
    cells = {
        name: next((values[column] for column in columns if values.get(column)), "")
        for name, columns in _COLUMNS.items()
    }
    row = _named(cells) if cells["street"] else _plain(cells, places)
    if not row.key or len(row.key) > 200 or len(row.name) > 200:
        raise Unusable("no street")
    return _placed(row, cells)


def _named(cells: Mapping[str, str]) -> AddressRow:
    digits = cells["number"].removesuffix(".0")
    number = int(digits) if digits.isascii() and digits.isdigit() else 0
    most = _MOST_NUMBER if cells["postcode"] else _MOST_NUMBER_LOCAL
    code = _STREET_CODE.match(cells["id"])
    return AddressRow(
        name=" ".join(cells["street"].split()),
        key=name_key(cells["street"]),
        # Files of communes have none; most communes have one.
        postcode=(cells["postcode"] or only_postcode(cells["insee"]))[:10],
        city=cells["city"][:120],
        insee=cells["insee"][:5],
        former=cells["former"][:120],
        # A street that the tax office does not know yet has 0000 or XXXX, as many others have.
        code=code[1] if code and code[1][6:].strip("0xX") else "",
        number=number if 0 < number <= most else None,
        suffix=cells["suffix"].lower()[:10],
        hamlet=" ".join(cells["hamlet"].split())[:200],
    )


def _plain(cells: Mapping[str, str], places: Collection[str]) -> AddressRow:
    """One text for all: « 4 place de la Mairie, 35000 Rennes »."""
    text = cells["address"]
    known = {*places, name_key(cells["city"])} - {""}
    reading = next(iter(read_address(text, known)), None)
    if reading is None:
        raise Unusable("no street")
    postcode = cells["postcode"] or reading.postcode
    city = cells["city"]
    if not city and postcode:
        after = text.rpartition(_POSTCODE.findall(text)[-1])[2] if _POSTCODE.search(text) else ""
        after = re.sub(r"(?i)\bcedex\b.*", "", after.strip(" ,").partition(",")[0])
        city = town_in(after.strip())
    return AddressRow(
        name=reading.street,
        key=name_key(reading.street),
        postcode=postcode[:10],
        city=city[:120],
        insee=cells["insee"][:5],
        former=cells["former"][:120],
        number=reading.house.number,
        suffix=reading.house.suffix[:10],
    )


def _placed(row: AddressRow, cells: Mapping[str, str]) -> AddressRow:
    in_degrees = bool(cells["lat"] and cells["lon"])
    if not in_degrees and not (cells["x"] and cells["y"]):
        raise Unusable("no position", row)
    first, second = ("lat", "lon") if in_degrees else ("x", "y")
    make = Position if in_degrees else system_of(LAMBERT_93)
    try:
        position = make(read_decimal(cells[first]), read_decimal(cells[second]))
    except ValueError:
        raise Unusable("no valid position", row) from None
    if position == Position(0, 0):
        raise Unusable("no position", row)
    return replace(row, position=position)
