"""French street addresses, compared as people write them.

« 12 bis, av. gal de Gaulle » and « 12bis Avenue du Général-de-Gaulle, 75014 Paris » are one place.
Both are brought to the same key: every known abbreviation is written out, small words are dropped.
"""

import re
from typing import NamedTuple

from civic.text.folding import fold

# Abbreviations of the kind of street that may stand anywhere (« angle bd Voltaire »)…
_STREETS = {
    "av": "avenue",
    "ave": "avenue",
    "aven": "avenue",
    "bd": "boulevard",
    "bvd": "boulevard",
    "bld": "boulevard",
    "blvd": "boulevard",
    "boul": "boulevard",
    "boulevards": "boulevard",
    "bvld": "boulevard",
    "chem": "chemin",
    "che": "chemin",
    "crs": "cours",
    "esp": "esplanade",
    "fg": "faubourg",
    "fbg": "faubourg",
    "faub": "faubourg",
    "imp": "impasse",
    "lot": "lotissement",
    "pass": "passage",
    "psg": "passage",
    "pl": "place",
    "plc": "place",
    "prom": "promenade",
    "qu": "quai",
    "res": "residence",
    "rte": "route",
    "rues": "rue",
    "rpt": "rond point",
    "rdpt": "rond point",
    "sent": "sentier",
    "sq": "square",
    "trav": "traverse",
    "vla": "villa",
    "carr": "carrefour",
    "chee": "chaussee",
    "rle": "ruelle",
    "vlge": "village",
}
# … and those that mean it only where the kind of street is expected, first.
_FIRST_ONLY = {
    "a": "avenue",
    "all": "allee",
    "allees": "allee",
    "b": "boulevard",
    "ch": "chemin",
    "ham": "hameau",
    "pas": "passage",
    "pr": "promenade",
    "q": "quai",
    "r": "rue",
    "rd": "rond",
    "rp": "rond point",
    "vc": "voie communale",
}
_NAMES = {
    "adj": "adjudant",
    "aml": "amiral",
    "amal": "amiral",
    "asp": "aspirant",
    "bat": "batiment",
    "cap": "capitaine",
    "capt": "capitaine",
    "cne": "capitaine",
    "card": "cardinal",
    "cdt": "commandant",
    "cmdt": "commandant",
    "cpl": "caporal",
    "col": "colonel",
    "dct": "docteur",
    "doct": "docteur",
    "dr": "docteur",
    "gal": "general",
    "gen": "general",
    "gd": "grand",
    "gde": "grande",
    "gds": "grands",
    "gdes": "grandes",
    "ing": "ingenieur",
    "insp": "inspecteur",
    "lt": "lieutenant",
    "ltn": "lieutenant",
    "mal": "marechal",
    "mar": "marechal",
    "mchal": "marechal",
    "mgr": "monseigneur",
    "mme": "madame",
    "mlle": "mademoiselle",
    "mt": "mont",
    "nd": "notre dame",
    "pdt": "president",
    "pres": "president",
    "prdt": "president",
    "prof": "professeur",
    "pte": "porte",
    "sgt": "sergent",
    "st": "saint",
    "ste": "sainte",
    "sts": "saints",
    "stes": "saintes",
    "vx": "vieux",
    # Dates are written both ways on the plates themselves.
    "premier": "1er",
    "quatre": "4",
    "huit": "8",
    "onze": "11",
    "quatorze": "14",
    "dix": "10",
}
_EVERYWHERE = _STREETS | _NAMES
_TYPE_WORDS = """
    allee avenue boulevard carrefour chaussee chemin cite clos cour cours esplanade faubourg
    galerie hameau impasse jardin lotissement montee parc parvis passage passerelle place
    placette pont port porte promenade quai quartier residence rond route rue ruelle sente
    sentier square traverse venelle villa voie
"""
_FULL_TYPES = frozenset(_TYPE_WORDS.split())
_TYPES = _FULL_TYPES | _STREETS.keys() | _FIRST_ONLY.keys()
_SMALL_WORDS = """
    a au aux d de des du en et l la le les sur
"""
_SMALL = frozenset(_SMALL_WORDS.split())

