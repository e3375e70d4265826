"""What somebody may mean who types an address: the parts of it, in whatever order they come.

« 4 place de la mairie, 35000 Rennes », « Rennes, place de la mairie 4 » and « devant le 4 pl. de la
mairie Rennes, France » are read alike. The name of a town is cut off where it stands for the town,
and left where the street is called so (« rue de Rennes »). Where both may be, both are readings.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

from civic.text.addresses import HouseNumber, is_named, name_key, name_prefixes, split_number
from civic.text.districts import TOKEN, cut_district
from civic.text.folding import fold
from civic.text.territories import cut_territory, departments_named, without_territory

LONGEST = 250
_LONGEST_PLACE = 7
"""How many words the name of a town can have: « Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson »."""

_ASIDE = re.compile(r"\([^)]*\)?")
_POSTCODE = re.compile(
    r"(?<!\w)(?:F-?)?(?!00)(\d{5}|\d\d[ \u00a0\u202f]\d{3})(?!\w)", re.IGNORECASE
)
_CEDEX = re.compile(r"\bcedex\b(?:\s*\d{1,2}\b)?", re.IGNORECASE)
_LEAD = re.compile(
    r"""^\W*(?:
    (?:devant|derrière|derriere|vers|entre|en\s+face|face|près|pres|proche|à\s+côté|a\s+cote
      |[àa]\s+(?:la\s+)?hauteur|au\s+niveau|[àa]\s+l['’]angle|angle)
      (?:\s+(?:de\s+la|de\s+l|du|des|de|d|au|aux|[àa]\s+la|[àa]|la|le|les|l)\b['’]?)?
    |au(?=\s+\d)
    |(?:in\s+front\s+of|opposite|across\s+from|next\s+to|near|outside|behind|close\s+to|at|by
      |(?:at\s+the\s+)?corner\s+of)(?:\s+(?:the|number)\b)?
    )\s+(?=\S)""",
    re.VERBOSE | re.IGNORECASE,
)
_BUILDING = re.compile(
    r"^\W*(?:b[aâ]t(?:iment)?|appt?|apt|appartement|flat|[eé]tage|floor|escalier|esc|entr[eé]e|hall"
    r"|porte\s+\w{1,3}$|bo[iî]te|bp|b\.p)\b|^\W*\d+(?:er|[eè]me|e|nd|rd|th|st)\s+(?:[eé]tage|floor)",
    re.IGNORECASE,
)
_TRAILING_NUMBER = re.compile(
    r"^(?P<street>.*[^\W\d].*?)[\s,]+(?:n\s*[°ºo]?\s*)?"
    r"(?P<number>\d{1,4})(?!e)\s*(?P<suffix>bis|ter|quater|quinquies|[a-z])?$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"[,;\n\r]|\s[-–]\s|\s(?:et|and|/|&)\s(?=(?:la |le |l['’])?"
    r"(?:rue|avenue|av|boulevard|bd|place|pl|quai|route|chemin|impasse|all[ée]e|square)\b)",
    re.IGNORECASE,
)
_ENGLISH_KIND = re.compile(r"(?<=\S)\s+(?:street|road|lane)\.?$", re.IGNORECASE)
_LINKS = frozenset({"de", "du", "des", "d", "aux", "au", "sur", "en", "et", "sous", "vers", "of"})
_AT = frozenset({"a", "in"})
_COUNTRY = frozenset({"france", "fr"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand what was typed.

    ``street`` is as it was written; ``keys`` are the beginnings of keys it may lead to, the best
    first. ``place`` is the key of the town or village that was named, ``district`` the number of
    an arrondissement. ``departments`` are the codes of the department or the region that was named.
    ``rest`` is what was not understood.
    """

    house: HouseNumber
    street: str
    keys: tuple[str, ...]
    place: str = ""
    postcode: str = ""
    district: int | None = None
    departments: frozenset[str] = frozenset()
    rest: str = ""


@dataclass(slots=True)
class _Parts:
    """What the parts between the commas are."""

    streets: list[str] = field(default_factory=list)
    number: HouseNumber | None = None
    place: str = ""
    postcode: str = ""
    district: int | None = None
    departments: frozenset[str] = frozenset()

    @property
    def is_placed(self) -> bool:
        """Whether a town is known, so that a department or a region may follow."""
        return bool(self.place or self.postcode)


def read_address(text: str, places: Collection[str]) -> list[Reading]:
    """Return the readings of ``text``, the likeliest first; none when it names no street.

    ``places`` are the keys (:func:`name_key`) of the towns and villages that may be named.
    """
    plain = _plain(text, places)
    parts = _parts(plain, places)
    if not parts.streets and parts.number is None:
        # A street of the town's own name, while it is typed.
        parts = _Parts(streets=[_POSTCODE.sub("", plain).strip(" ,")])
    readings = [reading for street in parts.streets for reading in _readings(street, parts, places)]
    readings.sort(key=lambda reading: not is_named(reading.keys[0]))
    return list(dict.fromkeys(readings))


def town_in(text: str) -> str:
    """Return ``text`` without its department, region and country: « Rennes » of « Rennes 35 »."""
    tokens = list(TOKEN.finditer(text))
    words = without_territory(_without_country([fold(token.group()) for token in tokens]))
    return text if len(words) == len(tokens) else text[: tokens[len(words)].start()].rstrip(" ,-(")


def _plain(text: str, places: Collection[str]) -> str:
    composed = unicodedata.normalize("NFC", text[:LONGEST])
    bare = _CEDEX.sub(" ", _ASIDE.sub(lambda aside: _aside(aside[0], places), composed))
    return _LEAD.sub("", bare.strip(" ,") or composed)


def _aside(text: str, places: Collection[str]) -> str:
    """Return what stands in brackets where it is a place, as in the lists of streets."""
    inside, said = text.strip("() "), _Parts()
    _take(said, inside, places)
    return f", {inside}, " if said.place or said.district else " "


def _parts(text: str, places: Collection[str]) -> _Parts:
    found = _Parts()
    codes = list(_POSTCODE.finditer(text))
    code = next((code for code in reversed(codes) if _is_postcode(text, code)), None)
    after_code = -1
    if code is not None:
        found.postcode = re.sub(r"\s", "", code[1])
        before, after = text[: code.start()], text[code.end() :]
        for other in codes:
            if other is not code:
                before = before.replace(other[0], ",")
        pieces = [*_split(before)]
        after_code = len(pieces)
        pieces += _split(after)
    else:
        pieces = _split(text)
    unsure: list[str] = []
    for index, piece in enumerate(pieces):
        is_last = all(_is_country(piece) for piece in pieces[index + 1 :])
        if name_key(piece) not in places and _take_territory(found, piece, is_last=is_last):
            unsure += [piece] * (not piece.isdigit())
        elif not _take(found, piece, places):
            (unsure if index == after_code else found.streets).append(piece)
    # What follows a postcode is a town, known or not, when the street is elsewhere.
    if not any(is_named(name_key(split_number(piece).street)) for piece in found.streets):
        found.streets += unsure
        found.departments = frozenset() if unsure else found.departments
    return found


def _is_postcode(text: str, code: re.Match[str]) -> bool:
    """Five digits are one; « 35 000 » only before a town or at the end."""
    return (
        " " not in code[1]
        or not text[: code.start()].strip()
        or bool(re.match(r"\s*(?:$|[^\W\d]|,)", text[code.end() :]))
    )


def _split(text: str) -> list[str]:
    pieces = (piece.strip(" ,;-–\t") for piece in _BETWEEN.split(text))
    return [piece for piece in pieces if piece]


def _is_country(piece: str) -> bool:
    return fold(piece).strip() in _COUNTRY


def _take_territory(found: _Parts, piece: str, *, is_last: bool) -> bool:
    """Note the department or region that ``piece`` is, after a town; a bare number only at the end.

    « Rennes, 35, rue de Brest » has a house number, « rue de Brest, Rennes, 35 » has none.
    """
    named = departments_named(piece)
    if not named or not found.is_placed or (piece[0].isdigit() and not is_last):
        return False
    found.departments = named
    return True


def _take(found: _Parts, piece: str, places: Collection[str]) -> bool:
    """Note what ``piece`` says beside the street; False when it may be the street itself."""
    words = [fold(word) for word in TOKEN.findall(piece)]
    if not words or _is_country(piece) or _BUILDING.match(piece):
        return True
    if _take_town(found, words, places):
        return True
    district, rest = cut_district(words, after_place=True)
    key = name_key(" ".join(rest))
    if not rest and district is not None and (len(words) > 1 or not words[0].isdigit()):
        found.district = found.district or district
        return True
    if key in places or name_key(piece) in places:
        found.place = found.place or (key if key in places else name_key(piece))
        found.district = found.district or district
        return True
    house = split_number(piece)
    if house.number and not house.street:
        found.number = found.number or house
        return True
    return False


def _take_town(found: _Parts, words: list[str], places: Collection[str]) -> bool:
    """Note a town with its department or region around it: « Rennes 35 », « 35 Rennes France »."""
    bare = _without_country(words)
    departments, rest = cut_territory(bare)
    if not departments:
        departments, rest = departments_named(bare[0]), bare[1:]
    district, rest = cut_district(rest, after_place=True)
    key = name_key(" ".join(rest))
    if not departments or key not in places or name_key(" ".join(bare)) in places:
        return False
    found.place, found.departments = found.place or key, departments
    # « Marseille 13 » is both.
    found.district = found.district or district or cut_district(bare, after_place=True)[0]
    return True


def _without_country(words: list[str]) -> list[str]:
    rest = list(words)
    while len(rest) > 1 and rest[-1] in _COUNTRY and rest[-2] not in _LINKS:
        del rest[-1]
    return rest


def _readings(piece: str, parts: _Parts, places: Collection[str]) -> Iterator[Reading]:
    rest = "" if len(parts.streets) == 1 else _rest(piece, parts)
    ways = [_Way(piece, parts.place, parts.district)]
    if not parts.place:
        first, last = _without_town(piece, places)
        ways = [*first, *ways, *last]
    # « 42 Montcalm street »: what names it is there, only its kind is not.
    ways += [
        way._replace(street=_ENGLISH_KIND.sub("", way.street))
        for way in ways
        if _ENGLISH_KIND.search(way.street)
    ]
    for way in ways:
        for house in _houses(way.street, parts.number):
            keys = tuple(key for key in name_prefixes(house.street) if key)
            if keys:
                yield Reading(
                    house,
                    house.street,
                    keys,
                    way.place,
                    parts.postcode,
                    parts.district or way.district,
                    parts.departments or way.departments,
                    rest,
                )


def _rest(piece: str, parts: _Parts) -> str:
    """What else was written, except where it only describes (« près du kiosque »)."""
    others = (other for other in parts.streets if other != piece)
    return ", ".join(other for other in others if not _LEAD.match(other))


def _houses(street: str, number: HouseNumber | None) -> Iterator[HouseNumber]:
    first = split_number(street)
    if number is not None and first.number is None:
        yield HouseNumber(number.number, number.suffix, first.street)
        return
    yield first
    if first.number is not None:
        if not is_named(name_key(first.street), kind=True):
            # « 4 chemins », « 11 novembre »: the number may belong to the name.
            yield HouseNumber(None, "", street)
    elif (match := _TRAILING_NUMBER.match(street)) and is_named(name_key(match["street"])):
        suffix = (match["suffix"] or "").lower()
        yield HouseNumber(int(match["number"]) or None, suffix, match["street"].strip())


class _Way(NamedTuple):
    """A street, and the place, arrondissement and departments that stood beside it."""

    street: str
    place: str = ""
    district: int | None = None
    departments: frozenset[str] = frozenset()


def _without_town(piece: str, places: Collection[str]) -> tuple[list[_Way], list[_Way]]:
    """Return ``piece`` without the town that it ends or begins with: what is likely, and what less.

    « rue de la gare Rennes » is a street in Rennes; « rue de Rennes » is none, and « rue de la gare
    de Rennes » may be both. « Marseille 13 » is both, an arrondissement and a department.
    """
    tokens = list(TOKEN.finditer(piece))
    words = _without_country([fold(token.group()) for token in tokens])
    departments, before = cut_territory(words)

    def until(end: int) -> str:
        return piece[: tokens[end].start()].strip(" ,-")

    tails = ((words, frozenset[str]()), (before, departments))
    for (some, named), after_place in product(tails, (True, False)):
        district, rest = cut_district(some, after_place=after_place)
        start = _place_at_end(rest, places)
        if start is not None:
            link = rest[start - 1]
            end = start - 1 if link in _AT | _LINKS else start
            also = departments_named(" ".join(some[len(rest) :]))
            way = _Way(until(end), name_key(" ".join(rest[start:])), district, named | also)
            return ([], [way]) if link in _LINKS else ([way], [])
    district, rest = cut_district(words, after_place=False)
    if len(rest) < len(tokens):
        return [_Way(until(len(rest)), "", district)], []
    if departments and words[len(before)] not in _LINKS and _is_street(before):
        return [], [_Way(until(len(before)), "", None, departments)]
    return _after_town(piece, tokens, words, places), []


def _is_street(words: list[str]) -> bool:
    return is_named(name_key(split_number(" ".join(words)).street))


def _after_town(
    piece: str, tokens: list[re.Match[str]], words: list[str], places: Collection[str]
) -> list[_Way]:
    for count in range(min(_LONGEST_PLACE, len(words) - 1), 0, -1):
        place = name_key(" ".join(words[:count]))
        rest = piece[tokens[count].start() :]
        if place in places and (split_number(rest).number or is_named(name_key(rest), kind=True)):
            return [_Way(rest, place)]
    return []


def _place_at_end(words: list[str], places: Collection[str]) -> int | None:
    """Return where a town's name begins that ends ``words``, None when it is the street's own."""
    for count in range(min(_LONGEST_PLACE, len(words) - 1), 0, -1):
        start = len(words) - count
        if words[start] in _LINKS or words[start] in _AT:
            continue
        if name_key(" ".join(words[start:])) in places:
            return start if _is_street(words[:start]) else None
    return None
