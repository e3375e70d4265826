"""What the build packs for browsers is what the locks and the list of icons say."""

import gzip
import json
import re
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[3]
VENDOR = resources.files("civic_vendor")


def test_the_sprite_holds_exactly_the_icons_that_are_listed() -> None:
    listed = {
        name
        for line in (ROOT / "civic/static/icons.txt").read_text("utf-8").splitlines()
        if (name := line.partition("#")[0].strip())
    }
    sprite = ET.fromstring((VENDOR / "icons.svg").read_text("utf-8"))  # noqa: S314 - our own build
    assert {symbol.get("id") for symbol in sprite} == listed, "run: make install"


def test_the_packed_versions_are_the_locked_ones() -> None:
    versions = json.loads((VENDOR / "versions.json").read_text("utf-8"))["packages"]
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert versions == {
        path.removeprefix("node_modules/"): entry["version"] for path, entry in lock.items() if path
    }


def test_each_library_comes_with_its_licence() -> None:
    licences = {entry.name for entry in (VENDOR / "licences").iterdir()}
    assert licences == {
        "atkinson-hyperlegible-next.txt",
        "bootstrap-icons.txt",
        "decoupage-administratif.txt",
        "htmx.txt",
        "leaflet.txt",
    }


def test_no_script_or_style_asks_for_a_file_that_is_not_packed() -> None:
    style = (VENDOR / "leaflet.css").read_text("utf-8")
    assert not re.search(r"url\((?!#|data:)", style.replace("url(#default#VML)", ""))
    for script in ("htmx.min.js", "leaflet.js"):
        assert "sourceMappingURL" not in (VENDOR / script).read_text("utf-8")


def test_the_communes_are_those_of_today_and_small() -> None:
    packed = (VENDOR / "communes.csv.gz").read_bytes()
    assert len(packed) < 500_000
    lines = gzip.decompress(packed).decode().splitlines()
    assert 34_000 < len(lines) < 36_000
    assert "35238,Rennes,35000 35200 35700," in gzip.decompress(packed).decode()
