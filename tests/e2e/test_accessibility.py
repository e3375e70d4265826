"""Every page, on phone and desk, by day and by night: axe finds nothing, nothing is cut off."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from civic.web.errors import PAGES as ERROR_PAGES
from civic.web.errors import error_page
from tests.e2e.live_town import LiveTown
from tests.e2e.pages import ERRORS, PAGES, REFUSED
from tests.e2e.population import Known
from tests.e2e.watching import DESKTOP, PATIENCE_MS, PHONE, Watch, cut_of, overflow_of, rest

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERYTHING = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
COLOURS = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
"""What changes when night comes."""

UNFOLD = """() => {
  const folds = document.querySelectorAll("main details:not(.menu)");
  for (const fold of folds) fold.open = true;
}"""
UNFIX = """() => {
  // What a bar covers now can be scrolled to.
  for (const one of document.querySelectorAll("body *")) {
    const { position } = getComputedStyle(one);
    if (position === "fixed" || position === "sticky") one.style.position = "static";
  }
}"""


@pytest.fixture(scope="session")
def rooms(browser: Browser, town_server: LiveTown, known: Known) -> Iterator[dict[str, Page]]:
    """One page for each role, which goes from address to address."""
    pages: dict[str, Page] = {}
    for who in PAGES:
        context = browser.new_context(
            base_url=town_server.url, locale="fr-FR", reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE_MS)
        if who:
            context.add_cookies([town_server.cookie_of(known.people[who])])
        pages[who] = context.new_page()
        pages[who].watch = Watch(pages[who], town_server.url)  # type: ignore[attr-defined]
    yield pages
    for page in pages.values():
        page.context.close()


def examine(page: Page, options: dict[str, Any], when: str) -> list[str]:
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{when}: {one['id']}: {node['html'][:160]}\n    {node['failureSummary'][:300]}"
        for one in found
        for node in one["nodes"][:3]
    ]


def lit(page: Page, scheme: Any) -> None:
    """Turn the light on or off, with no colour left on its way."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate(
        """async (scheme) => {
          const frame = () => new Promise((done) => requestAnimationFrame(done));
          // A busy browser hears of it later than it is told.
          while (!matchMedia(`(prefers-color-scheme: ${scheme})`).matches) await frame();
          // What inherits a colour sets out when its parent has arrived: until nothing moves.
          for (let still = 0; still < 3; still++) {
            await frame();
            for (const one of document.getAnimations()) {
              if (one instanceof CSSTransition) still = 0;
              one.finish();
            }
          }
        }""",
        scheme,
    )


def assert_for_everybody(page: Any) -> None:
    """Look at the page as it is on a desk, and with everything unfolded on a phone."""
    page.set_viewport_size(DESKTOP)
    lit(page, "light")
    problems = [f"desktop: {one}" for one in overflow_of(page) + cut_of(page)]
    problems += examine(page, EVERYTHING, "desktop")
    page.set_viewport_size(PHONE)
    problems += [f"phone: {one}" for one in overflow_of(page)]
    page.evaluate(UNFOLD)
    problems += [f"phone, unfolded: {one}" for one in overflow_of(page) + cut_of(page)]
    page.evaluate(UNFIX)
    lit(page, "dark")
    problems += examine(page, COLOURS, "phone, dark")
    lit(page, "light")
    problems += examine(page, EVERYTHING, "phone")
    assert not problems, f"{page.url}\n" + "\n".join(dict.fromkeys(problems))
    page.watch.check()


def come_to(page: Any, address: str, status: int = 200) -> None:
    page.set_viewport_size(DESKTOP)
    page.watch.found.clear()
    if status >= 400:
        page.watch.expect(address.partition("?")[0], status)
    answer = page.goto(address)
    rest(page)
    assert answer.status == status, page.locator("main").inner_text()


@pytest.mark.parametrize(
    ("who", "path"), [(who, path) for who, paths in PAGES.items() for path in paths.split()]
)
def test_a_page(rooms: dict[str, Page], known: Known, who: str, path: str) -> None:
    come_to(rooms[who], path.format(**known.paths))
    assert_for_everybody(rooms[who])


@pytest.mark.audit
@pytest.mark.parametrize(
    ("who", "path"), [(who, path) for who, paths in PAGES.items() for path in paths.split()]
)
def test_a_page_by_night_on_a_desk(
    rooms: dict[str, Page], known: Known, who: str, path: str
) -> None:
    """By night the first tier looks at phones only: what is unfolded there is all there is."""
    page: Any = rooms[who]
    come_to(page, path.format(**known.paths))
    lit(page, "dark")
    problems = examine(page, COLOURS, "desktop, dark")
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(("who", "path", "status"), ERRORS)
def test_an_error_page(
    rooms: dict[str, Page], known: Known, who: str, path: str, status: int
) -> None:
    come_to(rooms[who], path.format(**known.paths), status)
    assert_for_everybody(rooms[who])


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("code", sorted(ERROR_PAGES))
def test_every_error_page_in_every_language(
    rooms: dict[str, Page], town_server: LiveTown, code: int, language: str
) -> None:
    """Drawn by the town itself; those that no address leads to are put where a page would be."""
    page: Any = rooms[""]
    with town_server.app.test_request_context(headers={"Accept-Language": language}):
        drawn, status = error_page(code)
    assert f'<html lang="{language}"' in drawn
    address = f"/broken-{language}-{code}"
    page.route(
        f"**{address}",
        lambda route: route.fulfill(status=status, body=drawn, content_type="text/html"),
    )
    come_to(page, address, code)
    assert_for_everybody(page)


@pytest.mark.parametrize(("who", "path", "button"), REFUSED)
def test_a_form_that_comes_back(
    rooms: dict[str, Page], known: Known, who: str, path: str, button: str
) -> None:
    page: Any = rooms[who]
    come_to(page, path.format(**known.paths))
    page.watch.expect(path.format(**known.paths), 422)
    with page.expect_response(lambda answer: answer.request.method == "POST") as waited:
        page.locator("main").get_by_role("button", name=button, exact=True).last.click()
    assert waited.value.status == 422
    expect(page).to_have_title(re.compile("^Erreur"))
    rest(page)
    assert_for_everybody(page)
