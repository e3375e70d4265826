"""Who follows what."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.follows.models import Follow


def is_following(session: Session, contribution_id: int, account_id: int | None) -> bool:
    """Whether the account hears about the contribution; a visitor never does."""
    if account_id is None:
        return False
    found = session.get(Follow, (contribution_id, account_id))
    return found is not None and not found.is_muted


def follower_ids(session: Session, contribution_ids: Iterable[int]) -> frozenset[int]:
    """Return the accounts that hear about any of ``contribution_ids``, in one query."""
    wanted = list(contribution_ids)
    return _ids(session, wanted, is_muted=False)


def muted_ids(session: Session, contribution_ids: Iterable[int]) -> frozenset[int]:
    """Return the accounts that opted out of one of ``contribution_ids``, in one query."""
    wanted = list(contribution_ids)
    return _ids(session, wanted, is_muted=True)


def _ids(session: Session, wanted: list[int], *, is_muted: bool) -> frozenset[int]:
    if not wanted:
        return frozenset()
    found = select(Follow.account_id).where(
        Follow.contribution_id.in_(wanted), Follow.is_muted.is_(is_muted)
    )
    return frozenset(session.scalars(found))
