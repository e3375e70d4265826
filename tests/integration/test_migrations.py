"""The history of the schema: up and down with data in every table, on both engines."""

import re
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import check, downgrade, migrate, upgrade
from sqlalchemy.exc import DatabaseError

from civic.app import create_app
from civic.cli.database import prepare, upgrade_schema
from civic.database import fulltext
from civic.database.fulltext import Beginning, Question
from civic.database.revisions import migrations_dir
from civic.desk.indexing import index_missing
from civic.extensions import db
from civic.ledger.models import LedgerEntry
from civic.ledger.operations import hash_of
from civic.settings import Settings
from civic.text.references import asked_parts

pytestmark = pytest.mark.usefixtures("own_process")
"""Applications of their own are made here."""

MOMENT = datetime(2026, 3, 1, 8, tzinfo=UTC)
OTHERS = re.compile(r"alembic_version|contribution_text.*|desk_text.*|sqlite_.*")
"""What the migrations of Alembic do not describe, or fill by themselves."""
EMPTIED = ("map_count", "map_facet_count", "map_period_count", "sign_in_code")
"""Counts of what other tables hold, and codes of a quarter of an hour: nobody carries them over."""
ENUM = re.compile(r"(\w+)\)?(?:::text)?\)? (?:IN \(|= ANY )[^']*'([^']*)'")


