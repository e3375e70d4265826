"""However a word is written, it folds to one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.text.folding import fold


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Éclairage à l’ÉCOLE", "eclairage a l'ecole"),
        ("Cœur, ŒUVRE, Lætitia", "coeur, oeuvre, laetitia"),
        ("e\u0301le\u0300ve", "eleve"),
        ("« Hôtel‑de‑Ville »", '" hotel-de-ville "'),
        ("ﬁn Straße", "fin strasse"),
        ("12\u00a0rue\u202f!", "12 rue !"),
        ("co\u00adopé\u200bration", "cooperation"),
        ("Plain ASCII", "plain ascii"),
        ("", ""),
    ],
)
def test_fold(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzéèêàùçœæïôÉÈÀÇŒ ’-"))
def test_french_folds_to_ascii_whatever_the_case(text: str) -> None:
    assert fold(text).isascii()
    assert fold(text.upper()) == fold(text)
