"""Following and ceasing to follow."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from civic.contributions.models import Contribution
from civic.database import insert_or_ignore, utcnow
from civic.follows.models import Follow, Origin


def follow(session: Session, contribution: Contribution, *, account_id: int) -> None:
    """Let the account hear about ``contribution`` from now on, even if it had opted out."""
    if not follow_along(session, contribution, account_id=account_id, origin=Origin.CHOICE):
        found = session.get_one(Follow, (contribution.id, account_id))
        found.is_muted, found.origin = False, Origin.CHOICE
        session.flush()


def follow_along(
    session: Session,
    contribution: Contribution,
    *,
    account_id: int,
    origin: Origin = Origin.TAKING_PART,
    at: datetime | None = None,
) -> bool:
    """Follow because one takes part; who has opted out stays out. Returns whether it is new."""
    values = {
        "contribution_id": contribution.id,
        "account_id": account_id,
        "at": at or utcnow(),
        "is_muted": False,
        "origin": origin,
    }
    if insert_or_ignore(session, Follow, values):
        return True
    if origin is Origin.TAKING_PART:
        session.execute(
            update(Follow)
            .where(
                Follow.contribution_id == contribution.id,
                Follow.account_id == account_id,
                Follow.origin == Origin.SUPPORT,
            )
            .values(origin=origin)
            .execution_options(synchronize_session="fetch")
        )
    return False


def unfollow_without_support(
    session: Session, contribution: Contribution, *, account_id: int
) -> None:
    """End the follow that came of a support taken back; any other stays, and so does muting."""
    session.execute(
        delete(Follow)
        .where(
            Follow.contribution_id == contribution.id,
            Follow.account_id == account_id,
            Follow.origin == Origin.SUPPORT,
            Follow.is_muted.is_(False),
        )
        .execution_options(synchronize_session="fetch")
    )


def unfollow(session: Session, contribution: Contribution, *, account_id: int) -> None:
    """Forget that the account follows; taking part makes it follow again."""
    session.execute(
        delete(Follow)
        .where(Follow.contribution_id == contribution.id, Follow.account_id == account_id)
        .execution_options(synchronize_session="fetch")
    )


def mute(session: Session, contribution: Contribution, *, account_id: int) -> None:
    """Tell the account nothing about ``contribution`` any more, even if it wrote or supports it."""
    follow_along(session, contribution, account_id=account_id)
    session.get_one(Follow, (contribution.id, account_id)).is_muted = True
    session.flush()


def forget_follower(session: Session, account_id: int) -> None:
    """Remove every follow of an account that is erased."""
    session.execute(
        delete(Follow)
        .where(Follow.account_id == account_id)
        .execution_options(synchronize_session="fetch")
    )
