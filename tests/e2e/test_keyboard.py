"""A hand on a keyboard: choosing sends nothing, the focus stays, and it is never hidden."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.pages import PAGES
from tests.e2e.population import Known
from tests.e2e.watching import PHONE, Visit, come_to, rest

UNFOLD = """() => {
  for (const fold of document.querySelectorAll("main details:not(.menu)")) fold.open = true;
}"""


FILTERED = {"/incidents", "/ideas", "/search?q=lampe"}


@pytest.mark.parametrize("who", PAGES)
def test_arrows_in_a_select_leave_page_focus_and_panel(
    visit: Visit, known: Known, who: str
) -> None:
    """Every select of every page of a role."""
    page: Any = visit(who)
    seen = 0
    for path in PAGES[who].split():
        # Most pages have none, and a browser is slow to say so.
        address = path.format(**known.paths)
        if "<select" not in page.request.get(address).text():
            continue
        come_to(page, address)
        page.evaluate(UNFOLD)
        page.evaluate("document.documentElement.dataset.untouched = 'yes'")
        before = page.url
        selects = page.locator("main select:visible")
        assert selects.count() >= (3 if path in FILTERED else 0)
        for index in range(selects.count()):
            select = selects.nth(index)
            select.focus()
            for _ in range(2):
                page.keyboard.press("ArrowDown")
                expect(select).to_be_focused()
            seen += 1
        rest(page)
        # The map keeps what it shows in its address, and stays.
        assert page.url == before or path.startswith("/map")
        assert page.evaluate("document.documentElement.dataset.untouched") == "yes"
    assert seen or who in {"offender", "mediator"}


def test_the_button_of_the_filters_sends_what_was_chosen(visit: Visit) -> None:
    page: Any = visit()
    page.goto("/incidents")
    page.evaluate(UNFOLD)
    page.get_by_label("Où ça en est").focus()
    page.keyboard.press("ArrowDown")
    chosen = page.get_by_label("Où ça en est").input_value()
    page.get_by_role("button", name="Filtrer", exact=True).click()
    page.wait_for_url(f"**type={chosen}*")


COVERED = """() => {
  for (const moving of document.getAnimations()) moving.finish();
  const one = document.activeElement;
  if (!one || one === document.body) return "";
  // An element of several lines or a box hidden behind its label: any part in sight will do.
  const parts = [one, ...(one.labels ?? [])];
  const boxes = parts.flatMap((part) => [...part.getClientRects()]);
  const seen = boxes.some(({ left, top, right, bottom }) => {
    const x = (Math.max(left, 0) + Math.min(right, innerWidth)) / 2;
    // What is high is looked for at several heights of what is on the screen.
    const [upper, lower] = [Math.max(top, 0), Math.min(bottom, innerHeight)];
    return [0.02, 0.25, 0.5, 0.75, 0.98].some((part) => {
      const at = document.elementFromPoint(x, upper + part * (lower - upper));
      return at && parts.some((own) => own.contains(at) || at.contains(own));
    });
  });
  const { top, bottom } = one.getBoundingClientRect();
  return seen ? "" : `${one.outerHTML.slice(0, 120)} ${top} ${bottom}`;
}"""


MAGNIFIED = {"width": 320, "height": 256}
"""What is left of a screen of 1280 by 1024 at 400 %."""
OFTEN = [
    ("", "/"),
    ("", "/map"),
    ("", "/incidents"),
    ("", "/incidents/new"),
    ("", "/incidents/{incident}"),
    ("resident", "/account/settings"),
    ("agent", "/desk/{incident}"),
    ("moderator", "/moderation"),
    ("administrator", "/administration/town"),
]


def tab_through(page: Any) -> tuple[list[str], int]:
    """Go through the page forth and back; return what was covered, and the number of stops."""
    covered, stops = [], 0
    for key in ("Tab", "Shift+Tab"):
        for _ in range(120):
            page.keyboard.press(key)
            if page.evaluate("document.activeElement === document.body"):
                break
            stops += 1
            covered.append(page.evaluate(COVERED))
    return [one for one in covered if one], stops


@pytest.mark.parametrize("size", [PHONE, MAGNIFIED], ids=["phone", "magnified"])
@pytest.mark.parametrize(("who", "path"), OFTEN)
def test_nothing_that_has_the_focus_is_hidden(
    visit: Visit, known: Known, size: dict[str, int], who: str, path: str
) -> None:
    page: Any = visit(who, size=size)
    come_to(page, path.format(**known.paths))
    covered, stops = tab_through(page)
    assert stops > 20
    assert not covered, "\n".join(covered)


@pytest.mark.audit
@pytest.mark.parametrize("size", [PHONE, MAGNIFIED], ids=["phone", "magnified"])
@pytest.mark.parametrize("who", PAGES)
def test_nothing_that_has_the_focus_is_hidden_on_any_page(
    visit: Visit, known: Known, size: dict[str, int], who: str
) -> None:
    page: Any = visit(who, size=size)
    for path in PAGES[who].split():
        come_to(page, path.format(**known.paths))
        covered, _ = tab_through(page)
        assert not covered, "\n".join([page.url, *covered])
