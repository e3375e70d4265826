"""The data sets, kept in build/bench so that the next run finds them there."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url

from bench.build import BUILT
from tests.postgres import serving_postgres

FOLDER = Path("build") / "bench"


@dataclass(frozen=True, slots=True)
class DataSet:
    """One town full of contributions, and what was measured while it was built."""

    engine: str
    number: int
    folder: Path
    url: str
    built: dict[str, Any]


@contextmanager
def engine_at(name: str) -> Iterator[str]:
    """Yield what addresses of databases of the engine begin with; its server runs meanwhile."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if name == "sqlite":
        yield ""
        return
    with serving_postgres(FOLDER.resolve() / "postgresql") as url:
        yield url


def data_set(engine: str, server: str, number: int) -> DataSet:
    """Return the data set, built first when it is not there yet."""
    folder = FOLDER.resolve() / f"{engine}-{number}"
    url = f"sqlite:///{folder / 'civic.db'}" if engine == "sqlite" else _database(server, number)
    done = folder / BUILT
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if engine != "sqlite":
            _make_database(server, number)
        subprocess.run(
            [sys.executable, "-m", "bench.build", str(folder), url, str(number)], check=True
        )
    return DataSet(engine, number, folder, url, json.loads(done.read_text(encoding="utf-8")))


def _database(server: str, number: int) -> str:
    name = f"civic_bench_{number}"
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _make_database(server: str, number: int) -> None:
    name = make_url(_database(server, number)).database
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
