"""Any part of a telephone number, as anybody writes it, begins one of its terms."""

import pytest

from civic.text.telephones import asked_terms, number_terms, split_parts

FORMS = [
    "06 12 34 56 78",
    "0612345678",
    "06.12.34.56.78",
    "06-12-34-56-78",
    "06 - 12 - 34 - 56 - 78",
    "06/12/34/56/78",
    "06\N{NO-BREAK SPACE}12\N{NARROW NO-BREAK SPACE}34\N{NON-BREAKING HYPHEN}56 78",
    "+33612345678",
    "+33 6 12 34 56 78",
    "+33 (0)6 12 34 56 78",
    "0033 6 12 34 56 78",
    "6 12 34 56 78",
    "０６ １２ ３４ ５６ ７８",
]
PARTS = ["06 12", "0612", "+33 6 12", "+33 (0)6 12 34", "0033612", "5678", "56 78", "34.56"]


def is_found(text: str, asked: str) -> bool:
    parts, rest = split_parts(asked)
    assert len(parts) == 1
    assert not rest.strip()
    return any(term.startswith(tuple(asked_terms(parts[0]))) for term in number_terms(text))


@pytest.mark.parametrize("text", FORMS)
def test_each_way_to_write_a_number_is_found_by_each_way_to_write_its_parts(text: str) -> None:
    for asked in [*FORMS, *PARTS, *("0612345678"[at : at + 4] for at in range(7))]:
        assert is_found(f"Appeler {text}, le soir.", asked), asked
    for asked in ("07 12", "0621", "+33 7 12", "5679", "06 12 34 56 79"):
        assert not is_found(f"Appeler {text}, le soir.", asked), asked


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("0692 12 34 56", "+262 692 12"),
        ("+262 692 12 34 56", "0692 12"),
        ("+590 690 12 34 56", "0690123456"),
        ("+44 20 7946 0958", "0044 20 7946"),
        ("+44 20 7946 0958", "7946"),
        ("0612345678 0299123456", "02 99 12"),
        ("0612345678 0299123456", "06 12 34 56 78"),
        ("0612345678/0299123456", "3456"),
    ],
)
def test_numbers_of_elsewhere_and_side_by_side_are_found(text: str, asked: str) -> None:
    assert is_found(text, asked)


def test_years_postcodes_and_three_digits_are_words() -> None:
    assert number_terms("Rue du 8 mai 1945, 35000 Rennes, lot 123") == set()
    assert split_parts("12 rue du 8 mai, lot 123") == ([], "12 rue du 8 mai, lot 123")


def test_a_text_of_numbers_alone_gives_a_bounded_number_of_terms() -> None:
    assert len(number_terms("1" * 10_000)) < 500
    assert len(number_terms(", ".join(f"06{n:08}" for n in range(900)))) < 500
    assert max(map(len, number_terms("123456789" * 9))) < 20
