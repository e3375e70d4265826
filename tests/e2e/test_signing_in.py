"""From what a visitor wanted, through the mail, to what was done; and the proof that is asked."""

import secrets
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from civic.accounts.models import AccountSession
from civic.database import utcnow
from tests.e2e.live_town import LiveTown
from tests.e2e.watching import PHONE, Visit
from tests.factories import make_account, make_contribution

SCRIPTS = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])


@pytest.fixture
def incident(post_office: LiveTown) -> str:
    """The address of somebody else's report."""
    with post_office.session() as session:
        author = make_account(session)
        return f"/c/{make_contribution(session, title='Banc bancal', author=author).reference}"


@pytest.fixture
def email() -> str:
    """The address of somebody who has no account yet."""
    return f"{secrets.token_hex(6)}@example.org"


def ask_for_link(page: Page, town: LiveTown, email: str) -> str:
    """Fill in the page of signing in; return the path of the link in the mail."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Me connecter")
    expect(page.locator("main")).to_contain_text("Banc bancal")
    page.get_by_label("Votre adresse électronique").fill(email)
    page.get_by_role("button", name="Recevoir le lien et le code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Regardez vos courriels")
    return town.path_in(town.wait_for_mail(email), r"/sign-in/link/\S+")


@SCRIPTS
def test_a_visitors_vote_is_cast_in_the_tab_that_the_mail_opens(
    visit: Visit, post_office: LiveTown, incident: str, email: str, script: bool
) -> None:
    page = visit(size=PHONE, java_script_enabled=script)
    page.goto(incident)
    page.locator("#vote").get_by_role("link").click()
    link = ask_for_link(page, post_office, email)
    tab = page.context.new_page()
    tab.goto(link)
    tab.get_by_role("button", name="Me connecter").click()
    expect(tab.locator("#vote-button")).to_have_attribute("aria-pressed", "true")
    expect(tab.locator(".flashes")).to_contain_text("votre soutien est compté")


@SCRIPTS
def test_what_somebody_else_began_is_named_and_takes_a_button(
    visit: Visit, post_office: LiveTown, incident: str, email: str, script: bool
) -> None:
    page = visit()
    page.goto(incident)
    page.locator("#follow").get_by_role("link").click()
    link = ask_for_link(page, post_office, email)
    other = visit(size=PHONE, java_script_enabled=script)
    other.goto(link)
    other.get_by_role("button", name="Me connecter").click()
    expect(other.locator("main")).to_contain_text("Banc bancal")
    other.get_by_role("button", name="Oui, le faire").click()
    expect(other.locator("#follow-button")).to_have_text("Ne plus suivre")


@SCRIPTS
def test_a_comment_is_written_first_and_published_after_signing_in(
    visit: Visit, post_office: LiveTown, incident: str, email: str, script: bool
) -> None:
    page = visit(size=PHONE, java_script_enabled=script)
    page.goto(incident)
    page.locator("#comments").get_by_role("link", name="Commenter").click()
    page.get_by_label("Votre commentaire").fill("Il penche vers la rue.")
    page.get_by_role("button", name="Publier mon commentaire").click()
    link = ask_for_link(page, post_office, email)
    page.goto(link)
    page.get_by_role("button", name="Me connecter").click()
    expect(page.locator("#comments")).to_contain_text("Il penche vers la rue.")


@SCRIPTS
def test_a_proof_is_asked_and_what_was_typed_goes_on(
    visit: Visit, post_office: LiveTown, email: str, script: bool
) -> None:
    with post_office.session() as session:
        account_id = make_account(session, email).id
    page = visit(account_id, size=PHONE, java_script_enabled=script)
    page.goto("/account/settings")
    page.watch.expect("/account/email", 422)
    with post_office.session() as session:
        session.execute(
            update(AccountSession)
            .where(AccountSession.account_id == account_id)
            .values(proved_at=utcnow() - timedelta(minutes=11))
        )
    wanted = f"new-{email}"
    page.get_by_label("Nouvelle adresse électronique").fill(wanted)
    page.get_by_role("button", name="Changer d’adresse").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirmez que c’est vous")
    page.get_by_role("button", name="Recevoir un code par courriel").click()
    mail: Any = post_office.wait_for_mail(email, "code de confirmation")
    subject = post_office.mails_to(email, "code de confirmation")[-1]["Subject"]
    assert "code" in mail
    page.get_by_label("Code à six chiffres").fill(subject.split()[0])
    page.get_by_role("button", name="Continuer").click()
    expect(page.locator(".flashes")).to_contain_text("Ouvrez le lien")
    assert post_office.wait_for_mail(wanted, "Confirmez")
    stop = post_office.path_in(
        post_office.wait_for_mail(email, "changement d’adresse"), r"/account/email/stop/\S+"
    )
    page.goto(stop)
    page.get_by_role("button", name="Arrêter et déconnecter tous les appareils").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Me connecter")
