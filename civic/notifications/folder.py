"""The folder that mails go to in a town without a mail server: what leaves it."""

import re
from binascii import a2b_qp
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from flask import current_app
from sqlalchemy import event
from sqlalchemy.orm import Session

KEEPS_FILES = timedelta(days=30)
MOST_FILES = 2_000
"""Nobody empties it: the newest stay, for 30 days at most."""
_NAMES: Final = "civic_names_to_delete_mails_of"


def clean_folder(folder: Path, now: datetime) -> int:
    """Delete mails older than 30 days, and the oldest beyond 2,000; return how many."""
    if not folder.is_dir():
        return 0
    # The name begins with the time in UTC; one that was left half written has a dot before it.
    files = sorted(folder.glob("*.eml"), key=lambda path: path.name.lstrip("."), reverse=True)
    oldest = f"{now - KEEPS_FILES:%Y%m%dT%H%M%S}"
    gone = [
        path
        for number, path in enumerate(files)
        if number >= MOST_FILES or path.name.lstrip(".") < oldest
    ]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def delete_mails_naming(folder: Path, names: Iterable[str]) -> int:
    """Delete every mail that is to, or says, one of ``names``; return how many."""
    wanted = [r"\s+".join(map(re.escape, name.split())) for name in names if name.strip()]
    if not wanted:
        return 0
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(wanted)})(?!\w)")
    done = 0
    for path in folder.glob("*.eml"):
        try:
            said = a2b_qp(path.read_bytes()).decode(errors="replace")
        except FileNotFoundError:
            continue
        if pattern.search(said):
            path.unlink(missing_ok=True)
            done += 1
    return done


def forget_after_commit(session: Session, names: Iterable[str]) -> None:
    """Delete the mails that name something, once the transaction that takes it away has gone in."""
    folder: Path = current_app.extensions["civic_settings"].mail_dir
    session.info.setdefault(_NAMES, {}).setdefault(folder, set()).update(names)


@event.listens_for(Session, "after_commit")
def _delete(session: Session) -> None:
    for folder, names in session.info.pop(_NAMES, {}).items():
        delete_mails_naming(folder, names)


@event.listens_for(Session, "after_rollback")
def _keep(session: Session) -> None:
    session.info.pop(_NAMES, None)
