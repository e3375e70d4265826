"""Finds the browser of the journeys.

They run whenever a Chromium is found, and otherwise are skipped with the list of where it was
looked for; with ``CIVIC_REQUIRE_BROWSER=1`` (continuous integration) they fail instead.
"""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def chromium(playwright: Any) -> str:
    """Path of the Chromium to use: a named one, the system's, or Playwright's own."""
    named = os.environ.get("CIVIC_TEST_CHROMIUM", "")
    if named:
        found = shutil.which(named)
        looked = f"CIVIC_TEST_CHROMIUM={named}"
    else:
        own = playwright.chromium.executable_path
        found = next(filter(None, map(shutil.which, (*PROGRAMS, own))), None)
        looked = f"CIVIC_TEST_CHROMIUM, {', '.join(PROGRAMS)} on PATH, {own}"
    if found:
        return found
    message = f"no Chromium was found; looked for {looked}"
    if os.environ.get("CIVIC_REQUIRE_BROWSER"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], chromium: str) -> Any:
    return {**browser_type_launch_args, "executable_path": chromium, "args": list(FLAGS)}
