"""Photos on their way: said at once when they are none, made smaller, described, kept."""

import io
import re
from typing import Any

from PIL import Image
from playwright.sync_api import Page, expect

from civic.storage.headers import read_header
from tests.e2e.test_reporting import choose_street
from tests.e2e.watching import PHONE, Visit, hold_scripts, let_come
from tests.photos import exif_of, heic, jpeg, telephone, written


def file(name: str, content: bytes, type_: str = "") -> Any:
    """What the file picker hands over; no type, as some browsers do for a HEIC."""
    return {"name": name, "mimeType": type_, "buffer": content}


def chosen(page: Page) -> list[str]:
    names: list[str] = page.evaluate(
        "[...document.querySelector('#photos').files].map(f => f.name)"
    )
    return names


def sent_file(page: Page, number: int = 0) -> bytes:
    """The file that would travel now."""
    return bytes(
        page.evaluate(
            "async n => [...new Uint8Array("
            "await document.querySelector('#photos').files[n].arrayBuffer())]",
            number,
        )
    )


def send(page: Page) -> None:
    page.locator("form.submission").get_by_role("button", name="Envoyer").last.click()


def test_what_is_no_photo_is_said_beside_the_field(visit: Visit) -> None:
    page = visit(size=PHONE)
    page.goto("/incidents/new")
    files = [
        file("notes.pdf", b"%PDF-1.7 text", "application/pdf"),
        file("faux.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/jpeg"),
        file("IMG_0001.HEIC", heic(), ""),
        file("bon.jpg", jpeg(), ""),
    ]
    page.locator("#photos").set_input_files(files)
    refused = page.locator("#photos-refused")
    expect(refused).to_contain_text("notes.pdf")
    expect(refused).to_contain_text("faux.jpg")
    expect(refused).to_have_attribute("role", "alert")
    assert chosen(page) == ["IMG_0001.HEIC", "bon.jpg"]
    expect(page.locator("[data-status]")).to_contain_text("Photo ajoutée")
    # This browser does not draw a HEIC: it is named.
    expect(page.locator(".photo-kept-name")).to_have_text("IMG_0001.HEIC")
    page.get_by_role("button", name="Retirer la photo bon.jpg").click()
    expect(page.locator("[data-status]")).to_contain_text("Photo retirée")
    assert chosen(page) == ["IMG_0001.HEIC"]


def test_what_is_chosen_before_the_script_comes_is_shown_and_said(visit: Visit) -> None:
    page = visit(size=PHONE)
    held = hold_scripts(page)
    page.goto("/incidents/new", wait_until="commit")
    page.locator("#photos").set_input_files([file("bon.jpg", jpeg()), file("non.pdf", b"%PDF")])
    page.locator("[data-lines] > summary").click()
    page.locator("[data-lines] input").first.fill("Une lampe cassée")
    let_come(page, held)
    expect(page.locator("#photos-refused")).to_contain_text("non.pdf")
    expect(page.locator("[data-status]")).to_contain_text("Photo ajoutée")
    expect(page.locator(".photo-description input")).to_have_value("Une lampe cassée")
    assert chosen(page) == ["bon.jpg"]


def test_each_photo_that_is_too_heavy_is_named(visit: Visit) -> None:
    page = visit(size=PHONE)
    page.add_init_script("HTMLCanvasElement.prototype.toBlob = (told) => told(null);")
    page.goto("/incidents/new")
    page.locator(".photo-input").evaluate("(field) => { field.dataset.maxBytes = 1000; }")
    files = [file("une.jpg", jpeg(900)), file("deux.jpg", jpeg(800)), file("non.pdf", b"%PDF")]
    page.locator("#photos").set_input_files(files)
    for name in ("une.jpg", "deux.jpg", "non.pdf"):
        expect(page.locator("#photos-refused")).to_contain_text(name)
    assert chosen(page) == []


def test_the_place_is_read_from_a_heic(visit: Visit) -> None:
    page = visit(size=PHONE)
    page.goto("/incidents/new")
    for content in (
        heic(gps=(48.11, -1.68)),
        written(Image.new("RGB", (40, 30)), "PNG", exif=exif_of((48.11, -1.68))),
        written(Image.new("RGB", (40, 30)), "WEBP", exif=exif_of((48.11, -1.68))),
        written(Image.new("RGB", (40, 30)), "AVIF", exif=exif_of((48.11, -1.68))),
    ):
        page.locator("#photos").set_input_files([file("photo.heic", content)])
        expect(page.get_by_role("button", name="Prendre le lieu de la photo")).to_be_visible()
        page.get_by_role("button", name="Retirer la photo photo.heic").click()
        expect(page.get_by_role("button", name="Prendre le lieu de la photo")).to_be_hidden()


