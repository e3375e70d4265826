"""Every text that people write is cleaned in the same way."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.text.cleaning import clean_line, clean_text, is_visible


@pytest.mark.parametrize(
    "blank",
    [
        "",
        "   ",
        "\u200b",
        "\u2800\u2800",
        "\u3164",
        "\u00ad",
        "\u115f\u1160",
        "\uffa0",
        "\u180e",
        "\u2063",
        "\ufe0f",
        "\u0301\u0301",
        "\U000e0041",
        "\u200d",
        " \u202e\u202c ",
        "\u200e\u200f",
        "\x00\x1f\x7f",
        "\ufeff",
    ],
)
def test_a_text_in_which_nothing_can_be_seen_is_empty(blank: str) -> None:
    assert clean_line(blank) == ""
    assert clean_text(f"\n{blank}\n") == ""


def test_tags_carry_nothing_hidden_and_flags_stay_whole() -> None:
    assert clean_line("Banc \U000e0041\U000e0042cassé\U000e0020") == "Banc cassé"
    scotland = "\U0001f3f4" + "".join(chr(0xE0000 + ord(char)) for char in "gbsct") + "\U000e007f"
    assert clean_line(f"Bar {scotland} ici") == f"Bar {scotland} ici"
    assert clean_line("\U0001f3f4\U000e0067\U000e0062") == "\U0001f3f4"


def test_what_reorders_a_text_is_removed() -> None:
    assert clean_line("Lampe \u202egpj.exe\u202c") == "Lampe gpj.exe"
    assert clean_text("a\u2066b\u2069") == "ab"


def test_composed_and_decomposed_accents_are_one_text() -> None:
    assert clean_line("e\u0301cole") == "école"


def test_a_line_is_one_line() -> None:
    assert clean_line("  deux\r\nlignes\u2028et\ttrois\x85ici ") == "deux lignes et trois ici"
    assert clean_text("une\r\ndeux\rtrois") == "une\ndeux\ntrois"


def test_french_spaces_emoji_and_other_scripts_stay() -> None:
    assert clean_line("Vraiment\u202f?") == "Vraiment\u202f?"
    family = "👨\u200d👩\u200d👧"
    assert clean_line(family) == family
    assert clean_line("می\u200cخواهم") == "می\u200cخواهم"
    assert clean_line("❤\ufe0f") == "❤\ufe0f"
    assert clean_text("שלום") == "שלום"
    assert is_visible("…")


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    for clean in (clean_text, clean_line):
        once = clean(text)
        assert clean(once) == once
        assert once == unicodedata.normalize("NFC", once)
        assert once == "" or is_visible(once)


@given(st.text())
def test_a_cleaned_line_has_no_end_of_line(text: str) -> None:
    assert len(clean_line(text).splitlines()) <= 1
