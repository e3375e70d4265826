"""What actions keep of people goes with them, and is in the copy of their data."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.accounts.signals import account_erased, account_exported
from civic.actions.models import Action, ActionFollow


def connect() -> None:
    """Listen; listening twice changes nothing."""
    account_erased.connect(forget)
    account_exported.connect(export)


def forget(session: Session, account: Account, **_: Any) -> None:
    """Remove the follows of an erased account."""
    session.execute(
        delete(ActionFollow)
        .where(ActionFollow.account_id == account.id)
        .execution_options(synchronize_session="fetch")
    )


def export(session: Session, account: Account, data: dict[str, Any], **_: Any) -> None:
    """Give the person what is kept of their follows of actions."""
    rows = session.execute(
        select(Action.slug, ActionFollow.at)
        .join(Action, Action.id == ActionFollow.action_id)
        .where(ActionFollow.account_id == account.id)
        .order_by(ActionFollow.at)
    )
    data["action_follows"] = [{"action": slug, "at": at.isoformat()} for slug, at in rows]
