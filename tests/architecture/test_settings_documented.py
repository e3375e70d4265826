"""Every setting has its section in docs/configure.md, and every section its setting."""

import dataclasses
import re
from pathlib import Path

import pytest

from civic.settings import PREFIX, Settings

TEXT = (Path(__file__).parents[2] / "docs/configure.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", TEXT, flags=re.DOTALL | re.MULTILINE))
NAMES = sorted(PREFIX + field.name.upper() for field in dataclasses.fields(Settings))


def test_every_setting_is_documented_and_none_is_invented() -> None:
    assert sorted(SECTIONS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_section_gives_meaning_default_example_and_effect(name: str) -> None:
    section = SECTIONS[name]
    meaning = section.strip().partition("\n\n")[0]
    assert meaning.endswith(".") or ":" in meaning
    for part in ("- Default: ", "- Example: ", "- Effect: "):
        assert part in section
    assert f"- Example: `{name}=" in section


@pytest.mark.parametrize(
    "field",
    [f for f in dataclasses.fields(Settings) if isinstance(f.default, (int, bool)) or f.default],
    ids=lambda field: field.name,
)
def test_the_documented_default_is_the_real_one(field: "dataclasses.Field[object]") -> None:
    default = re.search(r"- Default: `([^`]*)`", SECTIONS[PREFIX + field.name.upper()])
    assert default, "a default of its own is written in code"
    assert field.metadata["parse"](default[1]) == field.metadata["parse"](str(field.default))


@pytest.mark.parametrize("name", NAMES)
def test_the_example_can_be_used(name: str) -> None:
    field = next(f for f in dataclasses.fields(Settings) if PREFIX + f.name.upper() == name)
    example = re.search(rf"- Example: `{name}=([^`]*)`", SECTIONS[name])
    assert example
    if example[1]:
        field.metadata["parse"](example[1])
