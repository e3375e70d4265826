"""An icon that a page names is in the sprite: a missing one would be an empty square."""

import re
from pathlib import Path

import pytest

from civic.administration.icons import subject_icons

ROOT = Path(__file__).resolve().parents[2]
NAME = r"[a-z][a-z0-9-]+"
USES = re.compile(
    rf"""\bicon\(\s*['"]({NAME})['"]|\bicon=['"]({NAME})['"]|['"]icon['"]:\s*['"]({NAME})['"]"""
)


def _packed() -> set[str]:
    lines = (ROOT / "civic/static/icons.txt").read_text("utf-8").splitlines()
    return {line.partition("#")[0].strip() for line in lines} - {""}


def _sources() -> list[Path]:
    folder = ROOT / "civic"
    return sorted([*folder.rglob("*.html"), *folder.rglob("*.py")])


@pytest.mark.parametrize("path", _sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_icon_named_in_the_sources_is_packed(path: Path) -> None:
    used = {next(filter(None, found)) for found in USES.findall(path.read_text("utf-8"))}
    assert used <= _packed(), "add these names to civic/static/icons.txt"


def test_every_packed_icon_can_be_seen_somewhere() -> None:
    folder = ROOT / "civic"
    lists = {folder / "administration/icons.py"}
    files = {
        path for end in ("html", "py", "js", "css", "json") for path in folder.rglob(f"*.{end}")
    }
    written = set(re.findall(NAME, "\n".join(path.read_text("utf-8") for path in files - lists)))
    assert _packed() - written - set(subject_icons()) == set(), "take these out of icons.txt"
