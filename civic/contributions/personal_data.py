"""What of a person is in contributions: copied for them, and erased with their account."""

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from civic.accounts import signals
from civic.accounts.models import Account
from civic.contributions.models import Contribution, ExternalRef, ImportChange, StatusChange
from civic.contributions.schedule import SCRUB
from civic.contributions.signals import contribution_redacted
from civic.tasks.queue import enqueue
from civic.web.addresses import write_address


def forget(session: Session, *, account: Account) -> None:
    """Erase what ties contributions to a network or to a private link."""
    session.execute(
        update(Contribution)
        .where(Contribution.author_id == account.id)
        .values(network_key=None, follow_hash=None)
    )
    enqueue(session, SCRUB)


def scrub_redacted(session: Session, *, contribution: Contribution, **_others: Any) -> None:
    """Forget what imports keep of former texts, and have the traces of a redaction removed."""
    refs = select(ExternalRef.id).where(ExternalRef.contribution_id == contribution.id)
    session.execute(
        delete(ImportChange)
        .where(ImportChange.ref_id.in_(refs))
        .execution_options(synchronize_session=False)
    )
    enqueue(session, SCRUB)


def export(session: Session, *, account: Account, data: dict[str, Any]) -> None:
    """Add contributions and what was said at their steps to the copy of the data."""
    contributions = session.scalars(
        select(Contribution)
        .where(Contribution.author_id == account.id)
        .order_by(Contribution.submitted_at)
    )
    data["contributions"] = [
        {
            "reference": item.reference,
            "kind": item.kind,
            "title": item.title,
            "body": item.body,
            "category": item.category.name,
            "answers": item.answers,
            "address": write_address(item.address),
            "lat": item.lat,
            "lon": item.lon,
            "status": item.status,
            "moderation_state": item.moderation_state.value,
            "hides_author": item.hides_author,
            "submitted_at": item.submitted_at.isoformat(),
        }
        for item in contributions
    ]
    steps = session.execute(
        select(
            Contribution.reference, StatusChange.at, StatusChange.to_status, StatusChange.sentence
        )
        .join(Contribution, Contribution.id == StatusChange.contribution_id)
        .where(StatusChange.actor_id == account.id)
        .order_by(StatusChange.id)
    )
    data["steps"] = [
        {"reference": reference, "at": at.isoformat(), "status": status, "sentence": sentence}
        for reference, at, status, sentence in steps
    ]


def connect() -> None:
    """Listen; connecting twice changes nothing."""
    signals.account_erased.connect(forget)
    signals.account_exported.connect(export)
    contribution_redacted.connect(scrub_redacted)
