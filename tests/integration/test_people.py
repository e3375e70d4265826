"""People, with and without an account, and what they and the town write to each other."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civic.accounts.operations import erase_account, export_my_data
from civic.contributions.models import Audience, Channel
from civic.database import utcnow
from civic.messages.models import Direction, Message
from civic.people.models import ContactKind, Person, PersonContact
from civic.people.operations import add_contact, person_of_account
from tests.factories import actor, make_account, make_contribution


def contacts(session: Session) -> list[tuple[str, str, bool]]:
    rows = session.scalars(select(PersonContact).order_by(PersonContact.id))
    return [(row.kind.value, row.value, row.verified_at is not None) for row in rows]


def test_who_contributes_is_one_person_with_their_address(session: Session, town: Any) -> None:
    author = make_account(session, "Ada@example.org".lower())
    first = make_contribution(session, author=author)
    second = make_contribution(session, "idea", author=author)
    assert first.person_id == second.person_id is not None
    assert contacts(session) == [("email", "ada@example.org", True)]
    assert make_contribution(session).person_id is None


def test_a_person_needs_no_account_and_several_share_a_telephone(session: Session) -> None:
    people = [Person(name="Ada"), Person(name="Grace")]
    session.add_all(people)
    session.flush()
    for person in people:
        add_contact(session, person, ContactKind.TELEPHONE, " 02 99 00 00 00 ")
        add_contact(session, person, ContactKind.TELEPHONE, "02 99 00 00 00", verified_at=utcnow())
    session.commit()
    assert contacts(session) == [("telephone", "02 99 00 00 00", True)] * 2


@pytest.mark.parametrize(
    "values",
    [
        {"kind": ContactKind.EMAIL, "value": "Ada@Example.org"},
        {"kind": ContactKind.POST, "value": ""},
    ],
)
def test_a_contact_is_written_as_it_is_compared(session: Session, values: Any) -> None:
    person = Person()
    session.add(person)
    session.flush()
    session.add(PersonContact(person_id=person.id, **values))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_an_account_is_one_person(session: Session) -> None:
    account = make_account(session)
    person_of_account(session, account.id)
    session.add(Person(account_id=account.id))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_erasing_an_account_forgets_the_contacts_and_exporting_gives_them(
    session: Session, town: Any
) -> None:
    account = make_account(session, "ada@example.org")
    incident = make_contribution(session, author=account)
    data = export_my_data(session, account, actor=actor(account))
    assert [contact["value"] for contact in data["contacts"]] == ["ada@example.org"]
    erase_account(session, account, actor=actor(account))
    session.commit()
    assert contacts(session) == []
    assert incident.person_id is not None


def test_a_message_is_about_something(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    person = Person()
    session.add(person)
    session.flush()
    words: dict[str, Any] = {"direction": Direction.IN, "channel": Channel.SMS, "body": "Merci"}
    session.add_all(
        [
            Message(contribution_id=incident.id, audience=Audience.PUBLIC, **words),
            Message(person_id=person.id, audience=Audience.AUTHOR, **words),
        ]
    )
    session.commit()
    assert session.scalar(select(func.count(Message.id))) == 2
    for wrong in (
        Message(audience=Audience.INTERNAL, **words),
        Message(person_id=person.id, audience=Audience.PUBLIC, **words),
    ):
        session.add(wrong)
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()
