"""The ledger: appended by everybody, numbered by the worker, changed by nobody."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from civic.database import utcnow
from civic.ledger.models import LedgerEntry, LedgerLeaf
from civic.ledger.operations import append, hash_of, number_entries, redact
from civic.ledger.schedule import number


def numbered(session: Session) -> list[tuple[int, str]]:
    rows = session.execute(select(LedgerLeaf.number, LedgerLeaf.what).order_by(LedgerLeaf.number))
    return [(row[0], row[1]) for row in rows]


def test_entries_are_numbered_in_their_order_and_once(session: Session) -> None:
    for what in ("received", "decision", "appeal"):
        append(session, what, reference="I-1", line={"é": what})
    session.commit()
    assert numbered(session) == []
    assert number_entries(session, most=2) == 2
    number(session)
    session.commit()
    assert numbered(session) == [(0, "received"), (1, "decision"), (2, "appeal")]
    assert number_entries(session) == 0
    entries = session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)).all()
    assert [entry.number for entry in entries] == [0, 1, 2]


def test_a_leaf_proves_its_text_whatever_engine_kept_it(session: Session) -> None:
    at = utcnow()
    line = {"b": 1, "a": [None, True, "« été »"]}
    append(session, "decision", reference="D-1", line=line, at=at)
    number(session)
    session.commit()
    session.expire_all()
    entry, leaf = session.scalars(select(LedgerEntry)).one(), session.get_one(LedgerLeaf, 0)
    assert entry.line is not None
    assert entry.salt is not None
    words: dict[str, Any] = {"reference": entry.reference, "salt": entry.salt}
    assert leaf.hash == hash_of(leaf.what, at=leaf.at, line=entry.line, **words)
    assert leaf.hash != hash_of(leaf.what, at=leaf.at, line=entry.line | {"b": 2}, **words)


def test_the_same_text_twice_has_two_hashes(session: Session) -> None:
    first, second = (append(session, "a", line={}, at=utcnow()) for _ in range(2))
    assert first.hash != second.hash


def test_a_redaction_takes_text_and_salt_and_leaves_the_leaves(session: Session) -> None:
    append(session, "received", reference="I-1", line={"said": "early"})
    number(session)
    append(session, "moved", reference="I-1", line={"said": "late"})
    append(session, "received", reference="I-2", line={"said": "other"})
    session.commit()
    assert redact(session, "I-1") == 2
    session.commit()
    number(session)
    session.commit()
    assert numbered(session) == [(0, "received"), (1, "moved"), (2, "received")]
    left = session.scalars(select(LedgerEntry)).all()
    assert [(entry.number, entry.line) for entry in left] == [(2, {"said": "other"})]


CHANGES = (
    "UPDATE ledger_leaf SET what = 'other'",
    "UPDATE ledger_leaf SET number = number + 10",
    "DELETE FROM ledger_leaf WHERE number = 0",
    "INSERT INTO ledger_leaf SELECT number, at, 'other', hash FROM ledger_leaf",
)
REPLACE = "INSERT OR REPLACE INTO ledger_leaf SELECT number, at, 'other', hash FROM ledger_leaf"


@pytest.mark.parametrize("change", [*CHANGES, REPLACE])
def test_no_statement_changes_a_leaf(session: Session, engine_name: str, change: str) -> None:
    if change == REPLACE and engine_name == "postgresql":
        change = CHANGES[0]
    append(session, "received", line={})
    number(session)
    session.commit()
    with pytest.raises(DatabaseError):
        session.execute(text(change))
    session.rollback()
    assert numbered(session) == [(0, "received")]


def test_an_entry_keeps_its_text_with_its_salt(session: Session) -> None:
    append(session, "received", line={})
    session.commit()
    with pytest.raises(DatabaseError):
        session.execute(sa.update(LedgerEntry).values(salt=None))
    session.rollback()
