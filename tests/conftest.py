"""Fixtures: an application on each engine, emptied between tests; people; a small town."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.orm import Session

from tests.postgres import running_postgres

# How long an example takes says how busy the machine is, not whether the rule holds.
hypothesis.settings.register_profile("civic", deadline=None)
hypothesis.settings.register_profile("audit", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile("civic")

for name in [name for name in os.environ if name.startswith("CIVIC_")]:
    if not name.startswith(("CIVIC_TEST_", "CIVIC_REQUIRE_", "CIVIC_BENCH_")):
        del os.environ[name]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that reaches the database on both engines."""
    if "engine_name" in metafunc.fixturenames:
        engines = ["sqlite", "postgresql"]
        if metafunc.definition.get_closest_marker("postgresql"):
            engines = ["postgresql"]
        metafunc.parametrize("engine_name", engines, scope="session")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def database_url(
    engine_name: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[str]:
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'civic.db'}"
        return
    server = make_url(request.getfixturevalue("postgres_server"))
    name = f"civic_{os.getpid()}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def bare_app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application over a migrated, empty database; shared by the tests of one engine."""
    from civic.app import create_app
    from civic.cli.database import upgrade_schema
    from civic.extensions import db
    from civic.settings import Settings
    from tests.client import CheckingClient

    settings = Settings.from_values(
        data_dir=tmp_path_factory.mktemp("data"),
        database_url=database_url,
        public_url="http://localhost",
        rate_limits=False,
        demo=True,
    )
    app = create_app(settings, TESTING=True, AFTERWARDS_S=None)
    app.test_client_class = CheckingClient
    with app.app_context():
        upgrade_schema()
        db.engine.dispose()
        app.extensions["template"] = _remember(db.engine, tmp_path_factory.mktemp("template"))
    _watch_commits(app)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _watch_commits(app: Flask) -> None:
    """Fail a request that flushed work and neither committed nor rolled it back."""
    from civic.extensions import db

    def note(session: Session, _context: Any) -> None:
        session.info["flushed"] = True

    def forget(session: Session) -> None:
        session.info.pop("flushed", None)

    event.listen(Session, "after_flush", note)
    event.listen(Session, "after_commit", forget)
    event.listen(Session, "after_soft_rollback", lambda session, _previous: forget(session))

    @app.teardown_request
    def nothing_is_left(error: BaseException | None) -> None:
        session = db.session()
        pending = [*session.new, *session.dirty, *session.deleted]
        assert error or not pending, f"left unflushed: {pending}"
        assert error or not session.info.get("flushed"), "left uncommitted"


def _remember(engine: Any, folder: Path) -> Path | None:
    """Keep the migrated file, so that emptying is a copy."""
    if engine.dialect.name != "sqlite":
        return None
    template = folder / "template.db"
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    shutil.copy(engine.url.database, template)
    return template


def _empty(engine: Any, template: Path | None) -> None:
    engine.dispose()
    if engine.dialect.name == "sqlite":
        path = Path(engine.url.database)
        for suffix in ("-wal", "-shm", ""):
            # A new file, not the old one overwritten: a connection left open keeps its own.
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        shutil.copy(template, path)
        return
    with engine.begin() as connection:
        rows = connection.execute(
            text(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
                "AND tablename <> 'alembic_version'"
            )
        )
        tables = ", ".join(f'"{name}"' for (name,) in rows)
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))


@pytest.fixture
def app(bare_app: Flask) -> Iterator[Flask]:
    """An application whose database holds nothing, with a context pushed."""
    from civic.extensions import db

    with bare_app.app_context():
        _empty(db.engine, bare_app.extensions["template"])
        # What the test before noted for later is about rows that are gone.
        bare_app.extensions["civic_afterwards"]._notes.clear()
        yield bare_app
        db.session.remove()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The session that the application itself uses."""
    from civic.extensions import db

    yield db.session()
    db.session.rollback()


@pytest.fixture
def own_process() -> Iterator[None]:
    """Give the other tests back what a process has one of: that of its last application."""
    from civic.extensions import limiter

    before = dict(vars(limiter))
    yield
    vars(limiter).clear()
    vars(limiter).update(before)


@pytest.fixture
def client(app: Flask, town: Any) -> Any:
    """A visitor's browser, in a town."""
    return app.test_client()


@pytest.fixture
def town(session: Session) -> Any:
    """A small town: two districts, three departments, four categories."""
    from tests.factories import make_town

    return make_town(session)
