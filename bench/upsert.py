"""What votes are compared with: the same server doing one bare upsert for each request."""

import os
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
from sqlalchemy import make_url

from bench.bare import PRAGMAS, is_embedded

URL = "CIVIC_BENCH_DATABASE_URL"
TABLE = (
    "CREATE TABLE IF NOT EXISTS bench_vote (contribution_id INTEGER, account_id INTEGER, "
    "at TEXT, PRIMARY KEY (contribution_id, account_id))"
)
UPSERT = (
    "INSERT INTO bench_vote (contribution_id, account_id, at) VALUES ({0}, {0}, {0}) "
    "ON CONFLICT (contribution_id, account_id) DO UPDATE SET at = excluded.at"
)


def create_app() -> Any:
    """Return the app, as the server's factory: ``/<contribution>/<account>`` is one upsert."""
    url = os.environ[URL]
    embedded = is_embedded(url)
    connection = open_plainly(url)
    statement = UPSERT.format("?" if embedded else "%s")

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        numbers = environ["PATH_INFO"].split("/")[1:3]
        if numbers[0].isdigit():
            connection.execute(statement, (*map(int, numbers), "2026-01-01"))
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]

    return app


def open_plainly(url: str) -> Any:
    """Return a connection of the bare driver whose statements commit themselves."""
    parts = make_url(url)
    if not is_embedded(url):
        plain = parts.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(plain, autocommit=True)
    connection = sqlite3.connect(
        str(parts.database), isolation_level=None, timeout=30, check_same_thread=False
    )
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection
