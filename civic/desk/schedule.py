"""What the desk does by the clock."""

from sqlalchemy.orm import Session

from civic.desk.indexing import index_missing
from civic.tasks.schedule import every


@every(minutes=60)
def index_cases_written_otherwise(session: Session) -> None:
    """Let what an import or an older version wrote be found at the desk."""
    index_missing(session, session.commit)
