"""What counting does by the clock."""

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from civic.counting.models import MapChange
from civic.database import utcnow
from civic.tasks.schedule import daily

KEPT = timedelta(days=1)
"""How long changes stay in the log: a snapshot that has not looked for an hour is loaded anew."""


@daily(at="03:40")
def prune_changes(session: Session) -> None:
    """Delete the changes that every snapshot has seen long since."""
    session.execute(delete(MapChange).where(MapChange.at < utcnow() - KEPT))
