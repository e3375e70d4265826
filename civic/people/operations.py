"""Knowing people: one person for each account that takes part, others by their contacts."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.database import insert_or_ignore, utcnow
from civic.people.models import ContactKind, Person, PersonContact


def person_of_account(session: Session, account_id: int) -> Person:
    """Return the person whose login ``account_id`` is, made now, with its address, unless known."""
    mine = select(Person).where(Person.account_id == account_id)
    person = session.scalars(mine).one_or_none()
    if person is None:
        # Two requests of the same account may be here at once.
        values = {"account_id": account_id, "name": "", "created_at": utcnow()}
        insert_or_ignore(session, Person, values)
        person = session.scalars(mine).one()
        account = session.get_one(Account, account_id)
        if account.email:
            email, verified_at = account.email, account.verified_at
            add_contact(session, person, ContactKind.EMAIL, email, verified_at=verified_at)
    return person


def add_contact(
    session: Session,
    person: Person,
    kind: ContactKind,
    value: str,
    *,
    verified_at: datetime | None = None,
) -> PersonContact:
    """Note how to reach ``person``; what is known stays, and becomes verified if it now is."""
    value = value.strip()
    if kind is ContactKind.EMAIL:
        value = value.lower()
    contact = session.scalars(
        select(PersonContact).where(
            PersonContact.person_id == person.id,
            PersonContact.kind == kind,
            PersonContact.value == value,
        )
    ).one_or_none()
    if contact is None:
        contact = PersonContact(
            person_id=person.id, kind=kind, value=value, verified_at=verified_at
        )
        session.add(contact)
    elif contact.verified_at is None:
        contact.verified_at = verified_at
    session.flush()
    return contact
