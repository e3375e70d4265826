"""Voting, following, commenting, flagging, contesting: without leaving the page."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from civic.accounts.models import Account
from civic.desk.operations import Step, move_case
from tests.e2e.live_town import LiveTown
from tests.e2e.watching import DESKTOP, PHONE, Visit
from tests.factories import actor, make_account, make_contribution


@pytest.fixture
def incident(town_server: LiveTown) -> str:
    """The address of somebody else's report."""
    with town_server.session() as session:
        author = make_account(session)
        return f"/c/{make_contribution(session, title='Banc bancal', author=author).reference}"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_me_too_and_taken_back(visit: Visit, incident: str, size: dict[str, int]) -> None:
    page = visit("resident", size=size)
    page.goto(incident)
    button = page.locator("#vote-button")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_be_focused()
    expect(page.locator("#vote")).to_contain_text("1")
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#vote")).to_contain_text("0")


def test_a_visitor_is_sent_to_sign_in_and_back(visit: Visit, incident: str) -> None:
    page = visit()
    page.goto(incident)
    page.locator("#vote").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Me connecter")
    assert "next=" in page.url


def test_one_comments_answers_follows_and_flags(
    visit: Visit, town_server: LiveTown, incident: str
) -> None:
    page = visit(town_server.newcomer(), size=PHONE)
    page.goto(incident)
    page.get_by_label("Votre commentaire").fill("Je confirme, il penche.")
    page.get_by_role("button", name="Publier mon commentaire").click()
    expect(page.locator("#comments")).to_contain_text("Je confirme, il penche.")

    page.locator("#follow-button").click()
    expect(page.locator("#follow-button")).to_have_text("Suivre")

    other = visit("agent")
    other.goto(incident)
    comment = other.locator("article.comment", has_text="Je confirme")
    comment.get_by_role("button", name=re.compile("^Utile")).click()
    expect(comment.get_by_role("button", name="Utile (1)")).to_have_attribute(
        "aria-pressed", "true"
    )
    comment.get_by_role("link", name="Répondre à").click()
    other.get_by_label("Votre réponse").or_(other.get_by_label("Votre commentaire")).first.fill(
        "Merci, nous passons demain."
    )
    other.get_by_role("button", name="Publier").first.click()
    expect(other.locator("#comments")).to_contain_text("Merci, nous passons demain.")
    other.locator("article.comment", has_text="Je confirme").get_by_role(
        "link", name="Alerter la modération"
    ).first.click()
    other.get_by_text("C’est hors sujet").click()
    other.get_by_role("button", name="Envoyer mon alerte").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("alerte")


def test_the_author_contests_a_closing(visit: Visit, town_server: LiveTown, known: Any) -> None:
    author = town_server.newcomer()
    page = visit(author, size=PHONE)
    page.goto(f"/c/{closed_case(town_server, author, known)}")
    page.get_by_role("link", name="Non, ce n’est pas réglé").click()
    page.get_by_label("Votre texte").fill("Le trou est toujours là.")
    page.get_by_role("button", name="Contester").click()
    expect(page.locator(".contribution-line")).to_contain_text("Clôture contestée")
    expect(page.locator(".timeline").first).to_contain_text("Le trou est toujours là.")


def closed_case(town: LiveTown, author_id: int, known: Any) -> str:
    with town.session() as session:
        author = session.get_one(Account, author_id)
        agent = session.get_one(Account, known.people["agent"])
        case = make_contribution(session, author=author, title="Un autre trou")
        move_case(session, case, Step("resolved", "received", "Rebouché."), actor=actor(agent))
        return case.reference
