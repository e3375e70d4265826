"""A hand on a keyboard: choosing sends nothing, the focus stays, and it is never hidden."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.population import Known
from tests.e2e.watching import PHONE, Visit

UNFOLD = """() => {
  for (const fold of document.querySelectorAll("main details:not(.menu)")) fold.open = true;
}"""


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("", "/incidents"),
        ("", "/ideas"),
        ("", "/search?q=lampe"),
        ("", "/map/areas"),
        ("agent", "/desk"),
        ("agent", "/desk/{incident}"),
        ("moderator", "/moderation"),
        ("moderator", "/moderation/decisions"),
    ],
)
def test_arrows_in_a_select_leave_page_focus_and_panel(
    visit: Visit, known: Known, who: str, path: str
) -> None:
    page: Any = visit(who)
    page.goto(path.format(**known.paths), wait_until="networkidle")
    page.evaluate(UNFOLD)
    page.evaluate("document.documentElement.dataset.untouched = 'yes'")
    address = page.url
    selects = page.locator("main select:visible, .queue-filters select:visible")
    if path in ("/incidents", "/ideas", "/search?q=lampe"):
        assert selects.count() >= 3
    for index in range(selects.count()):
        select = selects.nth(index)
        select.focus()
        for _ in range(2):
            page.keyboard.press("ArrowDown")
            page.wait_for_timeout(60)
            expect(select).to_be_focused()
    page.wait_for_timeout(300)
    assert page.url == address
    assert page.evaluate("document.documentElement.dataset.untouched") == "yes"


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
  if (!one || one === document.body || one.closest(".bottom-bar")) return "";
  // An element of several lines or a box hidden behind its label: any part in sight will do.
  const boxes = [one, ...(one.labels ?? [])].flatMap((part) => [...part.getClientRects()]);
  const seen = boxes.some(({ left, top, right, bottom }) => {
    const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    const whole = document.elementFromPoint((left + right) / 2, bottom - 2);
    return at && !at.closest(".bottom-bar") && !(whole && whole.closest(".bottom-bar"));
  });
  const { top, bottom } = one.getBoundingClientRect();
  return seen ? "" : `${one.outerHTML.slice(0, 120)} ${top} ${bottom}`;
}"""


@pytest.mark.parametrize("path", ["/", "/map", "/incidents/new", "/incidents/{incident}"])
def test_the_bar_of_a_phone_hides_nothing_that_has_the_focus(
    visit: Visit, known: Known, path: str
) -> None:
    page: Any = visit(size=PHONE)
    page.goto(path.format(**known.paths), wait_until="networkidle")
    covered, stops = [], 0
    for key in ("Tab", "Shift+Tab"):
        for _ in range(90):
            page.keyboard.press(key)
            if page.evaluate("document.activeElement === document.body"):
                break
            stops += 1
            covered.append(page.evaluate(COVERED))
    assert stops > 40
    assert not any(covered), "\n".join(filter(None, covered))
