"""What imports leave behind goes after a while."""

from contextlib import suppress
from datetime import timedelta

from flask import current_app
from sqlalchemy.orm import Session

from civic.database import utcnow
from civic.settings import Settings
from civic.tasks.schedule import daily

KEEPS_REJECTS = timedelta(days=90)
"""Rows that were not taken may hold anything, of anybody: so long there is to read them."""


@daily(at="03:30")
def forget_rejects(_session: Session) -> None:
    """Delete the files of rejected rows when their time is over, every night."""
    settings: Settings = current_app.extensions["civic_settings"]
    oldest = (utcnow() - KEEPS_REJECTS).timestamp()
    for path in settings.rejects_dir.glob("*.csv"):
        # Who reads one may be taking it away right now.
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()
