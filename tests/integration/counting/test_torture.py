"""Many writers and readers at once: whoever was told that a change is stored sees it on the map."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, bindparam, create_engine, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civic.contributions.models import Contribution, ModerationState
from civic.counting.columns import Columns
from civic.counting.models import MapChange
from civic.counting.snapshot import Snapshot
from civic.database import configure_engine, is_locked, table_of
from civic.database.changelog import ChangeLog, Mark
from civic.database.engine import engine_options
from tests.factories import make_contribution

BASE = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS, WRITERS, READERS, ROWS_EACH = 5.0, 8, 3, 4
LOG = table_of(MapChange)


class ByNumber(ChangeLog):
    """The control: believes that numbers follow commits on every engine."""

    def mark(self, connection: Connection) -> Mark:
        return connection.scalar(select(func.coalesce(func.max(LOG.c.number), 0))) or 0

    def since(self, connection: Connection, mark: Mark, *columns: Any) -> list[tuple[Any, ...]]:
        unseen = LOG.c.number > bindparam("mark", mark)
        return [tuple(row) for row in connection.execute(select(*columns).where(unseen))]


@contextmanager
def engine_beside(url: str) -> Iterator[Engine]:
    """An engine of its own, as another process has."""
    engine = create_engine(url, **engine_options(url))
    configure_engine(engine)
    yield engine
    engine.dispose()


@dataclass
class Ledger:
    """What was begun and what was acknowledged: each row is told apart by a rising number."""

    begun: dict[int, int]
    acknowledged: dict[int, int]
    failures: list[BaseException] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    checked: int = 0
    until: float = 0.0


def write(url: str, ledger: Ledger, ids: list[int], seed: int) -> None:
    draw = random.Random(seed)
    try:
        with engine_beside(url) as engine:
            while time.monotonic() < ledger.until:
                id_ = draw.choice(ids)
                number = ledger.begun[id_] = ledger.begun[id_] + 1
                with Session(engine) as session:
                    try:
                        if change(session, id_, number, draw):
                            ledger.acknowledged[id_] = number
                    except DBAPIError as error:
                        # On a busy machine somebody waits too long, and is told so: no promise.
                        if not is_locked(error):
                            raise
                time.sleep(draw.random() * 0.01)
    except BaseException as error:  # noqa: BLE001 (told to the test)
        ledger.failures.append(error)


def change(session: Session, id_: int, number: int, draw: random.Random) -> bool:
    """Give the row its number and show it or not; return whether that was committed."""
    row = session.get_one(Contribution, id_)
    if draw.random() < 0.3:
        with session.begin_nested() as savepoint:
            row.moderation_state = ModerationState.HIDDEN
            session.flush()
            savepoint.rollback()
    row.submitted_at = BASE + timedelta(seconds=number)
    row.moderation_state = ModerationState.HELD if number % 3 == 0 else ModerationState.PUBLISHED
    session.flush()
    time.sleep(draw.random() * 0.02)
    if draw.random() < 0.1:
        session.rollback()
        return False
    session.commit()
    return True


def read(url: str, ledger: Ledger, log: type[ChangeLog] | None) -> None:
    try:
        with engine_beside(url) as engine:
            snapshot = Snapshot(engine)
            if log is not None:
                snapshot._log = log(engine, LOG)
            while time.monotonic() < ledger.until:
                least = dict(ledger.acknowledged)
                columns = snapshot.current().columns
                look_at(ledger, columns, least, dict(ledger.begun))
            if log is None:
                ledger.stale += [str(one) for one in snapshot.differences()]
    except BaseException as error:  # noqa: BLE001 (told to the test)
        ledger.failures.append(error)


def look_at(ledger: Ledger, columns: Columns, least: dict[int, int], most: dict[int, int]) -> None:
    start = int(BASE.timestamp())
    shown = dict(zip((columns.key // 2).tolist(), (columns.at - start).tolist(), strict=True))
    for id_, first in least.items():
        possible = range(first, most[id_] + 1)
        ledger.checked += 1
        if id_ in shown:
            is_right = shown[id_] in possible and shown[id_] % 3
        else:
            is_right = any(number % 3 == 0 for number in possible)
        if not is_right:
            ledger.stale.append(f"{id_}: {shown.get(id_)} is shown, of {possible}")


def torture(session: Session, url: str, log: type[ChangeLog] | None = None) -> Ledger:
    rows = [make_contribution(session, title=f"Rue {n}") for n in range(WRITERS * ROWS_EACH)]
    for row in rows:
        row.submitted_at = BASE + timedelta(seconds=1)
    session.commit()
    ids = [row.id for row in rows]
    session.rollback()
    ledger = Ledger(dict.fromkeys(ids, 1), dict.fromkeys(ids, 1))
    ledger.until = time.monotonic() + SECONDS
    threads = [
        threading.Thread(target=write, args=(url, ledger, ids[n::WRITERS], n))
        for n in range(WRITERS)
    ]
    threads += [threading.Thread(target=read, args=(url, ledger, log)) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert ledger.failures == []
    assert sum(ledger.acknowledged.values()) > 2 * len(ids), "hardly anything was written"
    assert ledger.checked > 20 * len(ids), "hardly anything was looked at"
    return ledger


def test_what_was_acknowledged_is_on_the_map(
    session: Session, town: Any, database_url: str
) -> None:
    assert torture(session, database_url).stale == []


@pytest.mark.postgresql
def test_the_control_loses_what_is_committed_late(
    session: Session, town: Any, database_url: str
) -> None:
    assert torture(session, database_url, ByNumber).stale != []


@pytest.mark.postgresql
def test_a_number_drawn_early_and_committed_late_is_not_lost(
    session: Session, town: Any, database_url: str
) -> None:
    row = {"layer": "contribution"}
    with engine_beside(database_url) as engine:
        logs = {kind: kind(engine, LOG) for kind in (ChangeLog, ByNumber)}
        with engine.connect() as early, engine.connect() as late:
            early.execute(insert(LOG), [row | {"row_id": 1}])
            late.execute(insert(LOG), [row | {"row_id": 2}])
            late.commit()
            marks = {}
            for kind, log in logs.items():
                with log.transaction() as connection:
                    marks[kind] = log.mark(connection)
            early.commit()
        seen = {}
        for kind, log in logs.items():
            with log.transaction() as connection:
                seen[kind] = log.since(connection, marks[kind], LOG.c.row_id)
            log.close()
    assert seen == {ChangeLog: [(1,)], ByNumber: []}
