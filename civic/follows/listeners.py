"""Who takes part hears what becomes of it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.accounts.models import Account
from civic.accounts.signals import account_erased, account_exported
from civic.contributions.models import Contribution
from civic.contributions.signals import comment_submitted, vote_cast, vote_withdrawn
from civic.follows.models import Follow, Origin
from civic.follows.operations import (
    follow_along,
    forget_follower,
    unfollow_without_support,
)


def connect() -> None:
    """Listen to what people do; listening twice changes nothing."""
    vote_cast.connect(support)
    vote_withdrawn.connect(support_no_more)
    comment_submitted.connect(take_part)
    account_erased.connect(forget)
    account_exported.connect(export)


def support(session: Session, contribution: Contribution, actor: Actor, **_: Any) -> None:
    """Whoever supports follows, as long as they support."""
    if actor.account_id is not None:
        follow_along(session, contribution, account_id=actor.account_id, origin=Origin.SUPPORT)


def support_no_more(session: Session, contribution: Contribution, actor: Actor, **_: Any) -> None:
    """Whoever takes their support back hears no more, unless they follow for another reason."""
    if actor.account_id is not None:
        unfollow_without_support(session, contribution, account_id=actor.account_id)


def take_part(session: Session, contribution: Contribution, actor: Actor, **_: Any) -> None:
    """Whoever comments follows."""
    if actor.account_id is not None:
        follow_along(session, contribution, account_id=actor.account_id)


def forget(session: Session, account: Account, **_: Any) -> None:
    """Remove the follows of an erased account."""
    forget_follower(session, account.id)


def export(session: Session, account: Account, data: dict[str, Any], **_: Any) -> None:
    """Give the person what is kept of their follows."""
    rows = session.execute(
        select(Contribution.reference, Follow.at, Follow.is_muted)
        .join(Contribution, Contribution.id == Follow.contribution_id)
        .where(Follow.account_id == account.id)
        .order_by(Follow.at)
    )
    data["follows"] = [
        {"reference": reference, "at": at.isoformat(), "is_muted": is_muted}
        for reference, at, is_muted in rows
    ]