@pytest.fixture
def old_app(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """An application over a database of its own, in which nothing was migrated yet."""
    url = f"sqlite:///{tmp_path / 'civic.db'}"
    if engine_name == "postgresql":
        server = sa.make_url(request.getfixturevalue("postgres_server"))
        name = f"migrations_{secrets.token_hex(4)}"
        admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        url = server.set(database=name).render_as_string(hide_password=False)
    app = create_app(Settings.from_values(data_dir=tmp_path, database_url=url), TESTING=True)
    prepare(app)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    if engine_name == "postgresql":
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


@pytest.fixture
def history(old_app: Flask, tmp_path: Path) -> Path:
    """A copy of the migrations, to which a test adds one."""
    copy = tmp_path / "history"
    shutil.copytree(old_app.extensions["migrate"].directory, copy)
    return copy


def tables(connection: sa.Connection) -> list[sa.Table]:
    found = sa.MetaData()
    found.reflect(connection, only=lambda name, _: not OTHERS.fullmatch(name))
    return [table for table in found.sorted_tables if not OTHERS.fullmatch(table.name)]


def count_rows() -> dict[str, int]:
    with db.engine.connect() as connection:
        return {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in tables(connection)
        }


def fill(own: dict[str, list[dict[str, Any]]]) -> None:
    """Put some rows into each table that is empty; ``own`` are values that rules demand."""
    with db.engine.execution_options(civic_exempt=True).begin() as connection:
        for table in tables(connection):
            if connection.scalar(sa.select(sa.func.count()).select_from(table)):
                continue
            first = first_words(connection, table)
            for number, wanted in enumerate(own.get(table.name, [{}, {}, {}]), start=1):
                values = {
                    column.name: value_of(column, number, first)
                    for column in table.columns
                    if not refers_to_itself(column)
                }
                connection.execute(sa.insert(table).values(values | wanted))


def first_words(connection: sa.Connection, table: sa.Table) -> dict[str, str]:
    """Return the first value that each column of words may have, by its rule."""
    rules = sa.inspect(connection).get_check_constraints(table.name)
    return {found[1]: found[2] for rule in rules if (found := ENUM.search(rule["sqltext"]))}


def refers_to_itself(column: sa.Column[Any]) -> bool:
    return any(key.column.table is column.table for key in column.foreign_keys)


def value_of(column: sa.Column[Any], number: int, first: dict[str, str]) -> Any:
    if column.name in first:
        return first[column.name]
    match column.type:
        case sa.Boolean():
            return False
        case sa.Integer() | sa.Float():
            return number
        case sa.DateTime():
            return MOMENT
        case sa.Date():
            return date(2026, 3, 1)
        case sa.JSON():
            return {"a": number}
        case sa.String():
            if column.name == "hash":
                return f"{number:064d}"
            return f"{column.name}-{number}"[: column.type.length or 40]
        case other:
            raise AssertionError(f"no value for {column} of {other}")


OLD: dict[str, list[dict[str, Any]]] = {
    "town": [{}],
    "contribution": [
        {"external_source": "form", "external_id": "k" * 64, "reference": "I-1"},
        {"external_source": "paris", "external_id": "12", "reference": "I-2"},
        {"external_source": None, "external_id": None, "author_id": None, "reference": "I-3"},
    ],
}
NEW: dict[str, list[dict[str, Any]]] = {
    "appeal": [
        {"contribution_id": None},
        {"level": "mediator", "decision_id": None},
    ],
    "job": [{"finished_at": None}],
    "digest_line": [{"account_id": None}, {"department_id": None}],
    "message": [{}, {"audience": "internal"}],
    "import_change": [{"ref_id": 1}],
    "news_choice": [{"account_id": None}, {"department_id": None}],
}


def test_up_and_down_with_data_in_every_table(old_app: Flask) -> None:
    upgrade(revision="0002")
    fill(OLD)
    before = count_rows()
    assert {name for name, number in before.items() if not number} == set()
    before |= dict.fromkeys(EMPTIED, 0)
    upgrade()
    after = count_rows()
    assert {name: after.get(name, 0) for name in before} == before
    fill(NEW)
    assert {name for name, number in count_rows().items() if not number} == set()
    downgrade(revision="0002")
    assert count_rows() == before
    upgrade()
    downgrade(revision="base")
    assert count_rows() == {}


def test_the_models_are_what_the_migrations_make(old_app: Flask) -> None:
    upgrade()
    check()


def test_a_new_column_is_all_that_a_migration_writes(old_app: Flask, history: Path) -> None:
    """The tables without a model stay: the full text, and that of the desk."""
    upgrade()
    table = db.metadatas[None].tables["area"]
    table.append_column(sa.Column("motto", sa.String(40)))
    try:
        migrate(directory=str(history), message="Add the motto of an area", rev_id="9999")
    finally:
        table._columns.remove(table.c.motto)
    (written,) = (history / "versions").glob("9999_*.py")
    text = written.read_text(encoding="utf-8")
    assert text.count("batch_op.add_column(") == 1
    assert text.count("batch_op.drop_column(") == 1
    assert "drop_table" not in text
    assert "create_table" not in text
    upgrade(directory=str(history))
    downgrade(directory=str(history), revision="-1")


def test_a_batch_rebuild_keeps_children_and_triggers(old_app: Flask, history: Path) -> None:
    upgrade()
    fill(NEW)
    before, triggers = count_rows(), list_triggers()
    assert triggers
    head = ScriptDirectory(str(history)).get_current_head()
    (history / "versions" / "9999_rebuild.py").write_text(REBUILD.format(down=head))
    upgrade(directory=str(history))
    assert count_rows() == before
    assert list_triggers() == triggers
    with pytest.raises(DatabaseError), db.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM ledger_leaf"))


REBUILD = """
from alembic import op

revision = "9999"
down_revision = "{down}"


def upgrade():
    for table, column in (("contribution", "id"), ("ledger_leaf", "number")):
        with op.batch_alter_table(table) as batch:
            batch.create_check_constraint("rebuilt", f"{{column}} >= 0")
"""


def list_triggers() -> set[str]:
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            named = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        else:
            named = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        return set(connection.scalars(sa.text(named)))


def test_what_was_indexed_before_is_found_by_parts_of_its_reference(old_app: Flask) -> None:
    upgrade(revision="0002")
    codes = ("I-4F8K-77", "A-B4096KFVT-31", "I-3")
    own = [
        mine | {"reference": code} for mine, code in zip(OLD["contribution"], codes, strict=True)
    ]
    fill(OLD | {"contribution": own})
    upgrade(revision="0017")
    fulltext.put_many(db.session(), {id: {"banc"} for id in (1, 2, 3)})
    db.session.commit()
    upgrade()

    def found(part: str) -> list[int]:
        asked = Question(((tuple(Beginning(term) for term in asked_parts(part)),),))
        return sorted(db.session.scalars(fulltext.found(db.session(), asked)))

    assert [found(part) for part in ("f8k7", "4f8k", "vt31", "a-b40", "i-4f9")] == [
        [1],
        [1],
        [2],
        [2],
        [],
    ]
    assert (
        len(db.session.scalars(fulltext.found(db.session(), Question(((("banc",),),)))).all()) == 3
    )


def test_cases_with_a_number_are_put_into_the_index_of_the_desk_again(old_app: Flask) -> None:
    upgrade(revision="0002")
    fill(OLD)
    upgrade(revision="0019")
    before = {1: {"612345678", "rappeler"}, 2: {"f8k77", "35000"}, 3: {"banc"}}
    fulltext.put_many(db.session(), before, fulltext.DESK)
    db.session.commit()
    upgrade()
    key = fulltext.key_of(db.session(), fulltext.DESK)
    stay = fulltext.rows(fulltext.DESK).with_only_columns(key).order_by(key)
    assert list(db.session.scalars(stay)) == [2, 3]
    assert index_missing(db.session(), db.session.commit) == 1


def test_what_stood_in_the_old_places_is_in_the_new_ones(old_app: Flask) -> None:
    upgrade(revision="0002")
    fill(OLD)
    upgrade()
    with db.engine.connect() as connection:

        def rows(statement: str) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in connection.execute(sa.text(statement))]

        assert rows("SELECT scope, key, result FROM idempotency") == [("form", "k" * 64, "I-1")]
        refs = "SELECT source, external_id, contribution_id FROM external_ref"
        assert rows(refs) == [("paris", "12", 2)]
        assert rows("SELECT account_id FROM person ORDER BY id") == [(1,), (2,)]
        contacts = "SELECT kind, value FROM person_contact ORDER BY id"
        assert rows(contacts) == [("email", "email-1"), ("email", "email-2")]
        people = "SELECT person_id FROM contribution ORDER BY id"
        assert rows(people) == [(1,), (2,), (None,)]
        sorts = "SELECT what, count(*) FROM deadline GROUP BY what ORDER BY what"
        assert rows(sorts) == [("acknowledge", 3), ("resolve", 3)]
        assert rows("SELECT DISTINCT audience FROM status_change") == [("public",)]
        assert rows("SELECT DISTINCT level FROM appeal") == [("moderation",)]
    for entry in db.session.scalars(sa.select(LedgerEntry)):
        assert entry.line is not None
        assert entry.salt is not None
        words = {"reference": entry.reference, "line": entry.line, "salt": entry.salt}
        assert entry.hash == hash_of(entry.what, at=entry.at, **words)
    db.session.rollback()
    downgrade(revision="0002")
    with db.engine.connect() as connection:
        kept = "SELECT external_source, external_id FROM contribution ORDER BY id"
        assert [tuple(row) for row in connection.execute(sa.text(kept))] == [
            ("form", "k" * 64),
            ("paris", "12"),
            (None, None),
        ]
        dates = "SELECT count(*) FROM contribution WHERE acknowledge_due_at IS NOT NULL"
        assert connection.scalar(sa.text(dates)) == 3


def test_each_revision_is_told_when_it_is_reached(old_app: Flask) -> None:
    said: list[tuple[int, int | None]] = []

    def told(done: int, of: int | None = None, /) -> None:
        said.append((done, of))

    upgrade_schema(told)
    steps = len(list((migrations_dir() / "versions").glob("*.py")))
    assert said == [(done, steps) for done in range(steps + 1)]
    downgrade(revision="-2")
    said.clear()
    upgrade_schema(told)
    assert said == [(0, 2), (1, 2), (2, 2)]
    upgrade_schema(told)
    assert len(said) == 3
