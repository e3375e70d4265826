"""The worker's part of the ledger: the numbers."""

from sqlalchemy.orm import Session

from civic.ledger.operations import BATCH, number_entries
from civic.tasks.schedule import every


@every(minutes=1)
def number(session: Session) -> None:
    """Number what was appended since, each batch in a transaction of its own."""
    while number_entries(session) == BATCH:
        session.commit()
