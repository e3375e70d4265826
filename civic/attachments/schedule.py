"""What runs by itself."""

from sqlalchemy.orm import Session

from civic.attachments.operations import purge_drafts
from civic.storage import file_store
from civic.tasks.schedule import every


@every(minutes=30)
def purge_photos(session: Session) -> None:
    """Delete photos that no form claimed within a day, and those that were taken away."""
    purge_drafts(session, file_store())
