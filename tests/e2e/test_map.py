"""The map and its list: the same things, for a hand, a keyboard and an address."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from civic.accounts.models import Account
from civic.contributions.queries import get_contribution
from civic.moderation.operations import hide
from civic.places.geometry import Position
from tests.e2e.live_town import LiveTown
from tests.e2e.population import INSULT, Known
from tests.e2e.watching import PHONE, Visit, come_to, rest, wait_until
from tests.factories import actor, make_contribution

MARKERS = ".leaflet-marker-pane .leaflet-marker-icon, .leaflet-fan-pane .leaflet-marker-icon"


def asked(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


RESTED = """(() => {
  let leaflet;
  let rested = false;
  Object.defineProperty(window, "L", {
    get: () => leaflet,
    set(given) {
      leaflet = given;
      setTimeout(() => { rested = true; });
      const { map } = given;
      given.map = (...asked) => {
        window.mapRested = rested;
        return map(...asked);
      };
    },
  });
})()"""
"""Notes whether the browser was let go between reading Leaflet and making the map."""


def unfold_filters(page: Page) -> None:
    if page.locator(".map-filters[open]").count() == 0:
        page.locator(".map-filters > summary").click()


def test_filters_live_in_the_address_and_go_back(visit: Visit) -> None:
    page = visit()
    page.goto("/map")
    expect(page.locator("#map-list")).to_contain_text("Banc cassé au square")
    unfold_filters(page)
    page.get_by_label("Quoi").select_option(label="Idées")
    page.wait_for_url(re.compile("kind=idea"))
    expect(page.locator("#map-list")).not_to_contain_text("Banc cassé au square")
    expect(page.locator("#map-list")).to_contain_text("Un verger pour tous")
    address = page.url

    fresh = visit()
    fresh.goto(address)
    expect(fresh.locator("#map-list")).to_contain_text("Un verger pour tous")
    expect(fresh.locator("#map-list")).not_to_contain_text("Banc cassé au square")

    page.go_back()
    expect(page.locator("#map-list")).to_contain_text("Banc cassé au square")
    assert "kind" not in asked(page)


def test_clusters_split_as_one_comes_closer(visit: Visit) -> None:
    page = visit()
    page.goto("/map?lat=48.11300&lon=-1.68000&z=13")
    expect(page.locator(MARKERS).first).to_be_visible()
    far = page.locator(MARKERS).count()
    page.locator(MARKERS).first.click()
    expect(page).to_have_url(re.compile("z=1[4-9]"))
    page.goto("/map?lat=48.11700&lon=-1.68000&z=17")
    expect(page.locator(MARKERS).nth(far)).to_be_visible()


def test_a_keyboard_reaches_markers_and_list(visit: Visit) -> None:
    page = visit()
    page.goto("/map?lat=48.11800&lon=-1.68000&z=18")
    marker = page.get_by_role("button", name="Lampe éteinte 2")
    expect(marker).to_be_visible()
    press_until(page, "document.activeElement.classList.contains('leaflet-marker-icon')")
    marker.focus()
    page.keyboard.press("Enter")
    card = page.get_by_role("dialog", name="Fiche")
    expect(card.get_by_role("link", name="Lampe éteinte 2")).to_be_focused()
    expect(page).to_have_url(re.compile("selected="))
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    press_until(page, "document.activeElement.closest('#map-list') !== null")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/(incidents|ideas|actions)/"))
    page.go_back()
    expect(page).to_have_url(re.compile("/map"))


def test_what_is_hidden_leaves_the_map(visit: Visit, town_server: LiveTown, known: Known) -> None:
    with town_server.session() as session:
        place = Position(48.1030, -1.6650)
        reference = make_contribution(session, title="À cacher", position=place).reference
    page = visit()
    page.goto("/map?lat=48.10300&lon=-1.66500&z=18")
    expect(page.get_by_role("button", name="À cacher")).to_be_visible()
    with town_server.session() as session:
        moderator = session.get_one(Account, known.people["moderator"])
        hide(
            session,
            get_contribution(session, reference),
            actor=actor(moderator),
            grounds=INSULT,
        )
    page.reload()
    expect(page.locator("#map-list")).not_to_contain_text("À cacher")
    expect(page.get_by_role("button", name="À cacher")).to_have_count(0)


def test_symbols_are_drawn_near_the_view_and_come_before_the_hand_lets_go(
    visit: Visit, town_server: LiveTown
) -> None:
    with town_server.session() as session:
        for title, lon in (("Au milieu", -1.6650), ("Juste à côté", -1.6623)):
            make_contribution(session, title=title, position=Position(48.1020, lon))
    page = visit()
    page.goto("/map?lat=48.10200&lon=-1.66500&z=18")
    middle = page.get_by_role("button", name="Au milieu")
    beside = page.get_by_role("button", name="Juste à côté")
    expect(middle).to_be_visible()
    expect(beside).to_have_count(0)
    box = page.locator("[data-map-canvas]").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2 + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 - 200, box["y"] + 100, steps=10)
    expect(beside).to_be_visible()
    page.mouse.up()
    expect(middle).to_be_visible()


def test_areas_are_coloured_for_a_hand_and_a_keyboard(visit: Visit) -> None:
    page = visit()
    page.goto("/map")
    page.get_by_label("Colorer les quartiers selon").select_option(label="Signalements au km²")
    legend = page.get_by_role("region", name="Couleurs")
    expect(legend).to_contain_text("jusqu’à")
    assert asked(page)["heat"] == "density"

    areas = page.get_by_role("group", name=re.compile("Signalements au km² par quartier"))
    expect(areas.locator("[tabindex='0']")).to_have_count(1)
    areas.locator("[tabindex='0']").focus()
    first = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") != first
    page.keyboard.press("Enter")
    link = legend.get_by_role("link", name=re.compile("Est|Ouest"))
    expect(link).to_be_focused()

    page.reload()
    expect(legend).to_contain_text("jusqu’à")
    page.locator("path.heat-area").first.click()
    legend.get_by_role("link", name=re.compile("Est|Ouest")).click()
    expect(page).to_have_url(re.compile("/areas/(est|ouest)"))
    page.go_back()
    expect(legend).to_contain_text("jusqu’à")
    page.go_back()
    expect(legend).not_to_contain_text("jusqu’à")
    assert "heat" not in asked(page)


def press_until(page: Any, condition: str, most: int = 80) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(condition):
            return
    raise AssertionError(f"{most} times Tab, and still not: {condition}")


SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("path", ["/", "/map", "/incidents/new"])
def test_a_map_that_comes_moves_nothing(visit: Visit, path: str) -> None:
    page = visit(size=PHONE)
    page.add_init_script(SHIFTS)
    come_to(page, path)
    page.locator("[data-map-canvas], [data-place-canvas]").first.scroll_into_view_if_needed()
    expect(page.locator(".leaflet-container")).to_be_visible()
    rest(page)
    assert page.evaluate("shifted") < 0.02


def test_a_map_waits_until_it_is_near(visit: Visit) -> None:
    page = visit(size=PHONE)
    come_to(page, "/")
    assert page.evaluate("typeof L") == "undefined"
    page.locator("#home-map").scroll_into_view_if_needed()
    expect(page.locator(".leaflet-container")).to_be_visible()


@pytest.mark.parametrize("path", ["/map", "/incidents/new", "/incidents/{incident}"])
def test_reading_leaflet_and_making_the_map_are_two_steps(
    visit: Visit, known: Known, path: str
) -> None:
    page = visit(size=PHONE)
    page.add_init_script(RESTED)
    page.goto(path.format(**known.paths))
    page.locator("[data-map-canvas], [data-place-canvas]").first.scroll_into_view_if_needed()
    wait_until(page, "window.mapRested !== undefined")
    assert page.evaluate("window.mapRested") is True
