"""What reads the same has one skeleton, whatever alphabet its letters are of."""

import pytest

from civic.text.lookalikes import skeleton


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("Рropreté", "Propreté"),
        ("ΡΑRΙS", "Paris"),
        ("Ѕervice dеs еaux", "Service des eaux"),
        ("V1LLE de Rennes", "Ville de Rennes"),
        ("Vllle de Rennes", "Ville de Rennes"),
        ("Rennes Cornmune", "Rennes commune"),
        ("ᴠᴏɪʀɪᴇ", "Voirie"),
        ("Ｖｏｉｒｉｅ", "Voirie"),
        ("V o i r i e", "voirie"),
        ("V\N{COMBINING DIAERESIS}o\N{ZERO WIDTH JOINER}irie.", "VOIRIE"),
        ("𝐕𝐨𝐢𝐫𝐢𝐞", "Voirie"),
    ],
)
def test_what_reads_the_same_compares_the_same(text: str, like: str) -> None:
    assert skeleton(text) == skeleton(like)


@pytest.mark.parametrize(("text", "other"), [("Voirie", "Voiries"), ("Ana", "Anna"), ("Ж", "K")])
def test_what_reads_otherwise_does_not(text: str, other: str) -> None:
    assert skeleton(text) != skeleton(other)
