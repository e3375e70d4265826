"""What is written is never lost: sessions end, networks fail, tokens run out, people leave."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from civic.accounts.models import Account
from civic.comments.models import Comment
from tests.e2e.live_town import LiveTown
from tests.e2e.watching import PHONE, Visit, hold_scripts, let_come, rest, wait_until
from tests.factories import make_contribution

WORDS = "Elle clignote depuis la Toussaint."
FOUND = "Nous avons retrouvé ce que vous écriviez"


@pytest.fixture
def case(town_server: LiveTown) -> str:
    with town_server.session() as session:
        return str(make_contribution(session, title="Une lampe qui clignote").reference)


def comment_box(page: Page) -> Any:
    return page.get_by_label("Votre commentaire")


def publish(page: Page) -> None:
    page.get_by_role("button", name="Publier mon commentaire").click()


DRAFTS = """Object.entries(localStorage).filter(([key]) => key.startsWith("civic-draft"))
  .map(([, value]) => value)"""


def wait_for_a_draft(page: Page, holding: str = "") -> None:
    wait_until(page, f"text => {DRAFTS}.some((one) => one.includes(text))", holding)


def wait_for_no_draft(page: Page) -> None:
    wait_until(page, f"{DRAFTS}.length === 0")


def end_session(page: Page) -> None:
    page.context.clear_cookies()


def test_a_session_that_ended_while_commenting(
    visit: Visit, town_server: LiveTown, case: str
) -> None:
    account = town_server.newcomer()
    page = visit(account)
    page.goto(f"/incidents/{case}")
    comment_box(page).fill(WORDS)
    end_session(page)
    page.watch.expect("/c/", 403, 422)
    publish(page)
    # What was written is given back; whoever comes back otherwise finds it too.
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous n’êtes plus connecté")
    # Signed in again, in whichever way: the page has the words, and lets them go once they are out.
    page.context.add_cookies([town_server.cookie_of(account)])
    page.goto(f"/incidents/{case}")
    expect(page.get_by_text(FOUND)).to_be_visible()
    expect(comment_box(page)).to_have_value(WORDS)
    publish(page)
    expect(page.locator("#comments")).to_contain_text(WORDS)
    wait_for_no_draft(page)
    page.goto(f"/incidents/{case}")
    expect(comment_box(page)).to_have_value("")


def test_a_network_that_is_cut_while_sending(
    visit: Visit, town_server: LiveTown, case: str
) -> None:
    page = visit(town_server.newcomer(), size=PHONE)
    page.goto(f"/incidents/{case}")
    comment_box(page).fill(WORDS)
    wait_for_a_draft(page)
    page.route("**/comments", lambda route: route.abort("internetdisconnected"))
    with page.expect_event("requestfailed"):
        publish(page)
    page.unroute("**/comments")
    page.watch.found.clear()
    page.goto(f"/incidents/{case}")
    expect(comment_box(page)).to_have_value(WORDS)
    publish(page)
    expect(page.locator("#comments")).to_contain_text(WORDS)
    with town_server.session() as session:
        assert list(session.scalars(select(Comment.body).where(Comment.body == WORDS))).count(WORDS)
    wait_for_no_draft(page)


def test_leaving_after_a_refusal_and_coming_back(visit: Visit, town_server: LiveTown) -> None:
    page = visit(town_server.newcomer())
    page.watch.expect("/incidents/new", 422)
    page.goto("/incidents/new")
    page.get_by_label("Titre").fill("Une lampe clignote")
    page.locator("form.submission").get_by_role("button", name="Envoyer").last.click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.goto("/map")
    page.goto("/incidents/new")
    expect(page.get_by_label("Titre")).to_have_value("Une lampe clignote")
    expect(page.get_by_text(FOUND)).to_be_visible()
    page.get_by_role("button", name="L’effacer").click()
    expect(page.get_by_label("Titre")).to_have_value("")
    page.goto("/incidents/new")
    expect(page.get_by_label("Titre")).to_have_value("")
    wait_for_no_draft(page)


def test_the_draft_knows_the_place(visit: Visit, town_server: LiveTown) -> None:
    page = visit(town_server.newcomer(), size=PHONE)
    page.goto("/incidents/new?lat=48.1160&lon=-1.6800")
    page.get_by_label("Titre").fill("Une lampe clignote ici")
    wait_for_a_draft(page, "clignote ici")
    page.goto("/incidents/new")
    expect(page.get_by_text(FOUND)).to_be_visible()
    expect(page.locator("input[name=lat]")).to_have_value(re.compile(r"^48\.116"))
    expect(page.locator(".leaflet-marker-icon")).to_have_count(1)


def test_looking_for_an_address_and_supporting_another_keep_the_report(
    visit: Visit, town_server: LiveTown
) -> None:
    with town_server.session() as session:
        make_contribution(session, title="Lampe en panne rue Verte")
    page = visit()
    page.goto("/incidents/new?lat=48.1100&lon=-1.6800")
    page.get_by_text("Éclairage public", exact=True).click()
    page.get_by_label("Titre").press_sequentially("Lampe en panne rue Verte")
    button = page.locator(".similar-item").get_by_role("button", name="C’est aussi mon problème")
    expect(button.first).to_be_visible()
    page.watch.expect("/c/", 403)
    button.first.click()
    page.wait_for_load_state()
    page.goto("/incidents/new")
    expect(page.get_by_label("Titre")).to_have_value("Lampe en panne rue Verte")
    page.get_by_role("button", name="Chercher").last.click()
    page.wait_for_load_state()
    page.goto("/incidents/new")
    expect(page.get_by_label("Titre")).to_have_value("Lampe en panne rue Verte")


def test_going_back_after_a_success_brings_no_draft(
    visit: Visit, town_server: LiveTown, case: str
) -> None:
    page = visit(town_server.newcomer())
    page.goto(f"/incidents/{case}")
    comment_box(page).fill("Une fois suffit.")
    publish(page)
    expect(page.locator("#comments")).to_contain_text("Une fois suffit.")
    page.go_back()
    page.wait_for_load_state()
    wait_for_no_draft(page)


def test_the_back_button_after_a_failure_finds_the_words(
    visit: Visit, town_server: LiveTown, case: str
) -> None:
    page = visit(town_server.newcomer())
    page.goto("/map")
    page.goto(f"/incidents/{case}")
    comment_box(page).fill(WORDS)
    page.goto("/map")
    page.go_back()
    expect(comment_box(page)).to_have_value(WORDS)


def test_drafts_go_at_sign_out_and_belong_to_their_writer(
    visit: Visit, town_server: LiveTown, case: str
) -> None:
    page = visit(town_server.newcomer())
    page.goto(f"/incidents/{case}")
    comment_box(page).fill("Pour moi seul")
    wait_for_a_draft(page)
    other = town_server.newcomer()
    mine = page.context.cookies()
    page.context.add_cookies([town_server.cookie_of(other)])
    page.goto(f"/incidents/{case}")
    expect(comment_box(page)).to_have_value("")
    page.context.add_cookies(mine)
    page.goto(f"/incidents/{case}")
    expect(comment_box(page)).to_have_value("Pour moi seul")
    page.locator(".site-menu > summary").click()
    page.get_by_role("button", name="Me déconnecter").click()
    expect(page.get_by_text("Vous êtes déconnecté")).to_be_visible()
    wait_for_no_draft(page)


def test_without_script_an_expired_token_gives_the_words_back(
    visit: Visit, town_server: LiveTown, case: str
) -> None:
    page = visit(town_server.newcomer(), java_script_enabled=False)
    page.goto(f"/incidents/{case}")
    comment_box(page).fill(WORDS)
    # The session begins anew: what the page holds is of the one before.
    with town_server.session() as session:
        account = session.scalars(select(Account.id).order_by(Account.id.desc())).first()
    end_session(page)
    page.context.add_cookies([town_server.cookie_of(int(account or 0))])
    page.watch.expect("/c/", 422)
    publish(page)
    expect(page.get_by_text("Rien n’est perdu")).to_be_visible()
    expect(page.locator(".carried [name=body]")).to_have_value(WORDS)
    page.get_by_role("button", name="Envoyer de nouveau").click()
    expect(page).to_have_url(re.compile(case))
    expect(page.locator("#comments")).to_contain_text(WORDS)


def test_what_is_typed_before_the_script_comes_is_kept(visit: Visit) -> None:
    page = visit(size=PHONE)
    held = hold_scripts(page)
    page.goto("/incidents/new", wait_until="commit")
    page.get_by_label("Titre").fill("Une lampe dans le noir")
    page.get_by_text("Éclairage public", exact=True).click()
    assert page.evaluate(DRAFTS) == []
    let_come(page, held)
    wait_for_a_draft(page)
    page.goto("/map")
    page.goto("/incidents/new")
    expect(page.get_by_text(FOUND)).to_be_visible()
    expect(page.get_by_label("Titre")).to_have_value("Une lampe dans le noir")
    expect(page.get_by_label("Éclairage public")).to_be_checked()


def test_a_draft_that_comes_late_takes_nothing_of_what_was_typed_meanwhile(visit: Visit) -> None:
    page = visit()
    page.goto("/incidents/new")
    page.get_by_label("Titre").fill("Un banc")
    page.get_by_label("Description").fill("Il manque deux lattes.")
    wait_for_a_draft(page)
    held = hold_scripts(page)
    page.goto("/incidents/new", wait_until="commit")
    page.get_by_label("Titre").fill("Un banc cassé")
    page.get_by_label("Description").fill("Trois, aujourd’hui.")
    let_come(page, held)
    expect(page.get_by_text(FOUND)).to_be_visible()
    expect(page.get_by_label("Titre")).to_have_value("Un banc cassé")
    expect(page.get_by_label("Description")).to_have_value(
        "Il manque deux lattes.\n\nTrois, aujourd’hui."
    )


def test_opening_a_form_at_a_place_or_coming_back_to_one_is_no_draft(visit: Visit) -> None:
    page = visit()
    page.goto("/incidents/new")
    expect(page.locator("[data-place-canvas].leaflet-container")).to_be_visible()
    page.goto("/ideas/new")
    rest(page)
    page.go_back()
    rest(page)
    page.reload()
    rest(page)
    assert page.evaluate(DRAFTS) == []


def test_the_answers_of_a_corrected_category_come_back(visit: Visit, town_server: LiveTown) -> None:
    with town_server.session() as session:
        reference = make_contribution(
            session, title="Une lampe ou un tas", category="depot"
        ).reference
    page = visit("agent")
    page.goto(f"/incidents/{reference}/edit")
    page.get_by_label("Catégorie").select_option(label="Éclairage public")
    page.get_by_label("Quelle taille ?").fill("Deux mètres")
    wait_for_a_draft(page, "Deux mètres")
    page.goto("/map")
    page.goto(f"/incidents/{reference}/edit")
    expect(page.get_by_text(FOUND)).to_be_visible()
    expect(page.get_by_label("Quelle taille ?")).to_have_value("Deux mètres")


def test_a_store_that_refuses_breaks_nothing(
    visit: Visit, town_server: LiveTown, case: str
) -> None:
    page = visit(town_server.newcomer())
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no'); }});"
    )
    page.goto(f"/incidents/{case}")
    comment_box(page).fill("Sans mémoire, ça marche.")
    publish(page)
    expect(page.locator("#comments")).to_contain_text("Sans mémoire, ça marche.")


def test_what_is_somebody_elses_is_not_kept(visit: Visit) -> None:
    page = visit("agent")
    page.goto("/desk/new")
    page.get_by_label("Titre").fill("Un appel")
    page.get_by_label("Adresse électronique de la personne").fill("autrui@example.org")
    page.get_by_label("Téléphone de la personne").fill("06 11 22 33 44")
    wait_for_a_draft(page, "Un appel")
    rest(page)
    kept = str(page.evaluate("JSON.stringify(localStorage)"))
    assert "Un appel" in kept
    assert "autrui" not in kept
    assert "06 11" not in kept
