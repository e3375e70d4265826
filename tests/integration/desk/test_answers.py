"""Answers of the town, in public and in private: who reads them, and what shows at the desk."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.accounts.operations.privacy import erase_account
from civic.accounts.signals import account_exported
from civic.accounts.tokens import follow_hash, new_token
from civic.comments.operations import add_comment
from civic.contributions.models import Audience, Contribution
from civic.contributions.operations import move
from civic.contributions.workflow import Party
from civic.desk.models import InternalNote
from civic.desk.operations import add_note, answer
from civic.desk.voices import signs_of
from civic.errors import Invalid
from civic.incidents.operations import answer_question
from civic.messages.models import Message
from civic.messages.operations import write_back
from civic.moderation import operations as moderation
from civic.moderation.operations.statements import Grounds
from civic.notifications.models import Notification, OutgoingEmail
from civic.notifications.rendering import render
from civic.taxonomy.models import Department
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution

WORD = "Zanzibar"


@pytest.fixture
def agent(session: Session, town: Any) -> Account:
    roads = session.scalars(select(Department).where(Department.code == "voirie")).one()
    return make_account(session, "agent@example.org", Role.AGENT, department=roads)


@pytest.fixture
def author(session: Session, town: Any) -> Account:
    return make_account(session, "author@example.org")


@pytest.fixture
def case(session: Session, author: Account) -> Contribution:
    return make_contribution(session, author=author)


@pytest.fixture
def told(client: CheckingClient, session: Session, agent: Account, case: Contribution) -> str:
    """The page of the desk, once an agent has answered in private."""
    client.sign_in(agent)
    page = f"/desk/{case.reference}"
    said = {"audience": "author", "sentence": f"Le digicode est {WORD}."}
    assert client.send(f"{page}/answer", said).status_code == 303
    assert WORD in client.get(page).text
    client.sign_out()
    return page


def test_a_private_answer_is_read_by_its_author_and_those_in_charge(
    client: CheckingClient, session: Session, author: Account, case: Contribution, told: str
) -> None:
    page = f"/incidents/{case.reference}"
    assert WORD in client.sign_in(author).get(page).text
    assert WORD in client.get(f"/c/{case.reference}/messages").text
    for role in (None, Role.MODERATOR, Role.ADMINISTRATOR):
        client.sign_in(make_account(session, "", *((role,) if role else ())))
        assert WORD not in client.get(page).text, role
        assert client.get(f"/c/{case.reference}/messages").status_code == 404, role
    parks = session.scalars(select(Department).where(Department.code == "espaces-verts")).one()
    client.sign_in(make_account(session, "", Role.AGENT, department=parks))
    assert client.get(told).status_code == 403
    client.sign_in(make_account(session, "", Role.MEDIATOR))
    assert WORD in client.get(told).text, "who decides about the case sees all of it"


def test_no_visitor_finds_a_private_answer(
    app: Flask, client: CheckingClient, case: Contribution, told: str
) -> None:
    assert told
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    named = (rule.replace("<reference>", case.reference) for rule in rules)
    seen = 0
    for path in (path for path in named if "<" not in path):
        answered = client.get(path)
        seen += answered.status_code == 200
        assert WORD not in answered.get_data(as_text=True), path
    assert seen > 20
    assert case.title not in client.get(f"/incidents?q={WORD}").text


def test_the_mail_quotes_it_to_a_verified_address_only(
    app: Flask, session: Session, agent: Account, author: Account, case: Contribution
) -> None:
    answer(session, case, f"Le code est {WORD}.", audience=Audience.AUTHOR, actor=actor(agent))
    session.commit()
    mail = session.scalars(
        select(OutgoingEmail).where(OutgoingEmail.template == "private_answer")
    ).one()
    assert mail.recipient == author.email
    text = render(app, session, mail).as_string()
    assert WORD in text
    author.verified_at = None
    answer(session, case, f"Encore {WORD}.", audience=Audience.AUTHOR, actor=actor(agent))
    session.commit()
    last = session.scalars(
        select(OutgoingEmail)
        .where(OutgoingEmail.template == "private_answer")
        .order_by(OutgoingEmail.id.desc())
    ).first()
    assert last is not None
    assert WORD not in render(app, session, last).as_string()


def test_the_private_link_leads_to_it_and_one_answers_by_it(
    client: CheckingClient, session: Session, agent: Account
) -> None:
    case, token = make_contribution(session), new_token()
    with pytest.raises(Invalid):
        answer(session, case, "Personne ne le lira.", audience=Audience.AUTHOR, actor=actor(agent))
    session.rollback()
    case.follow_hash = follow_hash(token)
    session.commit()
    answer(session, case, f"Le code est {WORD}.", audience=Audience.AUTHOR, actor=actor(agent))
    session.commit()
    assert WORD not in client.get(f"/incidents/{case.reference}").text
    opened = client.get(f"/s/{token}", follow_redirects=True)
    if WORD not in opened.text:
        opened = client.send(f"/s/{token}", follow_redirects=True)
    assert WORD in client.get(f"/incidents/{case.reference}").text
    thread = f"/c/{case.reference}/messages"
    assert client.send(thread, {"body": " "}).status_code == 422
    assert client.send(thread, {"body": "Merci du code."}).status_code == 303
    client.sign_out()
    client.sign_in(agent)
    assert "Merci du code." in client.get(f"/desk/{case.reference}").text
    assert "L’auteur a répondu" in client.get("/desk").text


def test_nobody_writes_back_who_was_not_written_to(
    client: CheckingClient, author: Account, case: Contribution
) -> None:
    client.sign_in(author)
    thread = f"/c/{case.reference}/messages"
    assert client.get(thread).status_code == 200
    assert client.send(thread, {"body": "Allô ?"}).status_code == 403


def test_an_answer_in_public_is_the_departments(
    client: CheckingClient, session: Session, agent: Account, case: Contribution
) -> None:
    client.sign_in(agent)
    url = f"/desk/{case.reference}/answer"
    assert client.send(url, {"sentence": "Nous passons lundi."}).status_code == 422
    said = {"audience": "public", "sentence": "Nous passons lundi."}
    assert client.send(url, said).status_code == 303
    client.sign_out()
    page = client.get(f"/incidents/{case.reference}").text
    assert "Nous passons lundi." in page
    assert "agent@example.org" not in page
    case.department_id = None
    session.commit()
    client.sign_in(make_account(session, "", Role.AGENT))
    refused = client.send(url, said)
    assert refused.status_code == 422
    assert "Nous passons lundi." in refused.text


def test_the_list_and_the_case_show_who_spoke_last(
    client: CheckingClient, session: Session, agent: Account, author: Account, case: Contribution
) -> None:
    by = {"actor": actor(agent), "standing": {Party.AGENT}}
    move(session, case, "question_asked", sentence="De quel côté ?", **by)
    session.commit()
    signs = signs_of(session, [case])[case.id]
    assert (signs.has_answer, signs.comments) == (False, 0)
    answer_question(session, case, "Du côté pair.", actor=actor(author))
    neighbour = make_account(session, "neighbour@example.org")
    add_comment(session, case, actor=actor(neighbour), body="Chez moi aussi.")
    session.commit()
    signs = signs_of(session, [case])[case.id]
    assert (signs.has_answer, signs.has_new_comment, signs.comments) == (True, True, 1)
    client.sign_in(agent)
    assert "L’auteur a répondu" in client.get("/desk").text
    top = client.get(f"/desk/{case.reference}").text.split('class="case case-open"')[0]
    for words in ("De quel côté ?", "Du côté pair.", "Chez moi aussi."):
        assert words in top
    answer(session, case, "Merci.", audience=Audience.AUTHOR, actor=actor(agent))
    session.commit()
    signs = signs_of(session, [case])[case.id]
    assert (signs.has_answer, signs.has_new_comment, signs.comments) == (False, False, 1)


def test_a_redaction_reaches_notes_and_letters(
    session: Session, agent: Account, author: Account
) -> None:
    case = make_contribution(
        session, author=author, body="Appelez Mme Roussillon au 06 12 34 56 78, la nuit."
    )
    add_note(session, case, "Rappelé roussillon, +33 6 12 34 56 78 : la nuit.", actor=actor(agent))
    answer(
        session, case, "Chère Mme Roussillon, merci.", audience=Audience.AUTHOR, actor=actor(agent)
    )
    write_back(session, case, "Au 0612345678 plutôt. R.", actor=actor(author))
    session.commit()
    moderator = actor(make_account(session, "", Role.MODERATOR))
    moderation.redact(
        session,
        case,
        actor=moderator,
        grounds=Grounds(clause="2", facts="Un nom."),
        title=case.title,
        body="Appelez-la, la nuit.",
    )
    session.commit()
    note = session.scalars(select(InternalNote)).one().body
    assert "la nuit" in note
    kept = [note, *session.scalars(select(Message.body))]
    kept += [str(data) for data in session.scalars(select(Notification.data))]
    kept += [str(data) for data in session.scalars(select(OutgoingEmail.data))]
    for text in kept:
        assert "oussillon" not in text
        assert "12 34" not in text
        assert "12345" not in text


def test_the_copy_and_the_erasure_know_notes_and_letters(
    session: Session, agent: Account, author: Account, case: Contribution
) -> None:
    add_note(session, case, "Rappeler author au 06 12 34 56 78.", actor=actor(agent))
    answer(session, case, f"Le code est {WORD}.", audience=Audience.AUTHOR, actor=actor(agent))
    session.commit()
    data: dict[str, Any] = {}
    account_exported.send(session, account=author, data=data)
    assert [one["body"] for one in data["notes"]] == ["Rappeler author au 06 12 34 56 78."]
    assert [one["body"] for one in data["messages"]] == [f"Le code est {WORD}."]
    of_agent: dict[str, Any] = {}
    account_exported.send(session, account=agent, data=of_agent)
    assert len(of_agent["notes"]) == 1
    erase_account(session, author, actor=actor(author))
    session.commit()
    assert session.scalars(select(Message)).all() == []
    note = session.scalars(select(InternalNote)).one().body
    assert note.startswith("Rappeler")
    assert "author" not in note
    assert "06" not in note
