"""What incidents do by themselves when something happens around them."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.accounts.signals import account_exported
from civic.contributions.models import Contribution
from civic.contributions.signals import vote_cast
from civic.incidents.models import Incident
from civic.incidents.operations import confirm_by_neighbours


def connect() -> None:
    """Listen; listening twice changes nothing."""
    vote_cast.connect(_count_neighbours)
    account_exported.connect(_export)


def _count_neighbours(session: Session, contribution: Contribution, **_: Any) -> None:
    if isinstance(contribution, Incident):
        confirm_by_neighbours(session, contribution)


def _export(session: Session, account: Account, data: dict[str, Any], **_: Any) -> None:
    rows = session.execute(
        select(Incident.reference, Incident.precisions)
        .where(Incident.author_id == account.id, Incident.precisions != "")
        .order_by(Incident.id)
    )
    data["precisions"] = [{"reference": reference, "text": text} for reference, text in rows]
