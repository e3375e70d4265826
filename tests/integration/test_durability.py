"""What was answered survives a power cut, and ``/readyz`` says when nothing could be kept."""

import random
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from civic.app import create_app
from civic.database import table_of, writing
from civic.database.revisions import migrations_dir, newest_revision
from civic.extensions import db
from civic.settings import Settings
from civic.taxonomy.models import Department
from civic.web import health
from tests.client import CheckingClient
from tests.live_files import read_apart

TABLE = table_of(Department)


@pytest.fixture
def database(app: Flask, engine_name: str, town: Any) -> Path:
    if engine_name != "sqlite":
        pytest.skip("the other engine has its own way, and its operator")
    db.session.commit()
    return Path(str(db.engine.url.database))


def test_every_commit_is_on_the_disk(database: Path) -> None:
    with db.engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


TRY_THE_SHARED_MEMORY = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 128)
"""


def test_reading_the_files_of_an_open_database_leaves_its_locks(database: Path) -> None:
    with db.engine.connect() as connection:
        connection.execute(select(TABLE.c.code))
        memory = database.with_name(f"{database.name}-shm")
        for path in (database, memory):
            read_apart(path)
        taken = subprocess.run(
            [sys.executable, "-c", TRY_THE_SHARED_MEMORY, memory],
            check=False,
            capture_output=True,
            text=True,
        )
    assert "BlockingIOError" in taken.stderr


def test_a_log_cut_anywhere_after_the_last_answer_holds_all_that_was_answered(
    database: Path, tmp_path: Path
) -> None:
    log = database.with_name(f"{database.name}-wal")
    with writing(), db.engine.connect() as connection:
        connection.rollback()
        for number in range(5):
            _add(connection, f"answered-{number}", f"Voirie {number} " * 200)
        answered = log.stat().st_size
        for number in range(5):
            _add(connection, f"unheard-{number}", "Voirie")
        whole = log.stat().st_size
        assert whole > answered
        copy, cut = tmp_path / "copy.db", tmp_path / "copy.db-wal"
        drawn = random.Random(7)
        for size in [answered, whole, *(drawn.randint(answered, whole) for _ in range(40))]:
            (tmp_path / "copy.db-shm").unlink(missing_ok=True)
            copy.write_bytes(read_apart(database))
            cut.write_bytes(read_apart(log)[:size])
            codes = _codes(copy)
            assert {f"answered-{number}" for number in range(5)} <= codes


def _add(connection: Any, code: str, name: str) -> None:
    connection.execute(insert(TABLE).values(code=code, name=name[:80], email=""))
    connection.commit()


def _codes(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {code for (code,) in connection.execute("SELECT code FROM department")}


# ------------------------------------------------------------------------------------- ready


@pytest.fixture
def apart(app: Flask, town: Any, tmp_path: Path, own_process: None) -> Iterator[CheckingClient]:
    """A process that serves the same database, with a data folder of its own."""
    db.session.commit()
    url = app.extensions["civic_settings"].database_url
    folder = tmp_path / "data"
    settings = Settings.from_values(
        data_dir=folder, database_url=url, public_url="http://localhost", rate_limits=False
    )
    other = create_app(settings)
    yield CheckingClient(other, other.response_class)
    with other.app_context():
        db.engine.dispose()


def test_it_is_ready(apart: CheckingClient) -> None:
    answer = apart.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_a_folder_that_cannot_be_written_is_not_ready(
    apart: CheckingClient, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "data")
    assert _is_not_ready(apart, "data folder not writable")


def test_a_disk_that_takes_no_more_is_not_ready(apart: CheckingClient) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        assert _is_not_ready(apart, "data folder not writable")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_on_which_no_photo_would_be_taken_is_not_ready(
    apart: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "LEAST_FREE", 10**18)
    assert _is_not_ready(apart, "disk nearly full")


@pytest.mark.parametrize(
    ("statement", "back", "problem"),
    [
        (
            "UPDATE alembic_version SET version_num = 'later'",
            "UPDATE alembic_version SET version_num = '{}'",
            "database at another schema",
        ),
        (
            "ALTER TABLE alembic_version RENAME TO elsewhere",
            "ALTER TABLE elsewhere RENAME TO alembic_version",
            "database without a schema",
        ),
    ],
)
def test_another_schema_is_not_ready(
    apart: CheckingClient, session: Session, statement: str, back: str, problem: str
) -> None:
    session.execute(text(statement))
    session.commit()
    try:
        assert _is_not_ready(apart, problem)
    finally:
        session.execute(text(back.format(newest_revision())))
        session.commit()
    assert session.scalar(select(text("1")))


def test_the_newest_schema_is_the_one_that_the_migrations_end_with(app: Flask) -> None:
    assert newest_revision() == ScriptDirectory(str(migrations_dir())).get_current_head()


def _is_not_ready(client: CheckingClient, problem: str) -> bool:
    answer = client.get("/readyz")
    assert client.get("/healthz").status_code == 200
    return answer.status_code == 503 and answer.text.startswith(problem)
