"""An agent moves cases along and turns several into one action; the public sees it, once."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from civic.votes.operations import vote
from tests.e2e.live_town import LiveTown
from tests.e2e.watching import DESKTOP, PHONE, Visit
from tests.factories import actor, make_account, make_contribution
from tests.photos import jpeg

PHOTO = {"name": "chantier.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_case_moves_along_with_its_sentence(
    visit: Visit, town_server: LiveTown, size: dict[str, int]
) -> None:
    with town_server.session() as session:
        reference = make_contribution(session, title="Un pavé descellé").reference
    page = visit("agent", size=size)
    page.goto(f"/desk/{reference}")
    page.watch.expect(f"/desk/{reference}/move/", 422)
    page.locator("#move-acknowledged > summary").click()
    page.locator("#move-acknowledged").get_by_role("button", name="Prendre en compte").click()
    expect(page.locator("#move-resolved")).to_be_visible()
    page.locator("#move-resolved > summary").click()
    page.locator("#move-resolved").get_by_role("button", name="Déclarer résolu").click()
    expect(page.locator("#move-resolved [name=sentence]")).to_be_focused()
    page.locator("#move-resolved [name=sentence]").fill("  ")
    page.locator("#move-resolved").get_by_role("button", name="Déclarer résolu").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.locator("#move-resolved [name=sentence]").fill("Le pavé est scellé.")
    page.locator("#move-resolved").get_by_role("button", name="Déclarer résolu").click()
    expect(page.locator("#move-resolved")).to_have_count(0)
    public = visit(size=size)
    public.goto(f"/c/{reference}")
    expect(public.locator(".contribution-line")).to_contain_text("Résolu")
    expect(public.locator(".timeline").first).to_contain_text("Le pavé est scellé.")


def test_three_items_become_one_action_that_the_public_follows(
    visit: Visit, post_office: LiveTown
) -> None:
    email = "touched-three@example.org"
    titles = [f"Arbre mort {number}" for number in ("un", "deux", "trois")]
    with post_office.session() as session:
        voter = make_account(session, email)
        items = [
            make_contribution(session, title=title, category="nature", author=make_account(session))
            for title in titles
        ]
        for item in items:
            vote(session, item, actor=actor(voter))
        references = [item.reference for item in items]

    agent = visit("agent")
    agent.goto("/desk?q=Arbre+mort")
    for title in titles:
        agent.get_by_label(f"Choisir {title}").check()
    agent.get_by_role("button", name="Transformer en action").click()
    expect(agent.get_by_role("heading", name="Répond à 3 demandes")).to_be_visible()
    agent.get_by_label("Titre").fill("Replanter l’allée")
    agent.get_by_label("Ce qui sera fait").fill("Trois tilleuls **avant mars**.")
    agent.get_by_label("Début prévu").fill("2026-12-01")
    agent.get_by_label("Fin prévue").fill("2027-02-28")
    agent.get_by_label("Coût en euros").fill("4500")
    agent.get_by_role("button", name="Publier l’action").click()
    expect(agent).to_have_url(re.compile("/actions/replanter-l-?allee"))
    address = agent.url

    news(agent, address, "Commencer", "Les trous sont creusés.")
    news(agent, address, "Déclarer terminée", "Les tilleuls sont plantés.")

    public = visit(size=PHONE)
    public.goto("/status")
    expect(public.locator("#done")).to_contain_text("Replanter l’allée")
    public.get_by_role("link", name="Replanter l’allée").first.click()
    expect(public.get_by_role("main")).to_contain_text("Les trous sont creusés.")
    photo = public.locator("main .timeline img").first
    photo.scroll_into_view_if_needed()
    expect(photo).to_be_visible()
    for reference in references:
        public.goto(f"/c/{reference}")
        expect(public.locator(".contribution-line")).to_contain_text("Résolu")
        expect(public.get_by_role("main")).to_contain_text("Replanter l’allée")

    post_office.let_waiting_mails_leave()
    post_office.wait_for_mail(email, "Replanter l’allée", count=3)
    mails = [mail["Subject"] for mail in post_office.mails_to(email)]
    assert len(mails) == 3, mails


def news(agent: Any, address: str, step: str, sentence: str) -> None:
    agent.goto(address)
    agent.get_by_role("link", name="Donner des nouvelles").click()
    agent.get_by_label(step).check()
    agent.locator("[name=body]").fill(sentence)
    agent.locator("#photos").set_input_files(PHOTO)
    agent.get_by_role("button", name="Publier", exact=True).click()
    expect(agent).to_have_url(address)
    expect(agent.get_by_role("main")).to_contain_text(sentence)
