"""On paper: what is read stays, with its ink; what is pressed goes; paper is white."""

from typing import Any

import pytest

from tests.e2e.population import Known
from tests.e2e.watching import Visit, come_to

PRESSED = """() => [...document.querySelectorAll(
    "button, .button, [type=submit], nav.site-nav, .bottom-bar, .pagination, .filters"
)].filter((one) => one.checkVisibility()).map((one) => one.outerHTML.slice(0, 120))"""
WITHOUT_INK = """() => [...document.querySelectorAll(".badge, .category, .plate, .bar *")]
    .filter((one) => one.checkVisibility())
    .filter((one) => getComputedStyle(one).printColorAdjust !== "exact")
    .map((one) => one.outerHTML.slice(0, 120))"""
WITHOUT_TEXT = """() => [...document.querySelectorAll("main .panel")]
    .filter((one) => one.checkVisibility())
    .filter((one) => one.innerText.trim() === one.querySelector(".panel-title")?.innerText.trim())
    .map((one) => one.innerText)"""
GROUND = "() => getComputedStyle(document.documentElement).colorScheme"


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("", "/"),
        ("", "/incidents"),
        ("", "/incidents/{closed}"),
        ("", "/status"),
        ("", "/ledger"),
        ("resident", "/incidents/{asked}/received"),
        ("agent", "/desk"),
        ("agent", "/desk/{incident}"),
    ],
)
def test_a_page_on_paper(visit: Visit, known: Known, who: str, path: str) -> None:
    page: Any = visit(who, color_scheme="dark")
    come_to(page, path.format(**known.paths))
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.evaluate(GROUND) == "dark"
    page.emulate_media(media="print")
    assert page.evaluate(PRESSED) == []
    assert page.evaluate(WITHOUT_INK) == []
    assert page.evaluate(WITHOUT_TEXT) == []
    assert page.evaluate(GROUND) != "dark"
    text = page.locator("main").inner_text()
    assert len(text) > 40


def test_bars_say_their_value_on_paper(visit: Visit) -> None:
    page: Any = visit()
    come_to(page, "/")
    page.emulate_media(media="print")
    for row in page.locator(".bars tbody tr").all():
        assert any(letter.isdigit() for letter in row.locator("td").inner_text())
