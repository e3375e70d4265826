"""How what goes wrong in a command becomes a sentence."""

import errno

from sqlalchemy.exc import DBAPIError

from civic.cli.context import in_english
from civic.errors import DomainError
from civic.settings import SettingError


def sentence_of(error: Exception) -> str | None:
    """Return what to say of ``error``; None for what nobody foresaw."""
    if isinstance(error, SettingError):
        return str(error)
    if isinstance(error, DomainError):
        return in_english(error)
    if isinstance(error, DBAPIError):
        return _database_sentence(error)
    if isinstance(error, OSError):
        return _file_sentence(error)
    return None


def _database_sentence(error: DBAPIError) -> str:
    text = str(error.orig).strip().splitlines()[0]
    if "disk is full" in text or "No space left" in text:
        return "the disk is full: free some space and run the command again."
    if "no such table" in text or "does not exist" in text:
        return f"the database is not ready ({text}): run « civic db upgrade » first."
    if "database is locked" in text:
        return "another command of civic is writing to this database: run this one when it is done."
    if "unable to open" in text or "readonly" in text:
        return f"{text}: the folder of CIVIC_DATA_DIR or CIVIC_DATABASE_URL cannot be written."
    return f"the database says: {text}"


def _file_sentence(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "the disk is full: free some space and run the command again."
    name = f"{error.filename}: " if error.filename else ""
    return f"{name}{error.strerror or error}"
