"""What the kernel does by the clock."""

from sqlalchemy.orm import Session

from civic.search import operations as search
from civic.tasks.schedule import daily


@daily(at="03:50")
def tidy_search_index(session: Session) -> None:
    """Merge what a day of changes left in pieces."""
    search.tidy(session)
