"""The many small style sheets reach the browser as one that is whole, and light."""

import gzip
import re
from pathlib import Path

import pytest

from civic.web.stylesheet import CSS, bundle

LAYERS = ["reset", "tokens", "base", "layout", "components", "utilities"]
SHEETS = sorted(path for path in CSS.rglob("*.css") if path.name != "civic.css")


def test_every_sheet_is_imported_once() -> None:
    imported = re.findall(r'@import url\("([^"]+)"\)', (CSS / "civic.css").read_text("utf-8"))
    assert sorted(imported) == sorted(str(path.relative_to(CSS)) for path in SHEETS)


def test_the_bundle_imports_nothing_more() -> None:
    assert "@import" not in bundle()


def test_the_layers_are_declared_in_the_order_of_their_strength() -> None:
    assert bundle().startswith(f"@layer {', '.join(LAYERS)};")
    assert set(re.findall(r"@layer (\w+)\{", bundle())) == set(LAYERS)


def test_braces_are_balanced_so_that_no_sheet_swallows_the_next() -> None:
    for path in SHEETS:
        text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert text.count("{") == text.count("}"), path.name


def test_the_bundle_stays_light() -> None:
    assert len(gzip.compress(bundle().encode())) < 25_000


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: str(path.relative_to(CSS)))
def test_every_token_that_is_used_exists(path: Path) -> None:
    known = set(re.findall(r"(--[\w-]+):", bundle()))
    used = set(re.findall(r"var\((--[\w-]+)", path.read_text("utf-8")))
    assert used <= known
