"""What was taken out of one text is taken out of others that say it too."""

import re
from collections.abc import Collection

MASK = "[…]"
_WORD = re.compile(r"[^\s,;:!?()«»\"“”<>\[\]]+")
_NUMBER = re.compile(r"\+?\d(?:[\s.\-/]?\d){5,}")
"""A telephone or another long number, however its digits are grouped."""
_NAMING = re.compile(r"^[^\W\d_a-zß-öø-ÿ]|[\d@]")
"""A capital at the beginning, a digit or an @ anywhere."""


def removed_words(before: str, after: str) -> frozenset[str]:
    """Return what may name somebody in ``before`` and is nowhere in ``after``, folded.

    That is words with a capital, a digit or an @, and long numbers: « voisin » names nobody.
    """
    kept = {_folded(word) for word in _WORD.findall(after)}
    words = {_folded(word) for word in _WORD.findall(before) if _NAMING.search(word)} - kept
    words = {word for word in words if len(word) >= (4 if word.isdigit() else 2)}
    numbers = {_digits(found) for found in _NUMBER.findall(before)}
    return frozenset(words | (numbers - {_digits(found) for found in _NUMBER.findall(after)}))


def name_words(name: str) -> frozenset[str]:
    """Return the words of a name, as :func:`mask` takes them; none of one or two letters."""
    return frozenset(word for found in _WORD.findall(name) if len(word := _folded(found)) > 2)


def contacts_in(text: str) -> frozenset[str]:
    """Return the addresses and long numbers of ``text``, as :func:`mask` takes them."""
    addresses = {_folded(word) for word in _WORD.findall(text) if "@" in word}
    return frozenset(addresses | {_digits(found) for found in _NUMBER.findall(text)})


def mask(text: str, removed: Collection[str]) -> str:
    """Return ``text`` without the words and numbers that :func:`removed_words` found elsewhere."""
    if not removed:
        return text
    text = _NUMBER.sub(lambda m: MASK if _digits(m[0]) in removed else m[0], text)
    text = _WORD.sub(lambda m: MASK if _folded(m[0]) in removed else m[0], text)
    return re.sub(rf"{re.escape(MASK)}(?:[\s,]+{re.escape(MASK)})+", MASK, text)


def _folded(word: str) -> str:
    return word.strip(".'’").casefold()


def _digits(number: str) -> str:
    """Return the last digits of a number, which are the same with and without its country."""
    return re.sub(r"\D", "", number)[-9:]
