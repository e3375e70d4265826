"""French spellings that sound alike, for what is written by ear."""

from collections.abc import Iterator

_ALIKE = (
    ("e", "ai", "ei", "est", "et"),
    ("o", "au", "eau"),
    ("an", "en", "am", "em"),
    ("in", "ain", "ein", "un", "im"),
    ("f", "ph"),
    ("k", "c", "qu", "ch"),
    ("s", "c", "ss", "sc", "t"),
    ("g", "j", "ge"),
    ("i", "y", "ill"),
    ("z", "s"),
    ("eu", "oeu"),
    ("h", ""),
    ("oi", "oua"),
)
"""Each line sounds the same somewhere in a word; folded, so that « è » is « e »."""


def respellings(word: str) -> Iterator[str]:
    """Yield the folded ``word`` with one sound written otherwise: « lampadere », « lampadaire »."""
    for line in _ALIKE:
        for written in filter(None, line):
            at = word.find(written)
            while at >= 0:
                for other in line:
                    if other != written:
                        yield word[:at] + other + word[at + len(written) :]
                at = word.find(written, at + 1)
