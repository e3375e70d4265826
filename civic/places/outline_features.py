"""The features of a GeoJSON file of areas: several of one code, or of one name, are one area."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from civic.places.geometry import clean_outline
from civic.text.quantities import read_amount

MOST_COORDINATES = 5_000_000
MOST_KEPT = 20_000
"""More points are thinned out: one outline is written at once, and nobody else writes meanwhile."""
_TEN_CENTIMETRES = 1e-6
LONGEST_NAME = 160
LONGEST_CODE = 40

# Without regard to case. A file of small areas also names the larger ones that they are in: the
# finest names come first.
_NAMES = ("name", "nom", "libiris", "l_qu", "l_ar", "l_aroff", "libelle", "nom_com")
_CODES = ("code", "c_qu", "c_quinsee", "c_ar", "codeinsee", "id", "insee")
_POPULATIONS = ("population", "pop", "p12_pop")
_LIKE_A_NAME = ("nom", "name", "lib", "label", "quartier")


@dataclass(slots=True)
class OutlineFeature:
    """One area of a file: ``numbers`` are those of its features, ``was_mended`` a crossed line."""

    name: str
    code: str
    population: int | None
    outline: BaseGeometry
    numbers: list[int]
    was_mended: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What makes it this area: its code, else its name."""
        return (self.code, "") if self.code else ("", self.name)


@dataclass(slots=True)
class Properties:
    """Which properties hold what; without a name the usual ones are tried."""

    name: str = ""
    code: str = ""
    population: str = ""


@dataclass(slots=True)
class ReadFeatures:
    """The areas of a file in its order, and what could not be read: (number, reason)."""

    areas: dict[tuple[str, str], OutlineFeature] = field(default_factory=dict)
    rejects: list[tuple[int, str]] = field(default_factory=list)


def read_features(features: Iterable[Mapping[str, Any]], named: Properties) -> ReadFeatures:
    """Return the areas of ``features``; each outline is all of its pieces together."""
    found = ReadFeatures()
    pieces: dict[tuple[str, str], list[BaseGeometry]] = {}
    for number, raw in enumerate(features, start=1):
        try:
            feature = _understood(raw, named, number)
        except ValueError as error:
            found.rejects.append((number, str(error)))
            continue
        first = found.areas.setdefault(feature.key, feature)
        pieces.setdefault(feature.key, []).append(feature.outline)
        if first is not feature:
            first.numbers.append(number)
            first.was_mended |= feature.was_mended
            first.population = first.population or feature.population
    for key, outlines in pieces.items():
        if len(outlines) > 1:
            found.areas[key].outline = _thinned(clean_outline(shapely.union_all(outlines)))
    return found


def _understood(raw: Mapping[str, Any], named: Properties, number: int) -> OutlineFeature:
    held = raw.get("properties") or raw
    properties = {str(name).lower(): value for name, value in held.items()}
    name = _text(_first(properties, (named.name.lower(),) if named.name else _NAMES))
    if not name and not named.name:
        name = _like_a_name(properties)
    if not name:
        raise ValueError("no name")
    geometry = raw.get("geometry")
    if not isinstance(geometry, Mapping):
        raise ValueError("no outline")  # noqa: TRY004 (the file is wrong, not the caller)
    outline = clean_outline(geometry)
    if shapely.get_num_coordinates(outline) > MOST_COORDINATES:
        raise ValueError("the outline has too many points")
    west, south, east, north = outline.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise ValueError("the outline is not in degrees (WGS84)")
    code = _first(properties, (named.code.lower(),) if named.code else _CODES)
    people = (named.population.lower(),) if named.population else _POPULATIONS
    return OutlineFeature(
        name=name[:LONGEST_NAME],
        code=_text(code)[:LONGEST_CODE],
        population=_count(_first(properties, people)),
        outline=_thinned(outline),
        numbers=[number],
        was_mended=not shapely.is_valid(shapely.force_2d(shape(dict(geometry)))),
    )


def _thinned(outline: BaseGeometry) -> BaseGeometry:
    """Leave out points that nobody could tell, more where it takes that to keep few enough."""
    degrees, thinned = _TEN_CENTIMETRES, outline
    while shapely.get_num_coordinates(thinned) > MOST_KEPT:
        thinned = clean_outline(outline.simplify(degrees, preserve_topology=True))
        degrees *= 4
    return thinned


def _first(properties: Mapping[str, Any], names: Sequence[str]) -> Any:
    values = (properties.get(name) for name in names)
    return next((value for value in values if value is not None and value != ""), None)


def _like_a_name(properties: Mapping[str, Any]) -> str:
    """The first text whose property is called something like « nom_quartier »."""
    texts = ((name, value) for name, value in properties.items() if isinstance(value, str))
    return next((_text(value) for name, value in texts if name.startswith(_LIKE_A_NAME)), "")


def _text(value: Any) -> str:
    """One line, whatever the file holds: names are shown in lists, mails and on the map."""
    if not isinstance(value, str | int | float):
        return ""
    shown = "".join(char if char.isprintable() else " " for char in str(value))
    return " ".join(shown.split())


def _count(value: Any) -> int | None:
    """Return a number of people, also as it is printed (« 1 234 »); None for anything else."""
    try:
        people = read_amount(value) if isinstance(value, str) else float(value)
    except (TypeError, ValueError):
        return None
    return int(people) if 0 <= people < 1e9 else None
