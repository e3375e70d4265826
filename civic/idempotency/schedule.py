"""How long the keys of what was done are kept."""

from sqlalchemy.orm import Session

from civic.idempotency.operations import forget_expired
from civic.tasks.schedule import daily


@daily(at="03:20")
def forget(session: Session) -> None:
    """Forget the keys whose time is over, every night."""
    forget_expired(session)
