"""What the kernel does by the clock, and when something was erased."""

import logging
from typing import Final, cast

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from civic.database.scrubbing import scrub
from civic.search import operations as search
from civic.tasks.schedule import daily

log = logging.getLogger(__name__)
SCRUB: Final = "civic.contributions.schedule.scrub_erased"
"""The job that removes the traces of what was erased, for enqueue."""


@daily(at="03:50")
def scrub_erased(session: Session) -> None:
    """Merge the index, which drops what was taken out of it, and clean the database's files.

    Asked for by every erasure and redaction too.
    """
    search.tidy(session, session.commit)
    if not scrub(cast("Engine", session.get_bind())):
        log.warning("somebody still reads what the database held before an erasure; next time then")
