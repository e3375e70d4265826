"""The same search terms for every form of a word, on every engine."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.text.references import new_reference
from civic.text.stems import stems, term_stems, words


@pytest.mark.parametrize(
    "forms",
    [
        "cassé cassée cassés cassées casser casse",
        "trou trous",
        "vélo vélos velo",
        "éclairage Eclairages ÉCLAIRAGE",
        "encombrant encombrants encombrante",
        "bruyant bruyante bruyants",
        "poubelle poubelles",
        "déchet dechets",
        "journal journaux",
        "garé garée garées garer",
        "réparation reparations",
        "tree trees",
        "broken broken",
        "leak leaks leaking",
        "streetlight streetlights",
        "16e 16ème 16eme 16th",
        "1er 1re 1ère 1st",
    ],
)
def test_the_forms_of_a_word_share_a_stem(forms: str) -> None:
    first, *others = (set(stems(form)) for form in forms.split())
    assert first
    for other in others:
        assert first & other, forms


def test_small_words_and_elisions_are_dropped() -> None:
    assert stems("Qu’il y a de l'eau dans la rue d’Alésia, and it is the") == stems(
        "eau rue Alésia"
    )


def test_numbers_and_postcodes_stay_whole() -> None:
    assert stems("12bis, 75011, 3975") == ["12bis", "75011", "3975"]


def test_a_reference_is_one_term() -> None:
    reference = new_reference("I", Random(7))
    (term,) = stems(reference)
    assert term == reference.replace("-", "").lower()
    assert stems(f"voir {reference.lower()} svp")[1] == term


def test_what_only_looks_like_a_reference_is_cut_into_words() -> None:
    assert list(words("i-7k3f-00")) == ["i", "7k3f", "00"]


def test_initials_are_one_word() -> None:
    assert stems("S.N.C.F.") == ["sncf"] == stems("SNCF")


def test_a_question_keeps_the_alternatives_of_each_word_together() -> None:
    questions = term_stems("les poubelles cassées")
    assert len(questions) == 2
    assert "poubel" in questions[0]


def test_one_language_may_be_asked_for() -> None:
    assert stems("running", ("en",)) == ["run"]
    assert "run" not in stems("running", ("fr",))


@given(st.text())
def test_every_term_is_letters_and_digits_and_bounded(text: str) -> None:
    for stem in stems(text):
        assert stem
        assert stem.isalnum() or not stem.isascii()
        assert len(stem) <= 64
        assert " " not in stem
        assert "-" not in stem
