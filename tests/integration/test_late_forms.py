"""Nothing that a person wrote is lost: every form with words, sent too late in every way."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

import civic
from civic.accounts.actor import Role
from civic.accounts.models import Account, CapabilityToken
from civic.actions.operations import ActionDraft, create_action
from civic.app import create_app
from civic.cli.database import upgrade_schema
from civic.comments.models import Comment
from civic.desk.models import InternalNote
from civic.extensions import db
from civic.settings import Settings
from civic.taxonomy.models import Department
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution, make_town
from tests.forms_walk import Place, Written, endpoints_with_words, forms_on, make_places
from tests.photos import jpeg

SECRET = re.compile(r"password|(^|-)code$")
ELSEWHERE = {
    # Signing in: an address and a code are typed in a moment, and never kept.
    "accounts.send_code",
    "accounts.check_code",
    "accounts.check_password",
    "accounts.change_email",
    "accounts.change_password",
    # Nothing is written in these: a box to tick, a person or a file to choose.
    "accounts.erase",
    "administration.import_areas",
    "desk.assign",
    "notifications.choose_own",
}


@pytest.fixture
def places(session: Session, town: Any) -> list[Place]:
    return make_places(session)


def enter(client: CheckingClient, who: Account | None) -> CheckingClient:
    client.sign_out()
    return client.sign_in(who) if who is not None else client


def walk(client: CheckingClient, places: list[Place]) -> list[tuple[Place, Written]]:
    found: dict[tuple[int | None, str, str], tuple[Place, Written]] = {}
    for place in places:
        answer = enter(client, place.who).get(place.path)
        assert answer.status_code == 200, (place.path, answer.status_code)
        for form in forms_on(answer.get_data(as_text=True), place.path):
            if form.action.partition("?")[0] not in {"/account/email", "/account/password"}:
                key = (place.who.id if place.who else None, form.action, form.draft)
                found.setdefault(key, (place, form))
    return list(found.values())


def typed(form: Written) -> dict[str, str]:
    """What somebody typed into each field for words; those of a photo go with its file."""
    words = [name for name in form.words if name != "photo_line"]
    return {name: f"Écrit {number} <à la main>" for number, name in enumerate(words)}


def given_back(html: str, words: dict[str, str]) -> list[str]:
    """The names of the fields whose words are not in a field of that name of one form."""
    forms = {form.action: form.data for form in forms_on(html, "")}
    best = max(
        (data for data in forms.values()),
        key=lambda data: len([n for n in words if data.get(n) == words[n]]),
        default={},
    )
    return [name for name, text in words.items() if best.get(name) != text]


def test_an_expired_token_gives_every_form_back_filled(
    app: Flask, client: CheckingClient, places: list[Place]
) -> None:
    adapter = app.url_map.bind("localhost")
    seen, wrong = set(), []
    for place, form in walk(client, places):
        seen.add(adapter.match(form.action.partition("?")[0], method="POST")[0])
        words = typed(form)
        sent = form.data | words | {"csrf_token": "expired"}
        answer = enter(client, place.who).post(form.action, data=sent)
        page = answer.get_data(as_text=True)
        lost = given_back(page, words)
        if answer.status_code != 422 or lost or "Rien n’est perdu" not in page:
            wrong.append((form.action, answer.status_code, lost))
        if form.draft == "off":
            wrong.append((form.action, "keeps no draft"))
    assert wrong == [], "\n".join(map(str, wrong))
    named = endpoints_with_words(Path(civic.__file__).parent / "templates")
    assert sorted(named - seen - ELSEWHERE) == [], "forms that the walk does not come by"


def test_whoever_is_signed_out_meanwhile_gets_the_words_and_the_way_to_sign_in(
    client: CheckingClient, session: Session, places: list[Place]
) -> None:
    wrong = []
    for _, form in [one for one in walk(client, places) if one[0].who is not None]:
        words = typed(form)
        client.sign_out()
        answer = client.send(form.action, form.data | words | {"csrf_token": client.token()})
        page = answer.get_data(as_text=True)
        if answer.status_code == 303 and answer.location.startswith("/sign-in?next=/intents/t/"):
            # A comment waits, and is published after signing in.
            waiting = session.scalars(select(CapabilityToken.scope)).all()[-1]
            assert waiting["details"]["body"] == words["body"]
            continue
        # What is open to visitors too is taken, or given back like theirs.
        is_taken = answer.status_code == 303 and not answer.location.startswith("/sign-in")
        if not is_taken and (given_back(page, words) or "/sign-in?" not in page):
            wrong.append((form.action, answer.status_code, given_back(page, words)))
    assert wrong == [], "\n".join(map(str, wrong))


def test_the_same_page_sends_it_again(client: CheckingClient, session: Session, town: Any) -> None:
    case = make_contribution(session)
    resident = make_account(session)
    client.sign_in(resident)
    late = client.post(
        f"/c/{case.reference}/comments", data={"body": "Moi aussi", "csrf_token": "x"}
    )
    (form,) = forms_on(late.get_data(as_text=True), "")
    assert client.post(form.action, data=form.data).status_code == 303
    assert session.scalars(select(Comment.body)).all() == ["Moi aussi"]


def test_after_signing_in_again_it_is_sent(
    client: CheckingClient, session: Session, town: Any
) -> None:
    case = make_contribution(session)
    agent = make_account(session, "", Role.AGENT)
    late = client.send(f"/desk/{case.reference}/notes", {"body": "Vu sur place"})
    assert late.status_code == 403
    assert "nouvel onglet" in late.get_data(as_text=True)
    (form,) = forms_on(late.get_data(as_text=True), "")
    # Signing in begins a new session: the token of the page is of the one before.
    client.sign_out()
    client.sign_in(agent)
    again = client.post(form.action, data=form.data)
    assert again.status_code == 422
    (form,) = forms_on(again.get_data(as_text=True), "")
    assert client.post(form.action, data=form.data).status_code == 303
    assert session.scalars(select(InternalNote.body)).all() == ["Vu sur place"]


def test_a_database_that_is_busy_gives_the_words_back(
    client: CheckingClient, session: Session, town: Any
) -> None:
    case = make_contribution(session)
    client.sign_in(make_account(session))
    token = client.token()

    def refuse(*_: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    event.listen(Session, "before_flush", refuse)
    try:
        answer = client.post(
            f"/c/{case.reference}/comments", data={"body": "Pas perdu", "csrf_token": token}
        )
    finally:
        event.remove(Session, "before_flush", refuse)
    assert answer.status_code == 503
    assert given_back(answer.get_data(as_text=True), {"body": "Pas perdu"}) == []


@pytest.mark.usefixtures("own_process")
def test_too_many_requests_give_the_words_back(tmp_path: Path) -> None:
    settings = Settings.from_values(data_dir=tmp_path, public_url="http://localhost")
    app = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False)
    with app.app_context():
        upgrade_schema()
        make_town(db.session())
        reference = make_contribution(db.session()).reference
        url = f"/c/{reference}/flag"
        sent = [app.test_client().post(url, data={"text": f"Numéro {n}"}) for n in range(61)]
        assert [answer.status_code for answer in sent] == [422] * 60 + [429]
        assert given_back(sent[-1].get_data(as_text=True), {"text": "Numéro 60"}) == []
        db.session.remove()
        db.engine.dispose()


def test_what_was_closed_meanwhile_gives_the_words_back(
    client: CheckingClient, session: Session, town: Any
) -> None:
    case = make_contribution(session)
    case.is_locked = True
    session.commit()
    client.sign_in(make_account(session))
    answer = client.send(f"/c/{case.reference}/comments", {"body": "Trop tard"})
    assert answer.status_code in {403, 409}
    assert given_back(answer.get_data(as_text=True), {"body": "Trop tard"}) == []


def test_photos_are_asked_for_again_and_secrets_are_not_repeated(
    client: CheckingClient, session: Session, town: Any
) -> None:
    staff = make_account(session, "", Role.AGENT)
    case = make_contribution(session, author=make_account(session))
    client.sign_in(staff)
    answer = client.post(
        f"/desk/{case.reference}/move/resolved",
        data={
            "sentence": "C’est fait.",
            "csrf_token": "x",
            "photos": (io.BytesIO(jpeg()), "a.jpg"),
        },
    )
    page = answer.get_data(as_text=True)
    assert 'type="file"' in page
    assert "choisissez-les de nouveau" in page
    secret = client.post(
        "/sign-in/password",
        data={"email": "moi@example.org", "password": "un secret", "csrf_token": "x"},
    )
    assert "un secret" not in secret.get_data(as_text=True)
    code = client.post("/sign-in/code", data={"code": "123456", "csrf_token": "x"})
    assert "123456" not in code.get_data(as_text=True)


def test_only_what_was_taken_names_its_draft(
    client: CheckingClient, session: Session, town: Any
) -> None:
    case = make_contribution(session)
    client.sign_in(make_account(session))
    url = f"/c/{case.reference}/comments"
    empty = client.send(url, {"body": "", "draft": "abcdefgh12"})
    assert empty.status_code == 422
    assert client.get_cookie("civic_taken") is None
    client.send(url, {"body": "Voilà", "draft": "abcdefgh12"})
    client.send(url, {"body": "Voilà encore", "draft": "ijklmnop34"})
    assert client.get_cookie("civic_taken").value == "abcdefgh12.ijklmnop34"
    client.send(url, {"body": "Et sans brouillon", "draft": "../../<x>"})
    assert client.get_cookie("civic_taken").value == "abcdefgh12.ijklmnop34"
    client.send("/sign-out")
    assert client.get_cookie("civic_taken").value == "all"


def test_drafts_of_two_accounts_are_told_apart(
    client: CheckingClient, session: Session, town: Any
) -> None:
    owners = []
    for who in (None, make_account(session), make_account(session)):
        page = enter(client, who).get("/incidents/new").get_data(as_text=True)
        found = re.search(r'name="civic-drafts" content="([^"]*)"', page)
        assert found
        owners.append(re.search(r"owner&#34;: &#34;(\w*)&#34;", found[1]))
    assert [bool(owner and owner[1]) for owner in owners] == [False, True, True]
    assert owners[1][1] != owners[2][1]


def test_references_that_nobody_knows_come_back(
    client: CheckingClient, session: Session, town: Any
) -> None:
    agent = make_account(session, "", Role.AGENT)
    roads = session.scalars(select(Department)).first()
    assert roads is not None
    draft = ActionDraft(title="Dix lampes", body="Dix lampes.", department=roads)
    slug = create_action(session, draft, [], actor=actor(agent)).slug
    session.commit()
    client.sign_in(agent)
    typed = {"references": "S-ZZZZ-99 et d’autres"}
    answer = client.send(f"/actions/{slug}/links", typed)
    assert answer.status_code == 422
    assert given_back(answer.get_data(as_text=True), typed) == []


def test_fields_are_called_as_on_their_own_page(
    client: CheckingClient, session: Session, town: Any
) -> None:
    case = make_contribution(session)
    client.sign_in(make_account(session))
    url = f"/c/{case.reference}/comments"
    page = client.post(url, data={"body": "Moi aussi", "csrf_token": "x"}).get_data(as_text=True)
    assert ">Votre commentaire</label>" in page
    note = client.sign_out().send(f"/desk/{case.reference}/notes", {"body": "Rappeler"})
    away = note.get_data(as_text=True)
    assert note.status_code == 403
    assert ">Note interne</label>" in away
    assert 'data-draft="off"' in away
    assert "nouvel onglet" in away


def test_a_form_of_another_site_is_given_nothing(
    client: CheckingClient, session: Session, town: Any
) -> None:
    case = make_contribution(session)
    data = {"body": "Moi aussi", "csrf_token": "x"}
    for who in (None, make_account(session)):
        enter(client, who)
        for origin in ("https://ailleurs.example", "null"):
            answer = client.post(
                f"/c/{case.reference}/comments", data=data, headers={"Origin": origin}
            )
            assert answer.status_code == 400
            assert "Moi aussi" not in answer.get_data(as_text=True)
    assert session.scalars(select(CapabilityToken)).all() == []
    own = client.post(
        f"/c/{case.reference}/comments", data=data, headers={"Origin": "http://localhost"}
    )
    assert own.status_code == 422
