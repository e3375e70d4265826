"""``civic db``: the schema."""

from collections.abc import Callable
from contextlib import nullcontext
from itertools import count
from typing import Any

import click
from flask import Flask, current_app
from flask_migrate import Migrate
from flask_migrate import upgrade as run_upgrade

from civic.app import create_app
from civic.cli.context import Told, application, progress_bar
from civic.database import alone
from civic.database.revisions import (
    count_revisions_after,
    current_revision,
    migrations_dir,
    newest_revision,
)
from civic.extensions import db as database
from civic.settings import Settings, close_data_dir


@click.group()
def db() -> None:
    """The schema of the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the schema of this version; what is there stays."""
    with application(), progress_bar("Upgrading") as told:
        before = current_revision(database.engine)
        upgrade_schema(told)
        after = current_revision(database.engine)
    same = before == after
    click.echo(f"The database is at {after} already." if same else f"The database is at {after}.")


def upgrade_schema(told: Told | None = None) -> None:
    """Migrate the database of the current application to the newest revision; close its folder.

    One that is there already is not written to. ``told`` hears of each revision when it is there.
    """
    database.session.remove()
    known = current_revision(database.engine)
    if known != newest_revision():
        steps = count_revisions_after(known)
        reached = count(1)
        if told is not None:
            told(0, steps)
        prepare(current_app, lambda: told(next(reached), steps) if told is not None else None)
        with alone() if known is None else nullcontext():
            run_upgrade()
    settings: Settings = current_app.extensions["civic_settings"]
    close_data_dir(settings.data_dir)


def prepare(app: Flask, reached: Callable[[], None] = lambda: None) -> None:
    """Let the functions and commands of Flask-Migrate work on ``app``.

    ``reached`` is called after each revision.
    """
    # Only who migrates holds it and what it brings.
    applied: dict[str, Any] = {"on_version_apply": lambda **_: reached()}
    Migrate(app, database, directory=str(migrations_dir()), **applied)


def for_migrations() -> Flask:
    """Return the application for ``flask db``."""
    app = create_app()
    prepare(app)
    return app
