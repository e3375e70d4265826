"""Private messages follow what becomes of a person's data."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.accounts.signals import account_erased, account_exported
from civic.contributions.models import Audience, Contribution
from civic.contributions.signals import contribution_redacted
from civic.messages.models import Message
from civic.messages.operations import forget_messages
from civic.messages.queries import list_private
from civic.text.masking import mask


def connect() -> None:
    """Listen; connecting twice changes nothing."""
    contribution_redacted.connect(follow_redaction)
    account_erased.connect(forget)
    account_exported.connect(export)


def follow_redaction(
    session: Session, *, contribution: Contribution, removed: Collection[str] = (), **_: Any
) -> None:
    """Take what a redaction took out of the texts out of the messages too."""
    for message in list_private(session, contribution.id):
        message.body = mask(message.body, removed)
    session.flush()


def forget(session: Session, *, account: Account, **_: Any) -> None:
    """Delete what was written in private with this person."""
    forget_messages(session, account.id)


def export(session: Session, *, account: Account, data: dict[str, Any], **_: Any) -> None:
    """Give the person what was written in private about their contributions."""
    rows = session.execute(
        select(Contribution.reference, Message.at, Message.direction, Message.body)
        .join(Contribution, Contribution.id == Message.contribution_id)
        .where(Contribution.author_id == account.id, Message.audience == Audience.AUTHOR)
        .order_by(Message.id)
    )
    data["messages"] = [
        {"reference": reference, "at": at.isoformat(), "direction": direction, "body": body}
        for reference, at, direction, body in rows
    ]
