"""The part of a text that shows why a search found it."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from civic.text.folding import fold
from civic.text.references import normalise_reference
from civic.text.stems import stems, term_stems

_WORD = re.compile(r"\b[A-Za-z]-[0-9A-Za-z]{4,8}-[0-9A-Za-z]{2}\b|[^\W_]+")
_SPACES = re.compile(r"\s+")
_SHORTEST_PREFIX = 3
_LONGEST_SCANNED = 20_000
_MOST_WINDOWS = 200


class _Hit(NamedTuple):
    start: int
    end: int
    term: int


def snippet(text: str, query: str, width: int = 160) -> list[tuple[str, bool]]:
    """Return an extract of `text` of about `width` characters, as (fragment, does it match).

    The extract is the one that holds the most different words of `query`; a word matches by its
    stem or its beginning, whatever its accents and case. Joined, the fragments are the text itself
    (spaces made single), with « … » where it was cut. Without a match it is the beginning.
    """
    plain = _SPACES.sub(" ", unicodedata.normalize("NFC", text[:_LONGEST_SCANNED])).strip()
    hits = _hits(plain, query)
    start, end = _window(plain, hits, width)
    fragments: list[tuple[str, bool]] = []
    position = start
    for hit in hits:
        if hit.start < start or hit.end > end:
            continue
        fragments.append((plain[position : hit.start], False))
        fragments.append((plain[hit.start : hit.end], True))
        position = hit.end
    fragments.append((plain[position:end], False))
    if start > 0:
        fragments.insert(0, ("… ", False))
    if end < len(plain) or len(text) > _LONGEST_SCANNED:
        fragments.append((" …", False))
    return _joined(fragments)


def _hits(text: str, query: str) -> list[_Hit]:
    terms = [frozenset(alternatives) for alternatives in term_stems(query)]
    if not terms:
        return []
    # What is typed may be a beginning: of the word, or of its stem.
    beginnings = [
        tuple(stem for stem in term if len(stem) >= _SHORTEST_PREFIX and not stem[0].isdigit())
        for term in terms
    ]
    found = []
    for match in _WORD.finditer(text):
        folded, stemmed = _forms(match.group())
        for number, term in enumerate(terms):
            if not stemmed.isdisjoint(term) or folded.startswith(beginnings[number]):
                found.append(_Hit(match.start(), match.end(), number))
                break
    return found


@lru_cache(maxsize=65_536)
def _forms(word: str) -> tuple[str, frozenset[str]]:
    """Return a word folded, and its stems with that folded form among them."""
    reference = normalise_reference(word) if "-" in word else None
    folded = reference.replace("-", "").lower() if reference else fold(word)
    return folded, frozenset(stems(word)) | {folded}


def _window(text: str, hits: list[_Hit], width: int) -> tuple[int, int]:
    """Return where the best extract starts and ends."""
    if len(text) <= width:
        return 0, len(text)
    best, best_score = 0, -1
    for first, hit in enumerate(hits[:_MOST_WINDOWS]):
        inside = []
        for other in hits[first:]:
            if other.end > hit.start + width:
                break
            inside.append(other)
        score = len({other.term for other in inside}) * 1000 + len(inside)
        if score > best_score:
            best, best_score = hit.start, score
    # A few words before the match, so that it reads as part of a sentence.
    start = max(0, min(best - width // 4, len(text) - width)) if hits else 0
    end = min(len(text), start + width)
    if start > 0:
        following = text.find(" ", start)
        start = following + 1 if 0 <= following < best else start
    if end < len(text):
        previous = text.rfind(" ", start, end + 1)
        end = previous if previous > max(start, best) else end
    return start, end


def _joined(fragments: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Return the fragments with empty ones dropped and unmarked neighbours made one."""
    joined: list[tuple[str, bool]] = []
    for text, marked in fragments:
        if not text:
            continue
        if joined and not marked and not joined[-1][1]:
            joined[-1] = (joined[-1][0] + text, False)
        else:
            joined.append((text, marked))
    return joined
