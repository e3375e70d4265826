"""Appending to the ledger, numbering what was appended, and taking a text away."""

import json
import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from civic.database import utcnow
from civic.ledger.models import LedgerEntry, LedgerLeaf

BATCH = 1_000


def append(
    session: Session,
    what: str,
    *,
    reference: str = "",
    line: dict[str, Any],
    at: datetime | None = None,
) -> LedgerEntry:
    """Record ``line`` (JSON, anonymous) as an entry of type ``what``.

    It is on record with the transaction; its number follows from the worker, within a minute.
    """
    at = at or utcnow()
    salt = secrets.token_hex(16)
    entry = LedgerEntry(
        at=at,
        what=what,
        reference=reference,
        line=line,
        salt=salt,
        hash=hash_of(what, at=at, reference=reference, line=line, salt=salt),
    )
    session.add(entry)
    session.flush()
    return entry


def hash_of(what: str, *, at: datetime, reference: str, line: dict[str, Any], salt: str) -> str:
    """Return the salted hash of an entry, in hexadecimal: SHA-256 of its canonical JSON."""
    content = {
        "at": at.isoformat(timespec="microseconds"),
        "line": line,
        "reference": reference,
        "salt": salt,
        "what": what,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def number_entries(session: Session, *, most: int = BATCH) -> int:
    """Give the next numbers to at most ``most`` entries that have none; return how many.

    For the worker alone. Where two do it at once, the second fails by the key of the leaves
    (IntegrityError) and has changed nothing.
    """
    waiting = session.scalars(
        select(LedgerEntry).where(LedgerEntry.number.is_(None)).order_by(LedgerEntry.id).limit(most)
    ).all()
    last = session.scalar(select(func.max(LedgerLeaf.number)))
    for number, entry in enumerate(waiting, start=0 if last is None else last + 1):
        session.add(LedgerLeaf(number=number, at=entry.at, what=entry.what, hash=entry.hash))
        if entry.salt is None:
            session.delete(entry)
        else:
            entry.number = number
    session.flush()
    return len(waiting)


def redact(session: Session, reference: str) -> int:
    """Take away the text and the salt of every entry about ``reference``; return how many.

    The leaves stay, and still prove that nothing was removed, reordered or changed.
    """
    numbered = (
        delete(LedgerEntry)
        .where(LedgerEntry.reference == reference, LedgerEntry.number.is_not(None))
        .returning(LedgerEntry.id)
    )
    waiting = (
        update(LedgerEntry)
        .where(
            LedgerEntry.reference == reference,
            LedgerEntry.number.is_(None),
            LedgerEntry.salt.is_not(None),
        )
        .values(line=None, salt=None, reference="")
        .returning(LedgerEntry.id)
    )
    return sum(len(session.execute(taken).all()) for taken in (numbered, waiting))