_LIEU_DIT = re.compile(r"^(?:lieu dit|lieudit|ld) (?=.)")
_EDGES = " ,;-–()"
_TOKEN = re.compile(r"[^\W_]+")
_POSTCODE = re.compile(r"(?<![\w-])(?:F-)?(?!00)\d{5}(?!\w)", re.IGNORECASE)
_NUMBER = re.compile(
    r"""
    ^\W* (?:n\s*[°ºo]?\.?\s*|nr\.?\s*|num[eé]ro\s+|number\s+)?
    0{0,4}(?P<number>\d{1,4})
    (?:\s*(?:[-/&]|à\b|a\b|et\b)\s*\d{1,4}(?=\W))?
    (?:\s*(?P<word>bis|ter|quater|quinquies)|\s?(?P<letter>[a-z]))?
    \b [\s,.]* (?P<street>.*)$
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_INSIDE = re.compile(
    r"(?<!\w)(?:\d{1,4}\s*(?:bis|ter|quater|[a-z]\b)?[\s,]*)?(?<!\w)(?:"
    # Single letters and words of everyday language say too little inside a sentence.
    + "|".join(sorted(word for word in _FULL_TYPES | _STREETS.keys() if len(word) > 1))
    + r")\b\.?[^\n;()]+",
    re.IGNORECASE,
)
_MONTH_WORDS = """
    janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
"""
_MONTHS = frozenset(_MONTH_WORDS.split())


class HouseNumber(NamedTuple):
    """What stands before the street: 12, "bis", and the street as it was written."""

    number: int | None
    suffix: str
    street: str

    @property
    def label(self) -> str:
        """The number as it is written on the door, « 12 bis »; empty when there is none."""
        return f"{self.number or ''} {self.suffix}".strip()


def split_number(text: str) -> HouseNumber:
    """Return the house number, its suffix (`bis`, `b`…, lower case) and the rest of `text`.

    Of « 12-14 rue X » the first number counts. « 8 mai 1945 » and « 75011 Paris » have none.
    """
    stripped = text.strip()
    match = _NUMBER.match(stripped)
    if match is None or not int(match["number"]):
        return HouseNumber(None, "", stripped)
    number, street = int(match["number"]), match["street"]
    suffix = (match["word"] or match["letter"] or "").lower()
    following = _tokens(street)
    if match["letter"] and stripped[match.start("letter") - 1].isspace():
        # « 12 r de Paris » is a street, « 12 b rue de Paris » a suffix: a kind of street tells.
        if not following or following[0] not in _TYPES:
            return HouseNumber(number, "", stripped[match.start("letter") :])
    elif following and following[0] in _MONTHS:
        return HouseNumber(None, "", stripped)
    return HouseNumber(number, suffix, street.strip())


def strip_city(text: str, city: str | None = None) -> str:
    """Return `text` without its postcode and what follows (the city, the country).

    Without a postcode, what follows the last comma is dropped when it begins with `city`.
    """
    codes = list(_POSTCODE.finditer(text))
    for code in reversed(codes):
        if before := text[: code.start()].strip(_EDGES):
            return strip_city(before, city)
    if codes:
        # « 75011 Paris, 12 rue X », or « 75011 Place X » where a form had no field for the number.
        first, _, second = text[codes[0].end() :].partition(",")
        parts = [part.strip(_EDGES) for part in (first, second)]
        has_street = not _TYPES.isdisjoint(_tokens(first))
        return (parts[0] if has_street else parts[1]) or text.strip()
    head, comma, tail = text.rpartition(",")
    if comma and city and fold(tail).strip().startswith(fold(city).strip()):
        return head.strip(" ,;")
    return text.strip()


def find_address(text: str) -> str | None:
    """Return the part of `text` that reads like an address: a kind of street and what follows.

    « École maternelle 31 rue des Renaudes » gives « 31 rue des Renaudes ».
    """
    match = _INSIDE.search(text)
    return match.group().strip(_EDGES) if match else None


def name_key(name: str) -> str:
    """Return the key of a street's or a hamlet's name: nothing is a number or a town in it."""
    words = _expanded(_tokens(name))
    kept = _LIEU_DIT.sub("", " ".join(words))
    return kept or " ".join(words)


def name_prefixes(name: str) -> list[str]:
    """Return the beginnings of keys that a name being typed may lead to, best first.

    The last word may be an abbreviation (« col ») or an unfinished word (« Colbert »): both.
    """
    tokens = _tokens(name)
    whole = name_key(name)
    if not tokens or (tokens[-1] in _SMALL and len(tokens) > 1):
        return [whole] if whole else []
    as_typed = _LIEU_DIT.sub("", " ".join(_expanded(tokens[:-1]) + tokens[-1:]))
    return list(dict.fromkeys((whole, as_typed)))


def is_named(key: str, *, kind: bool = False) -> bool:
    """Whether a key holds more than a kind of street; with ``kind``, whether one begins it."""
    words = key.split()
    return any(w not in _FULL_TYPES for w in words) and (not kind or words[0] in _FULL_TYPES)


def naming_part(key: str) -> str:
    """Return what names a street in its key: `saint malo` of `rue saint malo`.

    The key itself when it is nothing but a kind of street.
    """
    words = key.split()
    named = list(words)
    while named and named[0] in _FULL_TYPES:
        del named[0]
    return " ".join(named or words)


def address_key(text: str, city: str | None = None) -> str:
    """Return the key under which an address is stored and compared.

    `12bis avenue general gaulle`: the number with its suffix, then the street in folded words,
    abbreviations written out and small words (de, du, la…) dropped. Empty when nothing is left.
    """
    number, suffix, street = split_number(strip_city(text, city))
    head = [f"{number}{suffix}"] if number is not None else []
    return " ".join(head + _expanded(_tokens(street)))


def _tokens(street: str) -> list[str]:
    return _TOKEN.findall(fold(street))


def _expanded(tokens: list[str]) -> list[str]:
    words: list[str] = []
    for index, token in enumerate(tokens):
        if index == 0 and token in _FIRST_ONLY:
            words.append(_FIRST_ONLY[token])
        elif token in _EVERYWHERE:
            words.append(_EVERYWHERE[token])
        elif token not in _SMALL or (index == 0 and len(tokens) == 1):
            words.append(token)
    return words
