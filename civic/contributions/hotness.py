"""How supports add up to the stored ``hot`` score, and how sure a share of approval is.

Pure functions; the page that explains the order is made from them (civic.lists.ranking).
"""

import math
from collections.abc import Iterable
from datetime import UTC, datetime

HALF_LIFE_DAYS = 14.0
SUBMISSION_WEIGHT = 1.0
VOTE_WEIGHT = 1.0
COMMENT_WEIGHT = 0.5
LITTLE_SEEN_VOTES = 3
"""Up to so many supports an open idea counts as little seen."""

_SECONDS_A_DAY = 86_400.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hot_after(
    hot: float | None, at: datetime, weight: float, half_life_days: float = HALF_LIFE_DAYS
) -> float:
    """Return the stored score after a support of `weight` came at `at`; `hot` is None for none yet.

    The order in which supports are added does not matter. Never less than before.
    """
    if weight <= 0:
        raise ValueError(f"a support weighs more than nothing, not {weight}")
    added = math.log2(weight) + half_lives(at, half_life_days)
    if hot is None:
        return added
    high, low = max(hot, added), min(hot, added)
    # log2(2^high + 2^low) without ever leaving the logarithm.
    return high + math.log1p(2.0 ** (low - high)) / math.log(2)


def hot_initial(at: datetime, half_life_days: float = HALF_LIFE_DAYS) -> float:
    """Return the score of a contribution that was just submitted."""
    return hot_after(None, at, SUBMISSION_WEIGHT, half_life_days)


def hot_without(
    remaining: Iterable[tuple[datetime, float]], half_life_days: float = HALF_LIFE_DAYS
) -> float | None:
    """Return the score made anew from all (time, weight) that remain; None when nothing does.

    For a vote taken back: subtracting two nearly equal logarithms would lose what is left.
    """
    hot: float | None = None
    # The smallest first, so that many old supports add up before they meet a young one.
    for at, weight in sorted(remaining):
        hot = hot_after(hot, at, weight, half_life_days)
    return hot


def half_lives(at: datetime, half_life_days: float) -> float:
    """Return how many half-lives lie between 1970 and ``at``."""
    return (at - _EPOCH).total_seconds() / _SECONDS_A_DAY / half_life_days


def wilson_lower_bound(positive: int, total: int, z: float = 1.96) -> float:
    """Return the share of approval, 0 to 1, that `positive` of `total` votes make sure of.

    `z` is the confidence: 1.96 for 95 %. 0 without any vote.
    """
    if not 0 <= positive <= total:
        raise ValueError(f"{positive} of {total} is not a share")
    if total == 0:
        return 0.0
    share = positive / total
    centre = share + z * z / (2 * total)
    margin = z * math.sqrt((share * (1 - share) + z * z / (4 * total)) / total)
    return max(0.0, (centre - margin) / (1 + z * z / total))
