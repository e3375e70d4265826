"""Names in the order in which people look for them."""

import re

from civic.text.folding import fold

_AFTER_NUMBERS = 1 << 62


def as_counted(name: str) -> tuple[tuple[int, str], ...]:
    """Return the key to sort ``name`` by: « 2e arrondissement » before « 10e », accents aside."""
    parts = re.findall(r"\d+|\D+", fold(name))
    return tuple((int(part), "") if part.isdecimal() else (_AFTER_NUMBERS, part) for part in parts)
