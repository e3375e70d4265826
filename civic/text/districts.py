"""Arrondissements in the name of a town: « Paris 12e Arrondissement », « Lyon III »."""

import re
import unicodedata

from civic.text.addresses import name_key
from civic.text.folding import fold

TOKEN = re.compile(r"[^\W_]+")
_ORDINAL = re.compile(r"^(\d{1,2})(?:er|e|eme|ieme|nd|nde|st|rd|th)$")
_ROMANS = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx"
_ROMAN = {
    f"{roman}{ending}": number
    for number, roman in enumerate(_ROMANS.split(), start=1)
    for ending in ("e", "er", "eme")
}
_DISTRICT_WORDS = frozenset(
    {"arrondissement", "arrondissements", "arr", "arrdt", "ardt", "district"}
)


def place_key(name: str) -> str:
    """Return the key of a town's name, of « Paris 12e Arrondissement » that of « Paris »."""
    words = [fold(word) for word in TOKEN.findall(unicodedata.normalize("NFC", name))]
    _, words = cut_district(words, after_place=True)
    return name_key(" ".join(words))


def district_of(name: str) -> int | None:
    """Return the number of the arrondissement in a town's name, None without one."""
    words = [fold(word) for word in TOKEN.findall(name)]
    return cut_district(words, after_place=True)[0]


def district_by_postcode(postcode: str) -> int | None:
    """Return the arrondissement of Paris, Lyon or Marseille, which each have postcodes."""
    is_one = postcode.startswith(("750", "751", "1300", "1301", "6900"))
    return (int(postcode[-2:]) or None) if is_one and postcode.isdigit() else None


def cut_district(words: list[str], *, after_place: bool) -> tuple[int | None, list[str]]:
    """Return the arrondissement that ends ``words``, and the words before it.

    A bare number (« Paris 12 ») or ordinal (« Paris 12e ») is one only after the name of a place.
    """
    rest = list(words)
    is_said = False
    while rest and rest[-1] in _DISTRICT_WORDS:
        del rest[-1]
        is_said = True
    if not rest or not (is_said or after_place):
        return None, words
    last = rest[-1]
    ordinal = _ORDINAL.match(last)
    number = int(ordinal[1]) if ordinal else _ROMAN.get(last)
    if number is None and last.isdigit() and len(last) <= 2 and len(rest) > 1:
        number = int(last)
    if not number or number > 20:
        return None, words
    return number, rest[:-1]
