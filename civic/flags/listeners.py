"""What flags do when accounts come and go."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.accounts.signals import account_erased, account_exported
from civic.flags.models import Flag
from civic.flags.operations import forget_flagger


def connect() -> None:
    """Listen; listening twice changes nothing."""
    account_erased.connect(forget)
    account_exported.connect(export)


def forget(session: Session, account: Account, **_: Any) -> None:
    """Take the person out of their flags."""
    forget_flagger(session, account.id)


def export(session: Session, account: Account, data: dict[str, Any], **_: Any) -> None:
    """Give the person what is kept of their flags."""
    flags = session.scalars(
        select(Flag).where(Flag.account_id == account.id).order_by(Flag.at, Flag.id)
    )
    data["flags"] = [
        {
            "receipt": flag.receipt,
            "reason": flag.reason.value,
            "text": flag.text,
            "at": flag.at.isoformat(),
            "outcome": flag.outcome.value if flag.outcome else None,
        }
        for flag in flags
    ]
