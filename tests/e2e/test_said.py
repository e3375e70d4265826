"""What changes is said: suggestions, letters, photos, what a redirect has done, what failed."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.population import Known
from tests.e2e.watching import PHONE, Visit, come_to, wait_until
from tests.photos import jpeg

FORMS = [("", "/incidents/new"), ("agent", "/desk/new"), ("resident", "/incidents/{incident}/edit")]
IN_SIGHT = """(list) => {
  const { top, bottom } = list.getBoundingClientRect();
  const bar = document.querySelector(".bottom-bar")?.getBoundingClientRect();
  const floor = bar?.height ? bar.top : innerHeight;
  return top >= 0 && bottom <= floor;
}"""


def type_address(page: Any, text: str = "chem ver") -> tuple[Any, Any]:
    field = page.locator("#address")
    expect(field).to_have_role("combobox")
    options = page.get_by_role("listbox", name="Adresses proposées").get_by_role("option")
    field.fill("")
    field.press_sequentially(text)
    expect(options.first).to_have_text(re.compile("Chemin Vert"))
    return field, options


@pytest.mark.parametrize(("who", "path"), FORMS)
def test_only_what_is_marked_or_let_go_on_is_taken(
    visit: Visit, known: Known, who: str, path: str
) -> None:
    page = visit(who, size=PHONE)
    come_to(page, path.format(**known.paths))
    field, options = type_address(page)
    field.press("Enter")
    expect(options).to_have_count(0)
    expect(field).to_have_value("chem ver")
    expect(page).to_have_url(re.compile(f"{path.format(**known.paths)}$"))

    field, options = type_address(page)
    box = options.first.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    expect(field).to_have_value("chem ver")
    page.mouse.move(5, 5)
    page.mouse.up()
    expect(field).to_have_value("chem ver")
    expect(options.first).to_be_visible()
    options.first.click()
    expect(field).to_have_value(re.compile("Chemin Vert"))
    expect(field).to_be_focused()


@pytest.mark.parametrize("height", [740, 400])
def test_the_suggestions_open_in_sight_and_are_counted(visit: Visit, height: int) -> None:
    page = visit(size={"width": 360, "height": height})
    come_to(page, "/incidents/new")
    # As low on the screen as a field can stand.
    page.get_by_role("combobox", name="Adresse").evaluate(
        "field => scrollBy(0, field.getBoundingClientRect().bottom - innerHeight + 70)"
    )
    said = page.locator("[data-place-said]")
    expect(said).to_have_role("status")
    _, options = type_address(page)
    expect(said).to_contain_text(str(options.count()))
    wait_until(page, IN_SIGHT, page.locator("#place-suggestions").element_handle())


def test_a_letter_of_the_streets_is_said(visit: Visit) -> None:
    page = visit(size=PHONE)
    page.goto("/incidents/new")
    page.get_by_text("Choisir une rue dans la liste").click()
    letter = page.get_by_role("button", name="C", exact=True)
    letter.press("Enter")
    expect(page.locator("[data-place-said]")).to_have_text(re.compile(r"lettre C\s: 1"))
    expect(letter).to_have_attribute("aria-current", "true")
    expect(letter).to_be_focused()
    page.get_by_role("button", name="P", exact=True).press("Enter")
    expect(letter).not_to_have_attribute("aria-current", "true")


def test_regions_that_speak_are_there_before_they_do(visit: Visit) -> None:
    page = visit(size=PHONE)
    come_to(page, "/incidents/new")
    regions = page.locator("main [role=status]")
    assert regions.count() >= 3
    hidden = regions.evaluate_all(
        "all => all.filter(one => !one.textContent && getComputedStyle(one).display === 'none')"
        ".map(one => one.outerHTML)"
    )
    assert hidden == []
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
    page.locator("#photos").set_input_files([photo])
    expect(page.locator("[data-status]")).to_contain_text("Photo ajoutée")


def test_what_was_done_has_the_focus_after_a_redirect(visit: Visit) -> None:
    page = visit("resident")
    page.goto("/account/settings")
    page.get_by_role("button", name="Enregistrer").first.click()
    said = page.locator(".flashes .alert")
    expect(said).to_be_focused()
    said.get_by_role("button").click()
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_title_says_that_it_failed(visit: Visit, language: str) -> None:
    page = visit(locale=language)
    start = re.compile("^Erreur\N{NO-BREAK SPACE}: " if language == "fr" else "^Error: ")
    page.watch.expect("/nowhere", 404)
    page.goto("/nowhere")
    expect(page).to_have_title(start)
    page.watch.expect("/sign-in", 422)
    page.goto("/sign-in")
    expect(page).not_to_have_title(start)
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_title(start)


def test_the_map_can_be_skipped_and_its_drawings_are_no_images(visit: Visit) -> None:
    page = visit()
    come_to(page, "/map")
    unnamed = page.locator(".leaflet-pane svg").evaluate_all(
        "all => all.filter(one => !one.closest('[aria-hidden=true]')).map(one => one.outerHTML)"
    )
    assert unnamed == []
    skip = page.get_by_role("link", name="Passer la carte")
    skip.focus()
    expect(skip).to_be_in_viewport()
    skip.press("Enter")
    expect(page.locator("#map-list")).to_be_focused()


def test_only_one_place_is_called_the_same(visit: Visit) -> None:
    page = visit()
    come_to(page, "/map")
    labels = page.locator(".map-symbol[aria-label]").evaluate_all(
        "all => all.map(one => one.getAttribute('aria-label'))"
    )
    assert any("secteur" in label for label in labels), labels
    assert not any("même endroit" in label for label in labels)
