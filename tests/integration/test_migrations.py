"""The history of the schema: up and down with data in every table, on both engines."""

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade

from civic.app import create_app
from civic.extensions import db
from civic.settings import Settings

MOMENT = datetime(2026, 3, 1, 8, tzinfo=UTC)
OTHERS = re.compile(r"alembic_version|contribution_text.*|queue_.*|sqlite_.*")
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
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    if engine_name == "postgresql":
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


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
    with db.engine.begin() as connection:
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
    "job": [{"finished_at": None}],
    "message": [{}, {"audience": "internal"}],
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
