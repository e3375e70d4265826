"""How contributions are ordered, as pure functions that a page can explain with its own numbers.

**Hot.** Each support adds `weight × 2^(t / half-life)`, t being when it came, in days since 1970. A
support that is one half-life younger so weighs twice as much, for ever: time passes for all alike,
and the order of two untouched items never changes. The sum grows beyond any float, so its base-2
logarithm is stored; ordering by that number is ordering by heat, with no recalculation and an
ordinary index. Only a vote or a comment changes it.

**Wilson.** Arguments and comments are ordered by the lower bound of the Wilson interval: the share
of approval we may be confident of, so that 1 of 1 does not beat 95 of 100.

**Little-seen.** Whoever is first is seen first and stays first; some places of each page therefore
go to items few have seen, drawn by a shuffle whose seed is public.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import pairwise
from typing import TypeVar

from civic.contributions.hotness import (
    COMMENT_WEIGHT,
    HALF_LIFE_DAYS,
    LITTLE_SEEN_VOTES,
    SUBMISSION_WEIGHT,
    VOTE_WEIGHT,
    half_lives,
    hot_after,
    hot_initial,
    hot_without,
    wilson_lower_bound,
)

__all__ = [
    "COMMENT_WEIGHT",
    "HALF_LIFE_DAYS",
    "LITTLE_SEEN_SHARE",
    "LITTLE_SEEN_VOTES",
    "SUBMISSION_WEIGHT",
    "UNTOUCHED_FIRST_PLACES",
    "VOTE_WEIGHT",
    "Explanation",
    "explain",
    "hot_after",
    "hot_initial",
    "hot_without",
    "little_seen_order",
    "little_seen_places",
    "wilson_lower_bound",
    "with_little_seen",
]

LITTLE_SEEN_SHARE = 0.15
UNTOUCHED_FIRST_PLACES = 2

_SECONDS_A_DAY = 86_400.0
_LARGEST_EXPONENT = 1000.0

Item = TypeVar("Item")


# ------------------------------------------------------------------------------------ little-seen


def little_seen_places(
    page_size: int, seed: str, page: int = 1, share: float = LITTLE_SEEN_SHARE
) -> tuple[int, ...]:
    """Return which places (0 is the first) of a page go to little-seen items.

    `share` of the page, rounded; spread evenly, each at a place drawn by `seed` and `page` inside
    its own stretch. The first two places are never taken, whatever the page.
    """
    free = page_size - UNTOUCHED_FIRST_PLACES
    count = min(round(page_size * share), free)
    if count <= 0:
        return ()
    edges = [UNTOUCHED_FIRST_PLACES + free * n // count for n in range(count + 1)]
    return tuple(
        first + _draw(seed, f"place/{page}/{n}") % (last - first)
        for n, (first, last) in enumerate(pairwise(edges))
    )


def little_seen_order(keys: Iterable[str], seed: str) -> list[str]:
    """Return `keys` shuffled by `seed`: the same for everyone who has the same seed.

    A key keeps its rank among the others when some come or go, so that pages stay stable.
    """
    return sorted(keys, key=lambda key: (_draw(seed, f"item/{key}"), key))


def with_little_seen(
    ranked: Sequence[Item], little_seen: Sequence[Item], places: Sequence[int]
) -> list[tuple[Item, bool]]:
    """Return a page: `ranked` in order, with `little_seen` put at `places`; each with its mark.

    Items too few for their places leave them to the ranked ones. The page is as long as both lists
    allow: the caller asks for `page_size - len(places)` ranked items, and leaves the little-seen
    ones out of them.
    """
    page: list[tuple[Item, bool]] = []
    rest, drawn = list(ranked), list(little_seen)[: len(places)]
    while rest or drawn:
        if drawn and (len(page) in places or not rest):
            page.append((drawn.pop(0), True))
        else:
            page.append((rest.pop(0), False))
    return page


def _draw(seed: str, purpose: str) -> int:
    return int.from_bytes(blake2b(f"{seed}/{purpose}".encode(), digest_size=8).digest())


# ---------------------------------------------------------------------------------------- explain


@dataclass(frozen=True, slots=True)
class Explanation:
    """The numbers behind one card's place, for « Pourquoi ici ? »."""

    votes: int
    comments: int
    vote_weight: float
    comment_weight: float
    submission_weight: float
    half_life_days: float
    age_days: float
    undecayed: float
    """What all supports would weigh had they come now."""
    worth_now: float
    """What they weigh now: as many votes as would have to come this minute to be as hot."""
    is_little_seen: bool
    """The card stands here by the draw, not by its score."""


def explain(
    *,
    hot: float,
    now: datetime,
    submitted_at: datetime,
    votes: int,
    comments: int,
    is_little_seen: bool = False,
    half_life_days: float = HALF_LIFE_DAYS,
) -> Explanation:
    """Return the numbers that put a contribution with the stored score `hot` where it stands."""
    exponent = min(hot - half_lives(now, half_life_days), _LARGEST_EXPONENT)
    return Explanation(
        votes=votes,
        comments=comments,
        vote_weight=VOTE_WEIGHT,
        comment_weight=COMMENT_WEIGHT,
        submission_weight=SUBMISSION_WEIGHT,
        half_life_days=half_life_days,
        age_days=max((now - submitted_at).total_seconds() / _SECONDS_A_DAY, 0.0),
        undecayed=SUBMISSION_WEIGHT + votes * VOTE_WEIGHT + comments * COMMENT_WEIGHT,
        worth_now=2.0**exponent,
        is_little_seen=is_little_seen,
    )
