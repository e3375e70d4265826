"""Public reference codes such as `I-7K3F-92`, made to be read aloud and typed from paper.

A letter for the kind, four characters or more, two check digits. The characters are those of
Crockford's base 32 without vowels: nothing looks like something else, and no word can appear. The
check digits (the rest by 97, a prime) catch every single wrong character and every swap of two
neighbours, so a mistyped reference is told apart from one that does not exist.
"""

import re
from typing import Protocol

from markupsafe import Markup, escape

ALPHABET = "0123456789BCDFGHJKMNPQRSTVWXYZ"

_SHORTEST, _LONGEST = 4, 8
_SPACE_PER_ISSUED = 50
_VALUE = {char: value for value, char in enumerate(ALPHABET)}
_SHAPE = re.compile(
    rf"(?P<kind>[A-Z01])(?P<body>[{ALPHABET}OIL]{{{_SHORTEST},{_LONGEST}}})(?P<check>[0-9OIL]{{2}})"
)
_WHOLE = 1 + _LONGEST + 2
_LEAST_PART = 4
_PART = re.compile(rf"[A-Z0-9][{ALPHABET}OIL]{{{_LEAST_PART - 1},{_WHOLE - 1}}}")
_MARK = "ref"
"""What the terms of parts begin with: no word of a text is taken for one."""
_MISREAD = str.maketrans("OIL", "011")
_MISREAD_KIND = str.maketrans("01", "OI")
_TEXT = re.compile(r"(?:^|(?<=>))[^<]+")
_IN_TEXT = re.compile(r"(?<![\w/-])[A-Z]{1,4}(?=-[A-Z-]*\d)(?:-[A-Z0-9]{2,8}){1,2}(?![\w-])")
"""A reference of ours or of others (`INC-2026-0042`), as far as one can tell; not in an address."""
_GAPS = re.compile(r"[\s\-.‐‑‒–—]+")


class Chooser(Protocol):
    """What is needed of `random.Random` or `secrets.SystemRandom`."""

    def choice(self, seq: str, /) -> str:
        """Return one character of `seq`."""


def reference_length(issued: int) -> int:
    """Return how many characters the next reference should have after `issued` were given.

    Long enough that at most one draw in fifty meets a reference that is taken.
    """
    length = _SHORTEST
    while length < _LONGEST and len(ALPHABET) ** length < issued * _SPACE_PER_ISSUED:
        length += 1
    return length


def new_reference(prefix: str, random: Chooser, *, length: int = _SHORTEST) -> str:
    """Return a fresh reference of the kind `prefix` (one capital letter).

    Nothing promises that it was never given: the caller keeps a unique key and draws again.
    """
    if not re.fullmatch("[A-Z]", prefix):
        raise ValueError(f"prefix must be one letter A-Z, not {prefix!r}")
    if not _SHORTEST <= length <= _LONGEST:
        raise ValueError(f"length must be {_SHORTEST} to {_LONGEST}, not {length}")
    body = "".join(random.choice(ALPHABET) for _ in range(length))
    return f"{prefix}-{body}-{_check_digits(prefix, body)}"


def normalise_reference(text: str) -> str | None:
    """Return the canonical form of a reference as a person typed it, or None if it is not one.

    Lower case, missing or odd dashes, spaces, O for 0, and I or L for 1 are forgiven; wrong check
    digits are not. A plain number is never taken for a reference.
    """
    stripped = text.strip().upper()
    compact = _GAPS.sub("", stripped)
    match = _SHAPE.fullmatch(compact)
    if match is None or (compact.isdigit() and compact == stripped):
        return None
    kind = match["kind"].translate(_MISREAD_KIND)
    body = match["body"].translate(_MISREAD)
    check = match["check"].translate(_MISREAD)
    if check != _check_digits(kind, body):
        return None
    return f"{kind}-{body}-{check}"


def unbroken(text: str, attribute: str = 'class="nowrap"') -> Markup:
    """Return a text, or HTML, in which no line ends within a reference.

    ``attribute`` is what keeps it together. Copied, its dashes are those that were written.
    """
    kept = rf"<span {attribute}>\g<0></span>"
    # What was escaped is escaped still: only what is between tags gets tags of ours.
    return Markup(_TEXT.sub(lambda part: _IN_TEXT.sub(kept, part[0]), escape(text)))  # noqa: S704


def part_terms(reference: str) -> list[str]:
    """Return the terms that any part of ``reference``, from four characters on, is found by.

    Its ends: looked for by what it begins with, an end is found by any part.
    """
    code = reference.replace("-", "").lower()
    return [_MARK + code[at:] for at in range(len(code) - _LEAST_PART + 1)]


def asked_parts(text: str) -> tuple[str, ...]:
    """Return what one of :func:`part_terms` begins with if `text` is a part of a reference.

    Four characters are enough; dashes may be missing. Empty when `text` cannot be a part, reads as
    a word, or is a whole reference.
    """
    stripped = text.strip().upper()
    compact = _GAPS.sub("", stripped)
    # Without vowels no word is read in letters alone; a dash behind the first says what it is.
    is_word = compact.isalpha() and stripped[1:2] != "-" and not set(compact) <= set(ALPHABET)
    if is_word or not _PART.fullmatch(compact) or normalise_reference(text) is not None:
        return ()
    body = compact.translate(_MISREAD)
    found = {body, compact[0].translate(_MISREAD_KIND) + body[1:]}
    return tuple(sorted(_MARK + part.lower() for part in found))


def _check_digits(kind: str, body: str) -> str:
    number = ord(kind) - ord("A")
    for char in body:
        number = number * len(ALPHABET) + _VALUE[char]
    return f"{number % 97:02d}"
