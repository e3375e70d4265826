"""What is held is published, what is wrong is hidden with reasons, and reasons can be contested."""

import re

import pytest
from playwright.sync_api import expect

from civic.accounts.models import Account
from tests.e2e.live_town import LiveTown
from tests.e2e.population import Known
from tests.e2e.watching import DESKTOP, PHONE, Visit, come_to, rest
from tests.factories import make_account, make_contribution


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_held_report_is_published(
    visit: Visit, town_server: LiveTown, size: dict[str, int]
) -> None:
    with town_server.session() as session:
        held = make_contribution(session, held=True, title="Un tag sur la mairie")
        number, reference = held.id, held.reference
    visitor = visit()
    visitor.watch.expect(f"/incidents/{reference}", 404, 403)
    visitor.watch.expect(f"/c/{reference}", 404, 403)
    visitor.goto(f"/c/{reference}")
    expect(visitor.get_by_role("heading", level=1)).not_to_have_text("Un tag sur la mairie")
    moderator = visit("moderator", size=size)
    moderator.goto(f"/moderation/{number}")
    expect(moderator.locator("#item-title")).to_have_text("Un tag sur la mairie")
    moderator.get_by_role("button", name="Publier").click()
    expect(moderator.locator("#item-title")).not_to_have_text("Un tag sur la mairie")
    visitor.goto(f"/c/{reference}")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Un tag sur la mairie")


def test_the_queue_is_worked_by_keys(visit: Visit, town_server: LiveTown) -> None:
    with town_server.session() as session:
        for title in ("Au clavier 1", "Au clavier 2"):
            make_contribution(session, held=True, title=title)
        first = make_contribution(session, held=True, title="Au clavier 3").id
    page = visit("moderator")
    page.goto(f"/moderation/{first}")
    expect(page.locator("#item-title")).to_have_text("Au clavier 3")
    # A key that is pressed before its script has come does nothing.
    rest(page)
    page.locator("#item-title").focus()
    page.keyboard.press("k")
    expect(page.locator("#item-title")).to_have_text("Au clavier 2")
    expect(page.locator("#item-title")).to_be_focused()
    page.keyboard.press("h")
    expect(page.locator("#measure-hide")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    page.locator("#item-title").focus()
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Publier")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#item-title")).not_to_have_text("Au clavier 2")


def test_keys_alone_decide_nothing_and_can_be_switched_off(
    visit: Visit, town_server: LiveTown
) -> None:
    with town_server.session() as session:
        held = [make_contribution(session, held=True, title=f"Touche {n}").id for n in range(3)]
    page = visit("moderator")
    posts: list[str] = []
    page.on("request", lambda sent: posts.append(sent.url) if sent.method == "POST" else None)
    page.goto(f"/moderation/{held[2]}")
    title = page.locator("#item-title")
    queue = page.locator('.queue[data-component="queue-keys"]')
    expect(queue).to_be_visible()
    rest(page)
    for key in "jkphem?ppp":
        page.keyboard.press(key)
    expect(title).to_have_text("Touche 2")
    assert page.locator("details.measure[open]").count() == 0

    title.focus()
    for key in "ppp":
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Publier")).to_be_focused()
    title.focus()
    page.keyboard.down("k")
    expect(title).to_have_text("Touche 1")
    rest(page)
    page.keyboard.down("k")
    page.wait_for_timeout(300)
    expect(title).to_have_text("Touche 1")
    page.keyboard.up("k")

    title.focus()
    page.keyboard.press("?")
    switch = page.get_by_label("Raccourcis actifs dans ce navigateur")
    expect(switch).to_be_focused()
    expect(switch).to_be_checked()
    page.keyboard.press("Space")
    come_to(page, f"/moderation/{held[0]}")
    title.focus()
    for key in "hk?p":
        page.keyboard.press(key)
    expect(title).to_be_focused()
    expect(title).to_have_text("Touche 0")
    assert page.locator("details.measure[open]").count() == 0
    assert posts == []


