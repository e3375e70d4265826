"""The order of a list is fair, explained, and does not move by itself."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.lists.ranking import (
    COMMENT_WEIGHT,
    UNTOUCHED_FIRST_PLACES,
    VOTE_WEIGHT,
    explain,
    hot_after,
    hot_initial,
    hot_without,
    little_seen_order,
    little_seen_places,
    wilson_lower_bound,
    with_little_seen,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
moments = st.integers(0, 20 * 365 * 24 * 60).map(
    lambda minutes: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
weights = st.sampled_from([VOTE_WEIGHT, COMMENT_WEIGHT, 3.0])
supports = st.lists(st.tuples(moments, weights), min_size=1, max_size=30)


def hot_of(items: list[tuple[datetime, float]]) -> float:
    hot: float | None = None
    for at, weight in items:
        hot = hot_after(hot, at, weight)
    assert hot is not None
    return hot


@given(supports, moments, weights)
def test_more_support_never_ranks_lower(
    before: list[tuple[datetime, float]], at: datetime, weight: float
) -> None:
    hot = hot_of(before)
    assert hot_after(hot, at, weight) >= hot


@given(moments, weights, st.integers(1, 50))
def test_of_two_born_together_the_more_supported_is_hotter(
    born: datetime, weight: float, votes: int
) -> None:
    later = born + timedelta(days=1)
    few = hot_of([(born, 1.0)] + [(later, weight)] * votes)
    many = hot_of([(born, 1.0)] + [(later, weight)] * (votes + 1))
    assert many > few


@given(supports, supports, moments, st.integers(0, 3650))
def test_time_alone_never_reorders(
    a: list[tuple[datetime, float]],
    b: list[tuple[datetime, float]],
    now: datetime,
    days: int,
) -> None:
    """What each is worth, worked out at two moments, is in the order of the stored numbers."""
    later = now + timedelta(days=days)
    hot_a, hot_b = hot_of(a), hot_of(b)
    for moment in (now, later):
        worth_a, worth_b = (
            explain(hot=hot, now=moment, submitted_at=now, votes=0, comments=0).worth_now
            for hot in (hot_a, hot_b)
        )
        if hot_a > hot_b:
            assert worth_a >= worth_b
        elif hot_a < hot_b:
            assert worth_a <= worth_b


@given(supports, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(
    items: list[tuple[datetime, float]], random: object
) -> None:
    shuffled = items.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert hot_of(items) == pytest.approx(hot_of(shuffled), abs=1e-9)
    assert hot_without(items) == pytest.approx(hot_of(items), abs=1e-9)


def test_one_half_life_halves() -> None:
    """Two supports of a fortnight ago weigh as much as one of today."""
    fortnight = NOW - timedelta(days=14)
    assert hot_of([(fortnight, 1.0)] * 2) == pytest.approx(hot_of([(NOW, 1.0)]))


def test_a_vote_taken_back_leaves_what_was_there() -> None:
    first = hot_initial(NOW)
    assert hot_without([(NOW, 1.0)]) == pytest.approx(first)
    assert hot_without([]) is None


@given(moments, st.floats(0.1, 3650))
def test_no_score_overflows(at: datetime, half_life: float) -> None:
    hot = hot_initial(at, half_life)
    for _ in range(10):
        hot = hot_after(hot, at, 1.0, half_life)
    assert hot < 1e7


def test_a_support_has_weight() -> None:
    with pytest.raises(ValueError, match="weighs"):
        hot_after(None, NOW, 0)


# ---------------------------------------------------------------------------------------- wilson


def test_one_of_one_does_not_beat_many_of_many() -> None:
    assert wilson_lower_bound(1, 1) < wilson_lower_bound(95, 100)
    assert wilson_lower_bound(0, 0) == 0
    assert wilson_lower_bound(0, 10) == 0
    assert wilson_lower_bound(10, 20) == pytest.approx(0.299, abs=0.001)


@given(st.integers(0, 500), st.integers(0, 500))
def test_one_more_approval_never_ranks_lower_nor_one_more_refusal_higher(
    positive: int, negative: int
) -> None:
    total = positive + negative
    bound = wilson_lower_bound(positive, total)
    assert 0 <= bound <= 1
    assert wilson_lower_bound(positive + 1, total + 1) >= bound
    assert wilson_lower_bound(positive, total + 1) <= bound + 1e-12


@pytest.mark.parametrize(("positive", "total"), [(2, 1), (-1, 1)])
def test_a_share_is_a_share(positive: int, total: int) -> None:
    with pytest.raises(ValueError, match="share"):
        wilson_lower_bound(positive, total)


# ------------------------------------------------------------------------------------ little-seen


@given(st.integers(0, 100), st.text(max_size=8), st.integers(1, 50), st.floats(0, 1))
def test_places_are_in_the_page_apart_and_never_the_first(
    page_size: int, seed: str, page: int, share: float
) -> None:
    places = little_seen_places(page_size, seed, page, share)
    assert places == little_seen_places(page_size, seed, page, share)
    assert all(UNTOUCHED_FIRST_PLACES <= place < page_size for place in places)
    assert all(a < b for a, b in pairwise(places))


def test_a_page_of_twenty_keeps_three_places() -> None:
    assert len(little_seen_places(20, "2026-11-21")) == 3
    assert len({little_seen_places(20, str(day)) for day in range(30)}) > 1


@given(st.lists(st.text(), unique=True, min_size=1, max_size=30), st.text(max_size=8))
def test_the_draw_is_a_shuffle_that_others_do_not_disturb(keys: list[str], seed: str) -> None:
    order = little_seen_order(keys, seed)
    assert sorted(order) == sorted(keys)
    assert order == little_seen_order(reversed(keys), seed)
    without_first = [key for key in order if key != keys[0]]
    assert without_first == little_seen_order(keys[1:], seed)


def test_over_many_days_everyone_is_drawn_about_as_often() -> None:
    keys = [str(n) for n in range(10)]
    firsts = [little_seen_order(keys, f"day {day}")[0] for day in range(2000)]
    assert all(130 < firsts.count(key) < 270 for key in keys)


def test_a_page_puts_the_drawn_at_their_places() -> None:
    page = with_little_seen(["a", "b", "c", "d"], ["x", "y"], (2, 4))
    assert page == [
        ("a", False),
        ("b", False),
        ("x", True),
        ("c", False),
        ("y", True),
        ("d", False),
    ]


@given(st.lists(st.integers()), st.lists(st.integers()), st.integers(0, 40))
def test_a_page_loses_and_doubles_nothing(
    ranked: list[int], drawn: list[int], page_size: int
) -> None:
    places = little_seen_places(page_size, "seed")
    page = with_little_seen(ranked, drawn, places)
    assert [item for item, mark in page if not mark] == ranked
    assert [item for item, mark in page if mark] == drawn[: len(places)]


# ---------------------------------------------------------------------------------------- explain


def test_the_explanation_gives_the_very_numbers() -> None:
    born = NOW - timedelta(days=14)
    hot = hot_after(hot_initial(born), NOW, VOTE_WEIGHT)
    told = explain(hot=hot, now=NOW, submitted_at=born, votes=1, comments=0)
    assert told.undecayed == 2
    assert told.worth_now == pytest.approx(1.5)
    assert told.age_days == 14
    assert not told.is_little_seen
