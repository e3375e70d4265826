"""The browser of the journeys, the town they go to, and the pages that watch themselves.

The journeys run whenever a Chromium is found, and otherwise are skipped with the list of where it
was looked for; with ``CIVIC_REQUIRE_BROWSER=1`` (continuous integration) they fail instead.
"""

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from civic.cli.database import upgrade_schema
from tests.e2e.live_town import LiveTown
from tests.e2e.population import Known, populate
from tests.e2e.watching import DESKTOP, PATIENCE_MS, Visit, Watch

expect.set_options(timeout=PATIENCE_MS)
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
NETWORKS = itertools.cycle(range(1, 255))


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


@pytest.fixture(scope="session")
def empty_town(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveTown]:
    """A migrated database, with nobody in it and no server yet."""
    live = LiveTown(tmp_path_factory.mktemp("live"))
    with live.app.app_context():
        upgrade_schema()
    yield live
    live.stop()


@pytest.fixture(scope="session")
def known(empty_town: LiveTown) -> Known:
    """What the tests may name of the town's people and contributions."""
    with empty_town.session() as session:
        return populate(session)


@pytest.fixture(scope="session")
def town_server(empty_town: LiveTown, known: Known) -> LiveTown:
    """The town, served."""
    empty_town.serve()
    return empty_town


@pytest.fixture(scope="session")
def post_office(town_server: LiveTown) -> LiveTown:
    """The town with its worker: mails leave."""
    town_server.work()
    return town_server


@pytest.fixture
def visit(browser: Browser, town_server: LiveTown, known: Known) -> Iterator[Visit]:
    """Open a browser of one's own: ``visit("agent")`` is signed in, ``visit()`` is not.

    ``size`` is the viewport; further arguments are those of Playwright's ``new_context``. The test
    fails on whatever the pages complain about; ``page.watch.expect`` says what may be refused.
    """
    contexts: list[BrowserContext] = []
    watches: list[Watch] = []

    def open_page(who: str | int = "", *, size: dict[str, int] = DESKTOP, **options: Any) -> Page:
        context = browser.new_context(
            base_url=town_server.url,
            viewport=size,
            reduced_motion="reduce",
            # Everybody has a network of their own: who shares one and says a lot is read first.
            extra_http_headers={"X-Forwarded-For": f"192.0.2.{next(NETWORKS)}"},
            **{"locale": "fr-FR", **options},
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        account = known.people.get(who, who)
        if account:
            context.add_cookies([town_server.cookie_of(account)])
        page = context.new_page()
        watch = Watch(page, town_server.url)
        watches.append(watch)
        page.watch = watch
        return page

    yield open_page
    problems = [problem for watch in watches for problem in watch.found]
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)
