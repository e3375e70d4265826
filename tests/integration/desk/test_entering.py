"""What came by telephone, by letter or at the counter is entered for the resident."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.accounts.operations.privacy import erase_account
from civic.administration.operations.people import entrust
from civic.contributions.models import Channel, Contribution
from civic.desk.models import InternalNote
from civic.places.addresses import import_addresses
from civic.taxonomy.models import AnswerType, Category, CategoryQuestion, Department
from tests.client import CheckingClient
from tests.factories import actor, make_account


@pytest.fixture
def agent(session: Session, town: Any) -> Account:
    roads = session.scalars(select(Department).where(Department.code == "voirie")).one()
    return make_account(session, "agent@example.org", Role.AGENT, department=roads)


@pytest.fixture
def desk(client: CheckingClient, agent: Account) -> CheckingClient:
    return client.sign_in(agent)


def test_everything_missing_is_said_at_once(desk: CheckingClient) -> None:
    page = desk.send("/desk/new", {"channel": "telephone"}).get_data(as_text=True)
    for sentence in ("Donnez un titre", "Choisissez une catégorie.", "Indiquez le lieu"):
        assert sentence in page


def test_what_came_by_telephone_is_entered(
    desk: CheckingClient, session: Session, agent: Account
) -> None:
    lamp = session.scalars(select(Category).where(Category.code == "eclairage")).one()
    data = {
        "channel": "telephone",
        "received_on": "2026-11-20",
        "category": f"incident:{lamp.id}",
        "title": "Lampadaire éteint rue Haute",
        "body": "Depuis lundi.",
        "lat": "48.11",
        "lon": "-1.68",
        "email": "Resident@Example.org",
        "caller": "Zoé  Ker-Gall",
        "telephone": "02 99 00 00 00",
    }
    assert desk.get("/desk/new").status_code == 200
    wrong = desk.send("/desk/new", data | {"title": "", "category": "incident:99999"})
    assert wrong.status_code == 422
    assert "Depuis lundi." in wrong.get_data(as_text=True)
    answer = desk.send("/desk/new", data)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    found = session.scalars(select(Contribution)).one()
    assert found.channel is Channel.TELEPHONE
    assert found.entered_by_id == agent.id
    assert found.author is not None
    assert found.author.email == "resident@example.org"
    assert found.hides_author
    assert found.is_public
    assert session.scalars(select(InternalNote)).one().body == "☎ Zoé Ker-Gall, 02 99 00 00 00"
    for words in ("ker gall", "02 99", "zoe 02 99"):
        assert found.title in desk.get("/desk", query_string={"q": words}).text, words
    erase_account(session, found.author, actor=actor(found.author))
    session.commit()
    assert session.scalars(select(InternalNote)).one().body == "☎ […]"
    assert found.title not in desk.get("/desk", query_string={"q": "ker gall"}).text


def test_the_questions_of_the_category_are_asked_by_telephone_too(
    desk: CheckingClient, session: Session
) -> None:
    lamp = session.scalars(select(Category).where(Category.code == "eclairage")).one()
    pole = CategoryQuestion(
        code="pole", label="Numéro du mât ?", answer_type=AnswerType.STRING, is_required=True
    )
    lamp.questions.append(pole)
    session.commit()
    chosen = f"incident:{lamp.id}"
    data = {
        "channel": "telephone",
        "received_on": "2026-11-20",
        "category": chosen,
        "title": "Lampadaire éteint rue Haute",
        "lat": "48.11",
        "lon": "-1.68",
    }
    assert pole.label not in desk.get("/desk/new").get_data(as_text=True)
    assert pole.label in desk.get(f"/desk/new?category={chosen}").get_data(as_text=True)
    step = desk.send("/desk/new", data | {"step": "category"})
    assert step.status_code == 200
    assert pole.label in step.get_data(as_text=True)
    for given in ({}, {"asked": chosen}):
        refused = desk.send("/desk/new", data | given)
        assert refused.status_code == 422
        assert pole.label in refused.get_data(as_text=True)
    done = desk.send("/desk/new", data | {"asked": chosen, f"q-{pole.id}": "A 12"})
    assert done.status_code == 303
    assert session.scalars(select(Contribution)).one().answers == {"pole": "A 12"}


def test_a_request_without_an_address_goes_to_its_district(
    desk: CheckingClient, session: Session
) -> None:
    lamp = session.scalars(select(Category).where(Category.code == "eclairage")).one()
    data = {
        "channel": "letter",
        "received_on": "2026-11-20",
        "category": f"incident:{lamp.id}",
        "title": "Tout le quartier est dans le noir",
    }
    assert desk.send("/desk/new", data).status_code == 422
    assert desk.send("/desk/new", data | {"area": "town"}).status_code == 303
    assert session.scalars(select(Contribution)).one().scope == "town"


def test_a_request_for_another_department_is_no_dead_end(
    desk: CheckingClient, session: Session
) -> None:
    waste = session.scalars(select(Category).where(Category.code == "depot")).one()
    data = {
        "channel": "counter",
        "received_on": "2026-11-20",
        "category": f"incident:{waste.id}",
        "title": "Gravats",
        "lat": "48.11",
        "lon": "-1.68",
    }
    answer = desk.send("/desk/new", data, follow_redirects=True)
    assert answer.status_code == 200
    assert "/s/" in answer.get_data(as_text=True)


def test_a_number_that_is_not_known_is_asked_about_at_the_desk_too(
    desk: CheckingClient, session: Session
) -> None:
    row = {"nom_voie": "Rue de Bretagne", "numero": "1", "lat": "48.11", "lon": "-1.68"}
    import_addresses(session, [row])
    session.commit()
    lamp = session.scalars(select(Category).where(Category.code == "eclairage")).one()
    data = {
        "channel": "telephone",
        "received_on": "2026-11-20",
        "category": f"incident:{lamp.id}",
        "title": "Lampadaire éteint",
        "address": "12 rue de Bretagne, Village-sur-Test",
    }
    refused = desk.send("/desk/new", data)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "12 Rue de Bretagne (près du 1)" in page
    done = desk.send("/desk/new", data | {"candidate": "48.11;-1.68;12 Rue de Bretagne"})
    assert done.status_code == 303
    assert session.scalars(select(Contribution)).one().address == "12 Rue de Bretagne"


def test_who_has_chosen_no_language_is_written_to_in_the_towns(
    desk: CheckingClient, session: Session, town: Any, agent: Account
) -> None:
    town.locale = "en"
    session.commit()
    lamp = session.scalars(select(Category).where(Category.code == "eclairage")).one()
    data = {
        "channel": "counter",
        "received_on": "2026-11-20",
        "category": f"incident:{lamp.id}",
        "title": "A lamp is out",
        "lat": "48.11",
        "lon": "-1.68",
        "email": "resident@example.org",
    }
    assert desk.send("/desk/new", data).status_code == 303
    found = session.scalars(select(Contribution)).one()
    assert found.author is not None
    assert (found.locale, found.author.locale) == ("en", "en")
    chief = make_account(session, "chief@example.org", Role.ADMINISTRATOR)
    new = entrust(session, actor=actor(chief), email="new@example.org", role=Role.MODERATOR)
    session.commit()
    assert new.locale == "en"
