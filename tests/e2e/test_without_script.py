"""The main journeys with JavaScript switched off."""

import os
import re
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.live_town import LiveTown
from tests.e2e.watching import PHONE, Visit
from tests.factories import make_contribution
from tests.photos import jpeg

OFF = {"java_script_enabled": False}
PHOTO = {"name": "trou.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}


def test_reporting(visit: Visit) -> None:
    page = visit(size=PHONE, **OFF)
    page.goto("/incidents/new")
    page.locator("#photos").set_input_files(PHOTO)
    page.get_by_label("Titre").fill("Un trou devant l’école")
    page.get_by_text("Choisir une rue dans la liste").click()
    page.get_by_role("button", name="P", exact=True).click()
    expect(page.get_by_label("Titre")).to_have_value("Un trou devant l’école")
    expect(page.get_by_label("Garder la photo 1")).to_be_checked()
    page.get_by_label("Rue (P)").select_option(label="Rue de la Paix")
    page.get_by_text("Dépôt sauvage").click()
    page.locator("form.submission").get_by_role("button", name="Envoyer").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("bien arrivé")
    page.goto(page.get_by_label("À copier").input_value())
    expect(page.get_by_text("Rue de la Paix").first).to_be_visible()
    page.locator("#withdraw > summary").click()
    page.get_by_role("button", name="Oui, la retirer").click()
    expect(page.locator(".contribution-line")).to_contain_text("Retiré par")


def test_photos_that_are_too_large_together_cost_no_word(visit: Visit, tmp_path: Path) -> None:
    page = visit(size=PHONE, **OFF)
    page.goto("/incidents/new")
    expect(page.locator("#photos-help")).to_contain_text("15 Mo chacune")
    photos = [tmp_path / f"{n}.jpg" for n in range(5)]
    for photo in photos:
        photo.write_bytes(jpeg(colour=f"#{photo.stem * 6}"))
    for photo in photos[:4]:
        os.truncate(photo, 30_000_000)
    page.locator("#photos").set_input_files(photos)
    page.get_by_text("Choisir une rue dans la liste").click()
    page.get_by_text("Décrire le lieu avec vos mots").click()
    page.get_by_label("Le lieu, avec vos mots").fill("sous le porche du lavoir")
    page.get_by_text("Dépôt sauvage").click()
    page.get_by_label("Titre").fill("Un trou sous le porche")
    page.get_by_label("Description").fill("Depuis lundi.")
    page.watch.expect("/incidents/new", 422)
    page.locator("form.submission").get_by_role("button", name="Envoyer").last.click()
    expect(page.locator("#photos-error")).to_contain_text("« 0.jpg »")
    expect(page.locator("#photos-error")).to_contain_text("dépasse 15 Mo")
    expect(page.get_by_label("Garder la photo 1")).to_be_checked()
    expect(page.get_by_label("Garder la photo 2")).to_have_count(0)
    expect(page.get_by_label("Titre")).to_have_value("Un trou sous le porche")
    expect(page.get_by_label("Description")).to_have_value("Depuis lundi.")
    page.locator("form.submission").get_by_role("button", name="Envoyer").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("bien arrivé")


def test_going_back_finds_what_was_typed(visit: Visit) -> None:
    page = visit(size=PHONE, **OFF)
    page.goto("/incidents/new")
    typed = {"Titre": "Un banc", "Description": "Cassé.", "Adresse ou lieu-dit": "3 rue Colbert"}
    for label, text in typed.items():
        page.get_by_label(label).fill(text)
    page.goto("/map")
    page.go_back()
    for label, text in typed.items():
        expect(page.get_by_label(label)).to_have_value(text)


def test_telling_a_place_in_words(visit: Visit) -> None:
    page = visit(size=PHONE, **OFF)
    page.goto("/incidents/new")
    page.get_by_label("Titre").fill("Une fontaine qui goutte")
    page.get_by_text("Dépôt sauvage").click()
    page.watch.expect("/incidents/new", 422)
    page.locator("form.submission").get_by_role("button", name="Envoyer").last.click()
    page.get_by_label("Le lieu, avec vos mots").fill("au fond du square, près du bac à sable")
    page.get_by_label("Quartier").select_option(label="Ouest")
    page.locator("form.submission").get_by_role("button", name="Envoyer").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("bien arrivé")
    page.get_by_role("link", name="Voir sa page").click()
    expect(page.locator(".contribution-where")).to_have_text(
        "au fond du square, près du bac à sable"
    )


def test_voting_and_commenting(visit: Visit, town_server: LiveTown) -> None:
    with town_server.session() as session:
        reference = make_contribution(session, title="Une poubelle pleine").reference
    page = visit(town_server.newcomer(), size=PHONE, **OFF)
    page.goto(f"/c/{reference}")
    page.locator("#vote-button").click()
    expect(page.locator("#vote-button")).to_have_attribute("aria-pressed", "true")
    page.locator("#vote-button").click()
    expect(page.locator("#vote-button")).to_have_attribute("aria-pressed", "false")
    page.get_by_label("Votre commentaire").fill("Elle déborde.")
    page.get_by_role("button", name="Publier mon commentaire").click()
    expect(page.locator("#comments")).to_contain_text("Elle déborde.")


def test_publishing(visit: Visit, town_server: LiveTown) -> None:
    with town_server.session() as session:
        held = make_contribution(session, held=True, title="Sans script")
        number, reference = held.id, held.reference
    page = visit("moderator", **OFF)
    page.goto(f"/moderation/{number}")
    page.get_by_role("button", name="Publier").click()
    page.goto(f"/c/{reference}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sans script")
    visitor = visit(**OFF)
    visitor.goto("/incidents")
    expect(visitor.get_by_role("link", name="Sans script")).to_be_visible()


def test_moving_a_case(visit: Visit, town_server: LiveTown) -> None:
    with town_server.session() as session:
        reference = make_contribution(session, title="Un mât tordu").reference
    page = visit("agent", **OFF)
    page.goto(f"/desk/{reference}")
    page.watch.expect(f"/desk/{reference}/move/", 422)
    page.locator("#move-resolved > summary").click()
    page.locator("#move-resolved [name=sentence]").fill("Le mât est droit.")
    page.locator("#move-resolved").get_by_role("button", name="Déclarer résolu").click()
    page.goto(f"/c/{reference}")
    expect(page.locator(".timeline").first).to_contain_text("Le mât est droit.")


def test_the_map_is_a_picture_that_leads_closer(visit: Visit) -> None:
    page = visit(size=PHONE, **OFF)
    page.goto("/map")
    page.locator("[data-map-picture] a").first.click()
    expect(page).to_have_url(re.compile(r"z=\d+"))
    page.get_by_text("Filtrer", exact=True).first.click()
    page.get_by_label("Quoi").select_option(label="Idées")
    page.locator("#filters").get_by_role("button").click()
    expect(page).to_have_url(re.compile("kind=idea"))
    expect(page.locator("#map-list")).to_contain_text("Un verger pour tous")
    expect(page.locator("#map-list")).not_to_contain_text("Banc cassé")
