"""A resident reports, is thanked, follows up; whoever has no map, no address, no script too."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.live_town import LiveTown
from tests.e2e.watching import DESKTOP, PHONE, Visit
from tests.photos import jpeg

PHOTO = {"name": "lampe.jpg", "mimeType": "image/jpeg", "buffer": jpeg(gps=(48.11, -1.68))}


def choose_street(page: Page, letter: str, street: str) -> None:
    page.get_by_text("Choisir une rue dans la liste").click()
    page.get_by_role("button", name=letter, exact=True).click()
    page.get_by_label(f"Rue ({letter})").select_option(label=street)


def follow_up(page: Any) -> None:
    """What the private link allows: complete the report, and withdraw it."""
    page.get_by_role("link", name="Ajouter une précision").click()
    page.get_by_label("Votre texte").fill("C’est le troisième poteau.")
    page.get_by_role("button", name="Envoyer", exact=True).click()
    expect(page.get_by_text("C’est le troisième poteau.").first).to_be_visible()
    page.locator("#withdraw > summary").click()
    page.get_by_role("button", name="Oui, la retirer").click()
    expect(page.locator(".contribution-line")).to_contain_text("Retiré par")


@pytest.mark.parametrize(
    ("size", "letter", "street"),
    [(PHONE, "V", "Chemin Vert"), (DESKTOP, "D", "Quai Dupont")],
    ids=["phone", "desktop"],
)
def test_a_visitor_reports_without_map_and_without_address(
    visit: Visit, size: dict[str, int], letter: str, street: str
) -> None:
    page = visit(size=size)
    page.goto("/")
    page.get_by_role("link", name="Signaler").locator("visible=true").first.click()
    expect(page).to_have_url(re.compile("/incidents/new$"))
    choose_street(page, letter, street)
    page.locator("#photos").set_input_files(PHOTO)
    expect(page.locator(".photo-preview img")).to_be_visible()
    page.get_by_text("Dépôt sauvage").click()
    page.get_by_label("Titre").fill(f"Un canapé sur le trottoir ({size['width']})")
    page.locator(".form-end, form").get_by_role("button", name="Envoyer").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("bien arrivé")
    expect(page.get_by_text("Réponse prévue au plus tard le")).to_be_visible()
    link = page.get_by_label("À copier").input_value()

    later = visit(size=size)
    later.goto(link)
    expect(later.get_by_role("heading", level=1)).to_contain_text("Un canapé")
    photo = later.locator(".contribution-main img").first
    expect(photo).to_be_visible()
    assert photo.evaluate("image => image.complete && image.naturalWidth > 0")
    expect(later.get_by_text(street).first).to_be_visible()
    follow_up(later)


def test_an_address_is_chosen_by_the_keyboard_and_the_list_stays_closed(visit: Visit) -> None:
    page = visit(size=PHONE)
    page.goto("/incidents/new")
    field = page.get_by_role("combobox", name="Adresse")
    options = page.get_by_role("listbox", name="Adresses proposées").get_by_role("option")
    field.press_sequentially("chem ver")
    expect(options.first).to_have_text(re.compile("Chemin Vert"))
    field.press("Escape")
    expect(options).to_have_count(0)
    field.press("ArrowDown")
    expect(options.first).to_be_visible()
    # What is typed just before the choice is not asked for behind it.
    field.press("t")
    field.press("ArrowDown")
    field.press("Enter")
    expect(page.get_by_text(re.compile(r"Lieu choisi\s: .*Chemin Vert"))).to_be_visible()
    page.wait_for_timeout(600)
    expect(options).to_have_count(0)
    field.fill("rue xyzzy")
    expect(page.get_by_text("Aucune adresse connue n’y ressemble")).to_be_visible()


def test_what_is_missing_is_said_and_nothing_is_lost(visit: Visit) -> None:
    page = visit(size=PHONE)
    page.goto("/incidents/new")
    page.watch.expect("/incidents/new", 422)
    page.locator("#photos").set_input_files(PHOTO)
    page.get_by_label("Titre").fill("Une lampe clignote")
    page.locator("form.submission").get_by_role("button", name="Envoyer").last.click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.get_by_label("Titre")).to_have_value("Une lampe clignote")
    expect(page.get_by_label("Garder la photo 1")).to_be_checked()
    choose_street(page, "C", "Rue Colbert")
    page.get_by_text("Dépôt sauvage").click()
    page.locator("form.submission").get_by_role("button", name="Envoyer").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("bien arrivé")


def test_a_resident_signs_in_by_the_code_and_taps_the_map(
    visit: Visit, post_office: LiveTown
) -> None:
    page = visit(size=PHONE, has_touch=True)
    page.goto("/incidents/new")
    page.get_by_role("link", name="Connectez-vous").click()
    page.get_by_label("Votre adresse électronique").fill("tapper@example.org")
    page.get_by_role("button", name="Recevoir le lien et le code").click()
    mail = post_office.wait_for_mail("tapper@example.org", "code de connexion")
    code = re.search(r"\b(\d{6})\b", mail)
    assert code
    page.get_by_label("code").first.fill(code[1])
    page.get_by_role("button", name="Me connecter").click()
    expect(page).to_have_url(re.compile("/incidents/new$"))
    expect(page.get_by_text("Vous écrivez en tant que")).to_be_visible()

    page.locator(".leaflet-container").scroll_into_view_if_needed()
    page.locator(".leaflet-container").tap(position={"x": 150, "y": 140})
    # The whole town is in sight: the first tap leads closer, and sets no place.
    expect(page.locator("[data-place-status]")).to_contain_text(
        "Touchez maintenant l’endroit exact"
    )
    assert page.locator("input[name=lat]").input_value() == ""
    page.locator(".leaflet-container").tap(position={"x": 150, "y": 140})
    expect(page.locator("[data-place-status]")).to_contain_text("Lieu choisi")
    page.get_by_text("Nature en ville").click()
    page.get_by_label("Titre").fill("La borne du parvis penche")
    page.locator("form.submission").get_by_role("button", name="Envoyer").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("bien arrivé")
    receipt = post_office.wait_for_mail("tapper@example.org", count=2)
    assert "La borne du parvis penche" in receipt


def test_near_duplicates_are_shown_while_typing(visit: Visit, town_server: LiveTown) -> None:
    page = visit(town_server.newcomer())
    page.goto("/incidents/new?lat=48.1160&lon=-1.6800")
    page.get_by_text("Éclairage public", exact=True).click()
    page.get_by_label("Titre").press_sequentially("Lampe éteinte")
    expect(page.locator(".similar-found")).to_contain_text("Lampe éteinte 0")
    page.locator(".similar-item", has_text="Lampe éteinte 0").get_by_role(
        "button", name="C’est aussi mon problème"
    ).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lampe éteinte 0")
    expect(page.locator("#vote-button")).to_have_attribute("aria-pressed", "true")


def test_an_idea_is_proposed_seen_and_supported_by_two(visit: Visit, town_server: LiveTown) -> None:
    page = visit(town_server.newcomer(), size=PHONE)
    page.goto("/ideas/new")
    page.get_by_text("Toute la commune").click()
    page.get_by_text("Nature en ville").click()
    page.get_by_label("Titre").fill("Des hamacs dans les parcs")
    page.get_by_label("Description").fill("Pour **tous**, tout de suite.")
    page.get_by_role("button", name="Voir le résultat").click()
    expect(page.locator("#preview strong")).to_have_text("tous")
    page.locator("form.submission").get_by_role("button", name="Envoyer").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("bien arrivé")
    page.get_by_role("link", name="Voir sa page").click()
    expect(page.locator(".contribution-body strong")).to_have_text("tous")
    address = page.url

    for who, count in (("agent", "1"), ("moderator", "2")):
        other = visit(who)
        other.goto(address)
        other.locator("#vote-button").click()
        expect(other.locator("#vote-button")).to_have_attribute("aria-pressed", "true")
        expect(other.locator("#vote")).to_contain_text(count)
