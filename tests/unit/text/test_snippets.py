"""A snippet shows the words that were found, where they stand."""

import unicodedata
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from civic.text.references import new_reference
from civic.text.snippets import snippet


def marked(text: str, query: str, width: int = 160) -> list[str]:
    return [fragment for fragment, is_match in snippet(text, query, width) if is_match]


def test_a_match_is_marked_whatever_accents_case_and_ending() -> None:
    assert marked("L’Éclairage des écoles", "ECLAIRAGES ecole") == ["Éclairage", "écoles"]


def test_the_beginning_of_a_word_is_enough() -> None:
    assert marked("Des poubelles partout", "poub") == ["poubelles"]
    assert marked("Des poubelles partout", "po") == []


def test_a_reference_is_marked_whole() -> None:
    reference = new_reference("I", Random(3))
    assert marked(f"Voir {reference}, merci", reference.lower().replace("-", "")) == [reference]


def test_the_extract_is_where_most_words_are() -> None:
    text = (
        "Un banc. "
        + "Rien à dire ici. " * 30
        + "Le banc vert est cassé rue des Lilas. "
        + "Fin. " * 60
    )
    fragments = snippet(text, "banc cassé lilas", 120)
    assert [word for word, is_match in fragments if is_match] == ["banc", "cassé", "Lilas"]
    assert fragments[0][0].startswith("… ")
    assert fragments[-1][0].endswith(" …")


def test_without_a_match_it_is_the_beginning() -> None:
    assert snippet("Un banc vert", "lampadaire") == [("Un banc vert", False)]
    assert snippet("Un banc vert", "le de") == [("Un banc vert", False)]
    assert snippet("", "banc") == []


@given(st.text(max_size=400), st.text(max_size=20), st.integers(min_value=10, max_value=200))
def test_fragments_join_to_a_part_of_the_text(text: str, query: str, width: int) -> None:
    fragments = snippet(text, query, width)
    joined = "".join(fragment for fragment, _ in fragments)
    whole = " ".join(unicodedata.normalize("NFC", text).split())
    assert joined.removeprefix("… ").removesuffix(" …") in whole or joined in whole
    assert len(joined) <= width + 4
    assert all(fragment for fragment, _ in fragments)
