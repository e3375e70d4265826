"""A town's colour, whichever it is, stays readable in both themes."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest

import civic.web.colours
from civic.web.colours import (
    DARK_SURFACES,
    DEFAULT,
    LIGHT_SURFACES,
    contrast,
    dark_tones,
    light_tones,
    parse,
    town_stylesheet,
)

AA = 4.5
TOWNS = [
    DEFAULT, "#000000", "#ffffff", "#808080", "#ffff00", "#ff0000", "#00ff00", "#0000ff",
    "#ff00ff", "#00ffff", "#e2001a", "#f7a600", "#c8d300", "#009ee3", "#6b4e2e", "#f4c2d7",
]  # fmt: skip
TOKENS = Path(civic.web.colours.__file__).parent.parent / "static" / "css" / "tokens.css"


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("written", ["#1B4F7A", "1b4f7a", " #1b4f7a "])
def test_a_colour_is_understood_however_it_is_written(written: str) -> None:
    assert parse(written) == "#1b4f7a"


def test_the_short_way_of_writing_is_understood() -> None:
    assert parse("#abc") == "#aabbcc"


@pytest.mark.parametrize("written", ["", "blue", "#12", "#12345g", "#1234567", "red;}body{"])
def test_what_is_no_colour_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        town_stylesheet(written)


@pytest.mark.parametrize("colour", TOWNS)
def test_light_pages_stay_readable(colour: str) -> None:
    tones = light_tones(colour)
    assert contrast(tones.on_brand, tones.brand) >= AA
    assert contrast(tones.on_brand, tones.brand_strong) >= AA
    for surface in (*LIGHT_SURFACES, tones.brand_soft):
        assert contrast(tones.brand_ink, surface) >= AA


@pytest.mark.parametrize("colour", TOWNS)
def test_dark_pages_stay_readable(colour: str) -> None:
    tones = dark_tones(colour)
    assert contrast(tones.on_brand, tones.brand) >= AA
    assert contrast(tones.on_brand, tones.brand_strong) >= AA
    for surface in (*DARK_SURFACES, tones.brand_soft):
        assert contrast(tones.brand_ink, surface) >= AA


@pytest.mark.parametrize("colour", TOWNS)
def test_every_tone_is_a_plain_hexadecimal_colour(colour: str) -> None:
    for tones in (light_tones(colour), dark_tones(colour)):
        assert all(re.fullmatch(r"#[0-9a-f]{6}", tone) for tone in asdict(tones).values())


def test_a_readable_colour_is_kept_as_the_town_gave_it() -> None:
    assert light_tones(DEFAULT).brand == DEFAULT


def test_the_sheet_answers_both_the_system_and_the_switch() -> None:
    sheet = town_stylesheet("#e2001a")
    assert "prefers-color-scheme:dark" in sheet
    assert ':root[data-theme="light"]' in sheet
    assert ':root[data-theme="dark"]' in sheet


@pytest.mark.parametrize("surface", [*LIGHT_SURFACES, *DARK_SURFACES])
def test_the_surfaces_reckoned_with_are_those_painted(surface: str) -> None:
    assert surface in TOKENS.read_text("utf-8")
