"""Correcting a contribution: its author in the first minutes, agents in charge, all in public."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.attachments.models import Photo
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution, HistoryEntry
from civic.database import utcnow
from civic.places.geometry import Position, morton_cell
from civic.places.models import Address, Street, StreetWord
from civic.similar.queries import Sketch, find_similar
from civic.taxonomy.models import Category, Department
from tests.client import CheckingClient
from tests.factories import make_account, make_contribution
from tests.forms_walk import forms_on
from tests.photos import jpeg

EAST = {"lat": "48.1150000", "lon": "-1.6650000", "placed_by": "map", "address": ""}


@pytest.fixture
def author(session: Session, town: Any) -> Account:
    return make_account(session, "author@example.org")


@pytest.fixture
def agent(session: Session, town: Any) -> Account:
    return make_account(session, "agent@example.org", Role.AGENT)


@pytest.fixture
def case(session: Session, author: Account) -> Contribution:
    west = Position(48.1100, -1.6900)
    case = make_contribution(session, author=author, position=west, address="Au coin")
    depot = category(session, "depot")
    depot.days_to_resolve = 3
    session.commit()
    return case


def category(session: Session, code: str) -> Category:
    return session.scalars(select(Category).where(Category.code == code)).one()


def edit_of(case: Contribution) -> str:
    return f"/incidents/{case.reference}/edit"


def shown(client: CheckingClient, case: Contribution) -> dict[str, Any]:
    page = client.get(edit_of(case)).get_data(as_text=True)
    (form,) = forms_on(page, edit_of(case))
    return dict(form.data)


def lines(session: Session, case: Contribution) -> dict[str, HistoryEntry]:
    entries = session.scalars(
        select(HistoryEntry).where(HistoryEntry.contribution_id == case.id, HistoryEntry.is_public)
    )
    return {entry.field: entry for entry in entries}


@pytest.mark.parametrize("who", ["author", "agent"])
def test_text_place_category_and_photos_are_corrected_in_public(
    client: CheckingClient,
    session: Session,
    author: Account,
    agent: Account,
    case: Contribution,
    who: str,
) -> None:
    person = author if who == "author" else agent
    old = Photo(contribution_id=case.id, key="a" * 40, sha256="b" * 64, width=40, height=30)
    session.add(old)
    session.commit()
    client.sign_in(person)
    data = shown(client, case) | EAST
    data |= {
        "title": "Un tas de gravats",
        "body": "Ce n’est pas une lampe.",
        "category": str(category(session, "depot").id),
        "remove_photo": str(old.id),
        "why": "Le témoin a rappelé",
        "photos": [(io.BytesIO(jpeg()), "gravats.jpg")],
    }
    answer = client.post(edit_of(case), data=data)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    session.expire_all()
    assert (case.title, case.body) == ("Un tas de gravats", "Ce n’est pas une lampe.")
    assert (case.lat, case.lon, case.cell) == (48.115, -1.665, morton_cell(48.115, -1.665))
    assert case.area is not None
    assert case.area.name == "Est"
    assert case.category.code == "depot"
    assert case.department is not None
    assert case.department.code == "proprete"
    photos = session.scalars(select(Photo).where(Photo.contribution_id == case.id)).all()
    assert [photo.id == old.id for photo in photos] == [False]
    history = lines(session, case)
    assert {"title", "body", "place", "category", "department", "photos"} <= set(history)
    assert history["title"].before == "Lampadaire éteint"
    page = client.sign_out().get(f"/incidents/{case.reference}").get_data(as_text=True)
    for said in ("Texte corrigé", "Lieu corrigé", "Photos mises à jour", "Catégorie changée"):
        assert said in page
    assert ("Le témoin a rappelé" in page) is (who == "agent")
    assert agent.display_name not in page


def test_department_and_due_date_follow_the_category_as_if_it_had_come_so(
    client: CheckingClient, session: Session, agent: Account, case: Contribution
) -> None:
    client.sign_in(agent)
    data = shown(client, case) | {"category": str(category(session, "depot").id)}
    before = case.due_at
    assert client.post(edit_of(case), data=data).status_code == 303
    twin = make_contribution(session, category="depot", position=Position(48.105, -1.67))
    session.expire_all()
    assert case.department_id == twin.department_id
    assert case.due_at is not None
    assert case.due_at != before
    assert twin.due_at is not None
    assert abs(case.due_at - twin.due_at) < timedelta(minutes=5)


def test_counts_lists_and_near_duplicates_follow_the_place(
    client: CheckingClient, session: Session, agent: Account, case: Contribution
) -> None:
    client.sign_in(agent)
    assert client.post(edit_of(case), data=shown(client, case) | EAST).status_code == 303
    session.expire_all()
    assert case.title in client.get("/incidents?area=est").get_data(as_text=True)
    assert case.title not in client.get("/incidents?area=ouest").get_data(as_text=True)

    def near(position: Position) -> list[int]:
        sketch = Sketch(
            kind=kind_of(case),
            title=case.title,
            body=case.body,
            category=case.category,
            position=position,
        )
        return [one.contribution.id for one in find_similar(session, sketch)]

    assert near(Position(48.115, -1.665)) == [case.id]
    assert near(Position(48.11, -1.69)) == []


def test_an_address_is_enough_without_script(
    client: CheckingClient, session: Session, agent: Account, case: Contribution
) -> None:
    client.sign_in(agent)
    add_address(session, 12, 48.1111, -1.6711)
    data = shown(client, case) | {"address": "12 rue Colbert"}
    step = client.post(edit_of(case), data=data | {"step": "address"})
    assert step.status_code == 200
    assert 'value="48.1111000"' in step.get_data(as_text=True)
    assert client.post(edit_of(case), data=data).status_code == 303
    session.expire_all()
    assert case.lat == 48.1111
    wrong = shown(client, case) | {"address": "allée que personne ne connaît"}
    answer = client.post(edit_of(case), data=wrong | {"lat": "", "lon": ""})
    assert answer.status_code == 422
    assert "pas été trouvée" in answer.get_data(as_text=True)
    outside = client.post(edit_of(case), data=shown(client, case) | EAST | {"lat": "40.0"})
    assert outside.status_code == 422
    session.expire_all()
    assert case.lat == 48.1111


def add_address(session: Session, number: int, lat: float, lon: float) -> None:
    street = Street(name="Rue Colbert", key="rue colbert", postcode="", city="", lat=lat, lon=lon)
    session.add(street)
    session.flush()
    session.add(StreetWord(street_id=street.id, word="colbert"))
    session.add(
        Address(
            street_id=street.id,
            number=number,
            suffix="",
            lat=lat,
            lon=lon,
            cell=morton_cell(lat, lon),
        )
    )
    session.commit()


def test_who_may_not(
    client: CheckingClient, session: Session, author: Account, case: Contribution
) -> None:
    parks = session.scalars(select(Department).where(Department.code == "espaces-verts")).one()
    elsewhere = make_account(session, "parks@example.org", Role.AGENT, department=parks)
    for who in (make_account(session), elsewhere, make_account(session, "", Role.MODERATOR)):
        client.sign_out().sign_in(who)
        assert client.get(edit_of(case)).status_code == 404
        assert client.send(edit_of(case), {"title": "x", "body": "y"}).status_code == 404
    client.sign_out().sign_in(author)
    data = shown(client, case)
    case.submitted_at = utcnow() - timedelta(minutes=16)
    session.commit()
    answer = client.post(edit_of(case), data=data | EAST | {"title": "Trop tard"})
    assert answer.status_code == 409
    session.expire_all()
    assert case.lon == -1.69


def test_a_photo_of_somebody_else_is_not_taken_away(
    client: CheckingClient, session: Session, agent: Account, case: Contribution
) -> None:
    other = make_contribution(session)
    photo = Photo(contribution_id=other.id, key="c" * 40, sha256="d" * 64, width=4, height=3)
    session.add(photo)
    session.commit()
    client.sign_in(agent)
    data = shown(client, case) | {"remove_photo": str(photo.id)}
    assert client.post(edit_of(case), data=data).status_code == 303
    session.expire_all()
    assert photo.contribution_id == other.id


def test_the_desk_leads_there(
    client: CheckingClient, session: Session, agent: Account, case: Contribution
) -> None:
    client.sign_in(agent)
    page = client.get(f"/desk/{case.reference}").get_data(as_text=True)
    assert re.search(rf'href="{edit_of(case)}"', page)
