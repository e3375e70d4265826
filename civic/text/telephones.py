"""Telephone numbers as people write them, and the terms by which any part of one is found."""

import re
from collections.abc import Iterator

_SHORTEST, _LONGEST = 4, 15
"""Digits of a part that can be looked for, and of the longest number there is (E.164)."""
_MOST_TERMS = 400
"""Of one text: its first forty numbers."""
_MARK = "tel"
"""What the terms begin with: no word of a text is taken for one."""
_GAP = r"[\s.\-/‐‑–]{0,3}"
_NUMBER = re.compile(rf"\+?\d(?:{_GAP}\d){{5,}}")
_PART = re.compile(rf"\+?\d(?:{_GAP}\d){{{_SHORTEST - 1},}}")
_TRUNK_ZERO = re.compile(r"\(0\)")
_FROM_ABROAD = re.compile(r"(?:\+|00)(?:33|262|508|590|594|596|681|687|689)0?(\d+)")
"""A number of France or of its overseas territories with the code of the country before it."""
_WITHOUT_ZERO = re.compile(r"[1-9]\d{8}")


def number_terms(text: str) -> set[str]:
    """Return the terms that the long numbers of ``text`` are found by, at most _MOST_TERMS.

    The beginning of one of them is any part of a number, from four digits on.
    """
    found: set[str] = set()
    for number in _NUMBER.findall(_TRUNK_ZERO.sub("", text)):
        if len(found) >= _MOST_TERMS:
            break
        for digits in _spellings(number):
            ends = range(min(len(digits) - _SHORTEST + 1, _MOST_TERMS))
            found |= {_MARK + digits[at : at + _LONGEST] for at in ends}
    return found


def split_parts(text: str) -> tuple[list[str], str]:
    """Return what of ``text`` may be a part of a number, each as it is typed, and the rest."""
    text = _TRUNK_ZERO.sub("", text)
    return _PART.findall(text), _PART.sub(" ", text)


def asked_terms(part: str) -> list[str]:
    """Return what one of :func:`number_terms` begins with if ``part`` is of that number."""
    return sorted({_MARK + digits[:_LONGEST] for digits in _spellings(part)})


def _spellings(number: str) -> Iterator[str]:
    """Yield the digits of a number, from abroad and as they are dialled within the country."""
    digits = "".join(str(int(char)) for char in number if char.isdecimal())
    yield digits.removeprefix("00")
    if abroad := _FROM_ABROAD.fullmatch("+" * number.startswith("+") + digits):
        yield f"0{abroad[1]}"
    elif _WITHOUT_ZERO.fullmatch(digits):
        yield f"0{digits}"
