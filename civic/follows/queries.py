"""Who follows what."""

from sqlalchemy.orm import Session

from civic.follows.models import Follow


def is_following(session: Session, contribution_id: int, account_id: int | None) -> bool:
    """Whether the account hears about the contribution; a visitor never does."""
    if account_id is None:
        return False
    found = session.get(Follow, (contribution_id, account_id))
    return found is not None and not found.is_muted