def test_a_large_photo_travels_small_and_keeps_its_place(visit: Visit) -> None:
    page = visit(size=PHONE)
    page.goto("/incidents/new")
    held = exif_of((48.11, -1.68), orientation=6)
    large = telephone(5000, 3000, "JPEG", quality=97, exif=held)
    assert len(large) > 1_000_000
    page.locator("#photos").set_input_files([file("grande.jpeg", large, "image/jpeg")])
    expect(page.get_by_role("button", name="Prendre le lieu de la photo")).to_be_visible()
    assert chosen(page) == ["grande.jpg"]
    light = sent_file(page)
    assert len(light) < len(large) / 2
    header = read_header(io.BytesIO(light))
    assert header is not None
    # Turned as it was held.
    assert (header.width, header.height) == (1229, 2048)
    assert header.gps is not None
    assert abs(header.gps[0] - 48.11) + abs(header.gps[1] + 1.68) < 1e-5


def test_a_browser_that_cannot_draw_sends_the_file_as_it_is(visit: Visit) -> None:
    page = visit(size=PHONE)
    page.add_init_script("HTMLCanvasElement.prototype.toBlob = (told) => told(null);")
    page.goto("/incidents/new")
    large = telephone(4000, 3000, "JPEG", quality=97, exif=exif_of((48.11, -1.68)))
    page.locator("#photos").set_input_files([file("grande.jpeg", large, "image/jpeg")])
    expect(page.get_by_role("button", name="Prendre le lieu de la photo")).to_be_visible()
    assert sent_file(page) == large


def test_photos_are_described_when_they_are_sent(visit: Visit) -> None:
    page = visit(size=PHONE)
    page.goto("/incidents/new")
    choose_street(page, "T", "Allée des Tilleuls")
    files = [file("a.jpg", jpeg(colour="red")), file("b.heic", heic(colour="blue"))]
    page.locator("#photos").set_input_files(files)
    lines = page.get_by_label("Ce qu’on y voit")
    expect(lines).to_have_count(2)
    lines.nth(0).fill("Un lampadaire couché sur le trottoir")
    page.watch.expect("/incidents/new", 422)
    send(page)
    # Refused for want of a title: photos and words are still there.
    expect(page.get_by_label("Garder la photo 1")).to_be_checked()
    expect(page.get_by_text("b.heic")).to_be_visible()
    expect(page.get_by_label("Ce qu’on y voit").first).to_have_value(
        "Un lampadaire couché sur le trottoir"
    )
    page.get_by_text("Dépôt sauvage").click()
    page.get_by_label("Titre").fill("Un lampadaire est tombé")
    send(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("bien arrivé")
    page.goto(page.get_by_label("À copier").input_value())
    shown = page.locator(".photos img")
    expect(shown.nth(0)).to_have_attribute("alt", "Un lampadaire couché sur le trottoir")
    expect(shown.nth(1)).to_have_attribute(
        "alt", re.compile("^Photo 2 sur 2.: .*Dépôt sauvage, Allée des Tilleuls")
    )
    page.get_by_role("link", name="Décrire les photos").click()
    page.get_by_label("Ce qu’on voit sur la photo 2").fill("Le même, de près")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".photos img").nth(1)).to_have_attribute("alt", "Le même, de près")


def test_photos_are_described_without_script(visit: Visit) -> None:
    page = visit(size=PHONE, java_script_enabled=False)
    page.goto("/incidents/new")
    page.locator("#photos").set_input_files([file("a.jpg", jpeg(), "image/jpeg")])
    page.get_by_text("Décrire les photos pour qui ne les voit pas").click()
    page.get_by_label("Photo 1").fill("Un trou plein d’eau")
    choose_street(page, "L", "Impasse du Lavoir")
    expect(page.get_by_label("Ce qu’on y voit")).to_have_value("Un trou plein d’eau")
    page.get_by_text("Dépôt sauvage").click()
    page.get_by_label("Titre").fill("Un trou dans la chaussée")
    send(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("bien arrivé")
    page.goto(page.get_by_label("À copier").input_value())
    expect(page.get_by_role("img", name="Un trou plein d’eau")).to_be_visible()
