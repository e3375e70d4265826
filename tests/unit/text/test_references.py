"""A reference survives being read aloud, and a mistyped one is recognised as such."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from civic.text.references import (
    ALPHABET,
    new_reference,
    normalise_reference,
    reference_length,
    unbroken,
)

references = st.builds(
    lambda kind, seed, length: new_reference(kind, Random(seed), length=length),
    st.sampled_from("ADIQSX"),
    st.integers(0, 10**9),
    st.integers(4, 8),
)


def test_its_form() -> None:
    reference = new_reference("I", Random(1))
    kind, body, check = reference.split("-")
    assert (kind, len(body), len(check)) == ("I", 4, 2)
    assert check.isdigit()


@given(references)
def test_it_is_recognised_however_it_is_typed(reference: str) -> None:
    for typed in (
        reference.lower(),
        reference.replace("-", " "),
        reference.replace("-", "–"),
        f"  {reference}. ",
        reference[0] + reference[1:].replace("0", "o").replace("1", "l"),
        reference.replace("I", "1", 1) if reference[0] == "I" else reference,
    ):
        assert normalise_reference(typed) == reference


@given(references)
def test_without_dashes_it_is_recognised_unless_it_is_a_plain_number(reference: str) -> None:
    assert normalise_reference(reference.replace("-", "").lower()) == reference


@given(references, st.integers(0, 30), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_caught(reference: str, at: int, char: str) -> None:
    places = [place for place in range(2, len(reference) - 3) if reference[place] != "-"]
    place = places[at % len(places)]
    wrong = reference[:place] + char + reference[place + 1 :]
    assert (normalise_reference(wrong) is not None) == (wrong == reference)


@given(references, st.integers(0, 30))
def test_two_neighbours_swapped_are_always_caught(reference: str, at: int) -> None:
    place = 2 + at % (len(reference) - 6)
    swapped = list(reference)
    swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
    assert (normalise_reference("".join(swapped)) is not None) == ("".join(swapped) == reference)


@pytest.mark.parametrize("text", ["", "bonjour", "75011", "0612345678", "1234567", "I-7K3F", "I--"])
def test_other_texts_are_not_references(text: str) -> None:
    assert normalise_reference(text) is None


def test_no_reference_can_hold_a_word() -> None:
    assert not set(ALPHABET) & set("AEIOU")


def test_a_busy_town_gets_longer_references() -> None:
    assert reference_length(0) == 4
    assert reference_length(1_000_000) > 4
    assert len(ALPHABET) ** reference_length(10_000_000) >= 50 * 10_000_000


def test_a_wrong_kind_or_length_is_refused() -> None:
    with pytest.raises(ValueError, match="prefix"):
        new_reference("ii", Random(1))
    with pytest.raises(ValueError, match="length"):
        new_reference("I", Random(1), length=3)


@given(references)
def test_a_reference_in_a_sentence_or_in_html_stays_on_one_line(reference: str) -> None:
    kept = Markup('<span class="nowrap">{}</span>').format(reference)
    assert unbroken(f"Voir {reference}, <b>svp</b>.") == f"Voir {kept}, &lt;b&gt;svp&lt;/b&gt;."
    link = Markup('<a href="/c/{0}" title="{0}">Dossier {1}</a>')
    assert unbroken(link.format(reference, reference)) == link.format(reference, kept)
    address = f"https://ville.example/c/{reference}"
    assert unbroken(address) == address


@pytest.mark.parametrize("text", ["INC-2026-0042", "PUI-2026-7", "RD-31", "R-2 et", "S-7K3F-92."])
def test_references_of_others_stay_on_one_line_too(text: str) -> None:
    is_one = text not in {"PUI-2026-7", "R-2 et"}
    assert ("nowrap" in unbroken(text)) is is_one
    assert unbroken(text).striptags() == text


@pytest.mark.parametrize("text", ["Jean-Paul", "PARIS-OUEST", "x-S-7K3F-92", "A-1", "2026-12-01"])
def test_what_is_no_reference_may_break(text: str) -> None:
    assert unbroken(text) == text