def test_hidden_with_reasons_contested_and_given_back(visit: Visit, post_office: LiveTown) -> None:
    with post_office.session() as session:
        author = make_account(session, "hidden-author@example.org")
        incident = make_contribution(session, title="Le maire est nul", author=author)
        number, reference, author_id = incident.id, incident.reference, author.id

    moderator = visit("moderator")
    moderator.goto(f"/moderation/{number}")
    moderator.watch.expect(f"/moderation/{number}/hide", 422)
    moderator.locator("#measure-hide > summary").click()
    fold = moderator.locator("#measure-hide")
    fold.get_by_role("button", name="Retirer de la vue du public").click()
    expect(moderator.locator(".error-summary")).to_be_visible()
    fold = moderator.locator("#measure-hide")
    fold.get_by_label("Article des conditions").select_option(index=1)
    fold.get_by_label("Ce qui a été constaté").fill("Une insulte dans le titre.")
    fold.get_by_role("button", name="Retirer de la vue du public").click()
    expect(moderator.locator("#item-title").or_(moderator.locator(".empty"))).not_to_have_text(
        "Le maire est nul"
    )

    visitor = visit()
    visitor.watch.expect(f"/incidents/{reference}", 410)
    visitor.watch.expect(f"/c/{reference}", 410)
    visitor.goto(f"/c/{reference}")
    expect(visitor.get_by_role("main")).not_to_contain_text("Le maire est nul")

    mail = post_office.wait_for_mail("hidden-author@example.org", "Décision de modération")
    person = visit(author_id, size=PHONE)
    person.goto(post_office.path_in(mail, r"/m/\S+"))
    expect(person).to_have_url(re.compile("/decisions/"))
    decision = person.url
    expect(person.get_by_role("main")).to_contain_text("Une insulte dans le titre.")
    person.get_by_label("Ce que vous voulez nous dire").fill("C’est une opinion.")
    person.get_by_role("button", name="Contester cette décision").click()
    expect(person.get_by_role("main")).to_contain_text("recours")

    mediator = visit("mediator")
    mediator.goto("/moderation/appeals")
    row = mediator.get_by_role("row").filter(has_text=decision.rpartition("/")[2])
    row.get_by_role("link", name="Répondre").click()
    mediator.get_by_text("Accepter").first.click()
    mediator.get_by_label("La phrase que la personne recevra").fill("Vous avez raison.")
    mediator.get_by_role("button", name="Envoyer la réponse").click()
    expect(mediator).to_have_url(re.compile("/moderation/appeals"))

    answer = post_office.wait_for_mail("hidden-author@example.org", "Réponse à votre recours")
    assert "Vous avez raison." in answer
    visitor.goto(f"/c/{reference}")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Le maire est nul")


def test_two_of_the_same_are_merged_and_parted_again(
    visit: Visit, town_server: LiveTown, known: Known
) -> None:
    with town_server.session() as session:
        author = session.get_one(Account, known.people["resident"])
        kept = make_contribution(session, title="Fontaine à sec", author=author).reference
        twin = make_contribution(session, title="La fontaine ne coule plus").reference
    page = visit("moderator")
    page.goto(f"/merge/{twin}?target={kept}")
    page.get_by_label("Ce qui a été constaté").fill("La même fontaine.")
    page.get_by_role("button", name="Réunir les deux").click()
    visitor = visit()
    visitor.goto(f"/c/{twin}")
    expect(visitor.get_by_role("main")).to_contain_text(re.compile(f"Fontaine à sec|{kept}"))
    page.goto(f"/merge/{twin}")
    page.get_by_role("button", name=re.compile("Séparer|Annuler la réunion")).click()
    visitor.goto(f"/c/{twin}")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("La fontaine ne coule plus")
    expect(visitor.locator(".contribution-line")).not_to_contain_text("Doublon")
