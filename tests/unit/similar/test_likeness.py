"""Two reports of one problem look alike; two problems at one place do not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.places.geometry import Position
from civic.similar.likeness import (
    MOST_SHOWN,
    SEARCH_RADIUS_FACTOR,
    THRESHOLD,
    UNKNOWN,
    Subject,
    distance_factor,
    likeness,
    near_duplicates,
    subject,
    time_factor,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HERE = Position(48.8566, 2.3522)
NEXT_DOOR = Position(48.8567, 2.3523)  # some 13 m away
FAR = Position(48.87, 2.3522)


def report(
    title: str,
    body: str = "",
    position: Position | None = HERE,
    days_ago: float = 0,
    category: str | None = "trou",
    parent: str | None = "voirie",
) -> Subject:
    return subject(
        title=title,
        body=body,
        at=NOW - timedelta(days=days_ago),
        position=position,
        category=category,
        parent_category=parent,
    )


NEW = report("Trou dans la chaussée", "Un trou dangereux pour les vélos devant le 12")


@pytest.mark.parametrize(
    "same",
    [
        report("Trous sur la CHAUSSEE", position=NEXT_DOOR, days_ago=3),
        report("Gros trou dans la route", "dangereux à vélo", NEXT_DOOR, days_ago=10),
        report("Nid-de-poule", position=NEXT_DOOR, days_ago=2),
        report("Trou dans la chaussée", category="pave"),
        report("Trou dans la chaussée", category="autre", parent=None),
    ],
)
def test_the_same_problem_told_otherwise(same: Subject) -> None:
    assert likeness(NEW, same).score >= THRESHOLD


@pytest.mark.parametrize(
    "other",
    [
        report("Trou dans la chaussée", position=FAR),
        report("Lampadaire éteint", category="lampe", parent="eclairage"),
        report("Trou dans la chaussée", days_ago=400),
        report("Affiches collées sur le mur", category="tag", parent="proprete"),
    ],
)
def test_another_problem(other: Subject) -> None:
    assert likeness(NEW, other).score < THRESHOLD


titles = st.sampled_from(["", "Trou", "Trou dans la chaussée", "Lampadaire", "Le la les", "Œuf é"])
places = st.sampled_from([None, HERE, NEXT_DOOR, FAR])
categories = st.sampled_from([None, "trou", "pave", "lampe"])
subjects = st.builds(
    report,
    titles,
    titles,
    places,
    st.floats(0, 1000),
    categories,
    st.sampled_from([None, "voirie"]),
)


@given(subjects, subjects, st.floats(1, 1000))
def test_a_score_is_a_share_and_the_same_both_ways(a: Subject, b: Subject, radius: float) -> None:
    one, other = likeness(a, b, radius_m=radius), likeness(b, a, radius_m=radius)
    assert 0 <= one.score <= 1
    assert one.score == pytest.approx(other.score)


def test_an_exact_copy_scores_one() -> None:
    assert likeness(NEW, NEW).score == pytest.approx(1)


def test_what_is_unknown_is_neither_proof_nor_disproof() -> None:
    assert likeness(NEW, report("Trou", position=None)).distance == UNKNOWN
    assert likeness(NEW, report("Trou", position=None)).distance_m is None
    assert likeness(NEW, report("")).text == UNKNOWN


@given(st.floats(0, 500), st.floats(0, 500), st.floats(1, 200))
def test_farther_never_counts_more(a: float, b: float, radius: float) -> None:
    near, far = sorted((a, b))
    assert distance_factor(near, radius) >= distance_factor(far, radius)


def test_the_marks_of_the_factors() -> None:
    assert distance_factor(0, 50) == 1
    assert distance_factor(50, 50) == pytest.approx(0.5)
    assert distance_factor(50 * SEARCH_RADIUS_FACTOR + 1, 50) == 0
    assert time_factor(NOW, NOW - timedelta(days=60)) == pytest.approx(0.5)


def test_the_radius_of_the_category_decides() -> None:
    far = report("Trou dans la chaussée", position=Position(48.8575, 2.3522))  # 100 m
    assert likeness(NEW, far, radius_m=30).score == 0
    assert likeness(NEW, far, radius_m=300).score >= THRESHOLD


def test_at_most_five_are_shown_best_first() -> None:
    candidates = [
        (days, report("Trou dans la chaussée", days_ago=days)) for days in range(20, 0, -1)
    ]
    candidates.append((99, report("Trou dans la chaussée", position=FAR)))
    found = near_duplicates(NEW, candidates)
    assert [key for key, _ in found] == [1, 2, 3, 4, 5]
    assert len(found) == MOST_SHOWN
