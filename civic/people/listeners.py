"""What people follow of their accounts: the address, its proof, the export and the erasure."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from civic.accounts import signals
from civic.accounts.models import Account
from civic.people.models import ContactKind, Person, PersonContact
from civic.people.operations import add_contact


def connect() -> None:
    """Hear of accounts."""
    signals.account_verified.connect(note_address)
    signals.email_changed.connect(change_address)
    signals.account_exported.connect(export)
    signals.account_erased.connect(forget)


def note_address(session: Session, *, account: Account, **_others: Any) -> None:
    """Mark the address of a known person as theirs."""
    person = _find(session, account)
    if person is not None and account.email:
        add_contact(
            session, person, ContactKind.EMAIL, account.email, verified_at=account.verified_at
        )


def change_address(session: Session, *, account: Account, before: str, **_others: Any) -> None:
    """Put the new address in the place of the old one."""
    person = _find(session, account)
    if person is None:
        return
    session.execute(
        delete(PersonContact).where(
            PersonContact.person_id == person.id,
            PersonContact.kind == ContactKind.EMAIL,
            PersonContact.value == before,
        )
    )
    note_address(session, account=account)


def export(session: Session, *, account: Account, data: dict[str, Any], **_others: Any) -> None:
    """Give the person the contacts that the town knows of them."""
    person = _find(session, account)
    data["contacts"] = [
        {
            "kind": contact.kind.value,
            "value": contact.value,
            "verified_at": contact.verified_at.isoformat() if contact.verified_at else None,
        }
        for contact in (person.contacts if person else ())
    ]


def forget(session: Session, *, account: Account, **_others: Any) -> None:
    """Remove the name and the contacts; what the person wrote for all stays theirs, nameless."""
    person = _find(session, account)
    if person is not None:
        person.name = ""
        person.contacts.clear()
        session.flush()


def _find(session: Session, account: Account) -> Person | None:
    return session.scalars(select(Person).where(Person.account_id == account.id)).one_or_none()
