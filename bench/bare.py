"""The same rows by plain SQL through the bare driver: what the import is compared with."""

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, insert, make_url, select

from civic.app import create_app
from civic.cli.database import upgrade_schema
from civic.database import Base
from civic.extensions import db
from civic.settings import Settings

BATCH = 1_000
ROWS = ("contribution", "incident", "status_change")
"""What an import of incidents writes, apart from the words of the search and the map's log."""
NAMES = ("account", "department", "category", "area")
"""What those rows refer to."""
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-65536")


def is_embedded(url: str) -> bool:
    """Whether ``url`` names a file."""
    return url.startswith("sqlite")


def tidy(engine: Engine) -> None:
    """Do now what the engine does by itself within minutes."""
    if is_embedded(str(engine.url)):
        with engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def measure(url: str, folder: Path) -> float:
    """Return how many seconds the rows of the import at ``url`` take in an empty copy.

    With the same tables, indexes, constraints and batches. Reading them is not counted.
    """
    with _empty_copy(url, folder) as copy:
        app = create_app(Settings.from_values(data_dir=folder, database_url=copy))
        with app.app_context():
            upgrade_schema()
            db.engine.dispose()
        _copy_names(url, copy)
        with _opened(url) as source, _opened(copy) as target:
            return _insert(url, source, target)


@contextlib.contextmanager
def _empty_copy(url: str, folder: Path) -> Iterator[str]:
    if is_embedded(url):
        file = folder / "bare.db"
        try:
            yield f"sqlite:///{file}"
        finally:
            for suffix in ("", "-wal", "-shm"):
                file.with_name(file.name + suffix).unlink(missing_ok=True)
        return
    name = "civic_bench_bare"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.dispose()


def _copy_names(url: str, copy: str) -> None:
    source, target = create_engine(url), create_engine(copy)
    with source.connect() as reader, target.begin() as writer:
        for name in NAMES:
            table = Base.metadata.tables[name]
            if found := reader.execute(select(table).order_by(table.c.id)).mappings().all():
                writer.execute(insert(table), [dict(row) for row in found])
    source.dispose()
    target.dispose()


@contextlib.contextmanager
def _opened(url: str) -> Iterator[Any]:
    parts = make_url(url)
    connection: Any
    if is_embedded(url):
        connection = sqlite3.connect(str(parts.database), isolation_level=None)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    else:
        plain = parts.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = psycopg.connect(plain, autocommit=True)
    with contextlib.closing(connection):
        yield connection


def _insert(url: str, source: Any, target: Any) -> float:
    mark = "?" if is_embedded(url) else "%s"
    seconds, last = 0.0, 0
    while True:
        ids = _between(source, mark, last)
        if not ids:
            return seconds
        parts = []
        for name in ROWS:
            key = "contribution_id" if name == "status_change" else "id"
            columns = [column.name for column in Base.metadata.tables[name].columns]
            rows = _read(source, url, name, columns, key, (ids[0], ids[-1]))
            marks = ", ".join([mark] * len(columns))
            text = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
            parts.append((text, rows))
        start = time.perf_counter()
        cursor = target.cursor()
        cursor.execute("BEGIN")
        for text, rows in parts:
            cursor.executemany(text, rows)
        cursor.execute("COMMIT")
        seconds += time.perf_counter() - start
        last = ids[-1]


def _between(source: Any, mark: str, last: int) -> Sequence[int]:
    cursor = source.cursor()
    cursor.execute(
        f"SELECT id FROM contribution WHERE kind = 'incident' AND id > {mark} "  # noqa: S608
        f"ORDER BY id LIMIT {BATCH}",
        (last,),
    )
    return [row[0] for row in cursor.fetchall()]


def _read(
    source: Any, url: str, name: str, columns: list[str], key: str, ends: tuple[int, int]
) -> list[tuple[Any, ...]]:
    mark = "?" if is_embedded(url) else "%s"
    wanted = [
        f"{column}::text" if column == "answers" and not is_embedded(url) else column
        for column in columns
    ]
    cursor = source.cursor()
    cursor.execute(
        f"SELECT {', '.join(wanted)} FROM {name} "  # noqa: S608
        f"WHERE {key} BETWEEN {mark} AND {mark}",
        ends,
    )
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
