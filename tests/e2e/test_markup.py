"""The Nu Html Checker reads every page of every role and finds no error: part of ``make audit``.

``CIVIC_TEST_VNU`` names its jar; without it, or without Java, the test says so. The suite reads
the markup of every answer too (tests/html.py): this parser also knows what may stand where.
"""

import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.live_town import LiveTown
from tests.e2e.pages import PAGES
from tests.e2e.population import Known

pytestmark = pytest.mark.audit


def checker() -> list[str]:
    jar = os.environ.get("CIVIC_TEST_VNU", "")
    if not shutil.which("java"):
        pytest.skip("java is missing")
    if not Path(jar).is_file():
        pytest.skip("the Nu Html Checker is missing: CIVIC_TEST_VNU names its jar")
    return ["java", "-jar", jar]


def answer_to(request: urllib.request.Request) -> Any:
    try:
        return urllib.request.urlopen(request, timeout=60)  # noqa: S310 (ours)
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{request.full_url}: {error}") from error


def test_every_page(town_server: LiveTown, known: Known, tmp_path: Path) -> None:
    java = checker()
    asked = {}
    for who, paths in PAGES.items():
        cookie = ""
        if who:
            session = town_server.cookie_of(known.people[who])
            cookie = f"{session['name']}={session['value']}"
        for number, pattern in enumerate(paths.split()):
            path = pattern.format(**known.paths)
            request = urllib.request.Request(town_server.url + path)  # noqa: S310 (ours)
            request.add_header("Cookie", cookie)
            with answer_to(request) as answer:
                page = tmp_path / f"{who or 'visitor'}-{number}.html"
                page.write_bytes(answer.read())
            asked[page.name] = f"{who or 'visitor'} {path}"
    assert len(asked) > 50
    files = sorted(str(path) for path in tmp_path.glob("*.html"))
    done = subprocess.run(
        [*java, "--format", "json", "--errors-only", "--exit-zero-always", *files],
        capture_output=True,
        check=True,
        timeout=600,
    )
    found = [
        f"{asked[Path(one['url']).name]}: {one['message']} {one.get('extract', '')[:120]!r}"
        for one in json.loads(done.stderr)["messages"]
        if one["type"] == "error"
    ]
    assert not found, f"figures: {len(asked)} pages, {len(found)} errors\n" + "\n".join(found)
