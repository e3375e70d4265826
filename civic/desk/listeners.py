"""Internal notes follow what becomes of the people they are about."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.accounts.signals import account_erased, account_exported
from civic.contributions.models import Contribution
from civic.contributions.signals import contribution_redacted
from civic.desk.models import CALLER, InternalNote
from civic.desk.queries import list_notes
from civic.text.masking import MASK, contacts_in, mask, name_words


def connect() -> None:
    """Listen; connecting twice changes nothing."""
    contribution_redacted.connect(follow_redaction)
    account_erased.connect(follow_erasure)
    account_exported.connect(export)


def follow_redaction(
    session: Session, *, contribution: Contribution, removed: Collection[str] = (), **_: Any
) -> None:
    """Take what a redaction took out of the texts out of the notes too."""
    for note in list_notes(session, contribution.id):
        note.body = mask(note.body, removed)
    session.flush()


def follow_erasure(session: Session, *, account: Account, **_: Any) -> None:
    """Take name, addresses and numbers of a person out of the notes about what they submitted."""
    named = name_words(f"{account.display_name} {account.email or ''}")
    own = select(Contribution.id).where(Contribution.author_id == account.id)
    for note in session.scalars(select(InternalNote).where(InternalNote.contribution_id.in_(own))):
        is_callers = note.body.startswith(CALLER)
        masked = mask(note.body, named | contacts_in(note.body))
        note.body = f"{CALLER} {MASK}" if is_callers else masked
    session.flush()


def export(session: Session, *, account: Account, data: dict[str, Any], **_: Any) -> None:
    """Give the person the notes about what they submitted, and those that they wrote."""
    rows = session.execute(
        select(Contribution.reference, InternalNote.at, InternalNote.body)
        .join(Contribution, Contribution.id == InternalNote.contribution_id)
        .where(or_(Contribution.author_id == account.id, InternalNote.author_id == account.id))
        .order_by(InternalNote.id)
    )
    data["notes"] = [
        {"reference": reference, "at": at.isoformat(), "body": body} for reference, at, body in rows
    ]
