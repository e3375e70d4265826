"""A slug is short, plain and cut between words."""

from hypothesis import given
from hypothesis import strategies as st

from civic.text.slugs import slugify


def test_a_slug_is_plain() -> None:
    assert slugify("Réparer l’école : c’est parti !") == "reparer-l-ecole-c-est-parti"


def test_it_is_cut_between_words() -> None:
    assert slugify("un deux trois quatre", limit=13) == "un-deux-trois"
    assert slugify("un deux trois quatre", limit=12) == "un-deux"
    assert slugify("anticonstitutionnellement", limit=5) == "antic"


def test_a_text_without_letters_takes_the_fallback() -> None:
    assert slugify("!!!", fallback="action") == "action"


@given(st.text(), st.integers(min_value=1, max_value=100))
def test_it_never_outgrows_its_limit_nor_starts_or_ends_with_a_dash(text: str, limit: int) -> None:
    slug = slugify(text, limit=limit)
    assert len(slug) <= limit
    assert slug == slug.strip("-")
