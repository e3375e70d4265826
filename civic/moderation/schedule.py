"""What moderation does by the clock, and when something was erased or redacted."""

import logging
from typing import Any, Final

from flask import current_app
from sqlalchemy.orm import Session

from civic.database import read_only
from civic.errors import DomainError
from civic.moderation.operations.remembering import (
    apply_again,
    find_missing,
    list_erased,
    read_noted,
    still_noted,
    write_noted,
)
from civic.moderation.operations.withdrawals import list_withdrawn
from civic.settings import Settings
from civic.tasks.queue import enqueue
from civic.tasks.schedule import every, name_of

log = logging.getLogger(__name__)


@every(minutes=5)
def remember_erased(session: Session) -> None:
    """Apply again what a restored backup has brought back, and note what was erased since.

    Asked for by every erasure, redaction, and comment or photo taken back too.
    """
    settings: Settings = current_app.extensions["civic_settings"]
    path = settings.erased_file
    noted = read_noted(path)
    with read_only():
        missing = find_missing(session, still_noted(noted))
        session.commit()
    for about, entry in missing.items():
        try:
            if apply_again(session, about, entry):
                log.warning("%s was brought back by a backup, and is erased again", about)
            session.commit()
        except DomainError:
            log.exception("%s was brought back by a backup and cannot be erased again", about)
            session.rollback()
    with read_only():
        erased = list_erased(session) | list_withdrawn(session, noted)
        session.commit()
    now = still_noted(noted | erased)
    if now != noted:
        write_noted(path, now)


REMEMBER: Final = name_of(remember_erased)


def ask_to_remember(session: Session, **_erased: Any) -> None:
    """Have the worker note what this transaction erases."""
    enqueue(session, REMEMBER)
