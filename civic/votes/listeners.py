"""What votes do when accounts come and go."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.accounts.signals import account_erased, account_exported
from civic.contributions.counters import add_source
from civic.contributions.models import Contribution
from civic.votes.models import Vote
from civic.votes.operations import forget_voter
from civic.votes.queries import list_supports


def connect() -> None:
    """Listen; listening twice changes nothing."""
    add_source(list_supports)
    account_erased.connect(forget)
    account_exported.connect(export)


def forget(session: Session, account: Account, **_: Any) -> None:
    """Remove the votes of an erased account."""
    forget_voter(session, account.id)


def export(session: Session, account: Account, data: dict[str, Any], **_: Any) -> None:
    """Give the person what is kept of their votes."""
    rows = session.execute(
        select(Contribution.reference, Vote.at)
        .join(Contribution, Contribution.id == Vote.contribution_id)
        .where(Vote.account_id == account.id)
        .order_by(Vote.at)
    )
    data["votes"] = [{"reference": reference, "at": at.isoformat()} for reference, at in rows]
