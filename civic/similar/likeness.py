"""How likely two contributions are the same problem: text × distance × time × category.

Each factor is between 0 and 1 and a missing one is neutral, so the product can be explained factor
by factor. Pure: who fetches the candidates decides how far and how long to look
(`SEARCH_RADIUS_FACTOR` says how far is ever useful).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import TypeVar

from rapidfuzz import fuzz

from civic.places.geometry import Position, haversine_m
from civic.text.stems import term_stems

THRESHOLD = 0.35
"""A pair below it is not shown to anyone."""
MOST_SHOWN = 5
"""More than these is a list to read, not a hint."""

DEFAULT_RADIUS_M = 50.0
"""The distance at which a pair counts half, for a category that sets none."""
SEARCH_RADIUS_FACTOR = 2.0
"""Beyond so many radii the distance factor is 0."""
HALF_LIFE_DAYS = 60.0
"""The age difference at which a pair counts half."""

UNKNOWN = 0.6
"""The factor of what one of both does not say: neither proof nor disproof."""

_MOST_WORDS = 120
_MOST_CHARACTERS = 2_000
_CHANCE = 0.3  # two French texts about different things are so alike, letter by letter
_NO_COMMON_WORD = 0.4  # people name one thing in two ways: place and category may speak alone

Key = TypeVar("Key")


class Kinship(Enum):
    """How two categories stand to each other; the value is the factor."""

    SAME = 1.0
    SIBLING = 0.75
    """Two children of one parent, or parent and child: people confuse them."""
    OTHER = 0.45
    """A wrong category is common: a very like text at the same place still counts."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is compared of a contribution, or of one that is still being written."""

    title_stems: str
    all_stems: str
    at: datetime
    position: Position | None
    category: str | None
    parent_category: str | None


@dataclass(frozen=True, slots=True)
class Likeness:
    """The score of a pair, 0 to 1, with the factors that made it."""

    text: float
    distance: float
    time: float
    category: float
    distance_m: float | None

    @property
    def score(self) -> float:
        """The product of the four factors."""
        return self.text * self.distance * self.time * self.category


def subject(
    *,
    title: str,
    body: str,
    at: datetime,
    position: Position | None = None,
    category: str | None = None,
    parent_category: str | None = None,
) -> Subject:
    """Return what is compared of a contribution, its texts made stems once for all comparisons.

    Of a long text the first 120 words count.
    """
    title_stems = _stemmed(title)
    return Subject(
        title_stems=" ".join(title_stems),
        all_stems=" ".join((title_stems + _stemmed(body))[:_MOST_WORDS]),
        at=at,
        position=position,
        category=category,
        parent_category=parent_category,
    )


def likeness(new: Subject, old: Subject, *, radius_m: float = DEFAULT_RADIUS_M) -> Likeness:
    """Return how alike two contributions are. Which is which does not matter."""
    metres = (
        haversine_m(new.position, old.position)
        if new.position is not None and old.position is not None
        else None
    )
    return Likeness(
        text=_text_factor(new, old),
        distance=UNKNOWN if metres is None else distance_factor(metres, radius_m),
        time=time_factor(new.at, old.at),
        category=_kinship(new, old).value,
        distance_m=metres,
    )


def near_duplicates(
    new: Subject,
    candidates: Iterable[tuple[Key, Subject]],
    *,
    radius_m: float = DEFAULT_RADIUS_M,
    threshold: float = THRESHOLD,
    limit: int = MOST_SHOWN,
) -> list[tuple[Key, Likeness]]:
    """Return the keys of the candidates most like `new`, best first, those under `threshold` left.

    `radius_m` is that of the category of `new`. Equal ones keep the order of `candidates`.
    """
    scored = [(key, likeness(new, old, radius_m=radius_m)) for key, old in candidates]
    alike = [pair for pair in scored if pair[1].score >= threshold]
    return sorted(alike, key=lambda pair: -pair[1].score)[:limit]


def distance_factor(metres: float, radius_m: float) -> float:
    """Return 1 at the same spot, ½ at `radius_m` metres, 0 beyond twice that."""
    if metres > radius_m * SEARCH_RADIUS_FACTOR:
        return 0.0
    return math.exp2(-((metres / radius_m) ** 2))


def time_factor(a: datetime, b: datetime, half_life_days: float = HALF_LIFE_DAYS) -> float:
    """Return 1 for the same moment, ½ for `half_life_days` between them, and so on."""
    days = abs((a - b).total_seconds()) / 86_400
    return math.exp2(-days / half_life_days)


def _text_factor(a: Subject, b: Subject) -> float:
    if not a.all_stems or not b.all_stems:
        return UNKNOWN
    ratio = max(_words_ratio(a.all_stems, b.all_stems), _words_ratio(a.title_stems, b.title_stems))
    proof = max(0.0, ratio - _CHANCE) / (1 - _CHANCE)
    return _NO_COMMON_WORD + (1 - _NO_COMMON_WORD) * proof


def _words_ratio(a: str, b: str) -> float:
    """Return 0 to 1: half for the words that one has of the other, half for all of them alike."""
    return (fuzz.token_set_ratio(a, b) + fuzz.token_sort_ratio(a, b)) / 200


def _kinship(a: Subject, b: Subject) -> Kinship:
    if a.category is None or b.category is None:
        return Kinship.SIBLING
    if a.category == b.category:
        return Kinship.SAME
    family_a, family_b = a.parent_category or a.category, b.parent_category or b.category
    return Kinship.SIBLING if family_a == family_b else Kinship.OTHER


@lru_cache(maxsize=4_096)
def _stemmed(text: str) -> tuple[str, ...]:
    # The same candidates come back with every letter that is typed.
    return tuple(found[0] for found in term_stems(text[:_MOST_CHARACTERS]))
