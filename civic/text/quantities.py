"""Numbers as files write them: decimal commas, thin spaces, a minus sign of print."""

import re

_SPACES = re.compile(r"[\s'’_]")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_MINUS = str.maketrans("−–", "--")


def read_decimal(text: str) -> float:
    """Return the number that ``text`` is, with a point or a comma; raises ValueError."""
    plain = _SPACES.sub("", text).translate(_MINUS)
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    if not plain.isascii() or plain.lower().strip("+-") in {"nan", "inf", "infinity"}:
        raise ValueError(text)
    return float(plain)


def read_amount(text: str) -> float:
    """Return how many or how much ``text`` says: a comma before three digits parts thousands."""
    plain = _SPACES.sub("", text).translate(_MINUS)
    return read_decimal(plain.replace(",", "") if _THOUSANDS.fullmatch(plain) else plain)
