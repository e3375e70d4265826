"""The schema that a database is at, and the one that this version knows.

Read without Alembic, which only those who migrate need to load.
"""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from civic.database.engine import read_only

_REVISION = re.compile(r"^(revision|down_revision)\b.*?= *[\"'](.+?)[\"']", re.MULTILINE)


def current_revision(engine: Engine) -> str | None:
    """Return the revision that the database is at, None for an empty one."""
    with read_only(), engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def migrations_dir() -> Path:
    """Return the folder of the migrations: beside the package, or carried within it."""
    package = Path(__file__).parent.parent
    carried = package / "migrations"
    return carried if carried.is_dir() else package.parent / "migrations"


@cache
def _history() -> dict[str, str | None]:
    """Return every revision with the one before it."""
    said = [
        dict(_REVISION.findall(path.read_text(encoding="utf-8")))
        for path in (migrations_dir() / "versions").glob("*.py")
    ]
    return {one["revision"]: one.get("down_revision") for one in said}


@cache
def newest_revision() -> str:
    """Return the revision that this version expects: the one that no other follows."""
    [newest] = set(_history()) - set(_history().values())
    return str(newest)


def count_revisions_after(known: str | None) -> int:
    """Return how many revisions lead from ``known`` to the newest one."""
    revision: str | None = newest_revision()
    number = 0
    while revision is not None and revision != known:
        revision, number = _history()[revision], number + 1
    return number
