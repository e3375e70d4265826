"""``civic db``: the schema."""

from contextlib import nullcontext

import click
from flask import Flask, current_app
from flask_migrate import Migrate
from flask_migrate import upgrade as run_upgrade

from civic.app import create_app
from civic.cli.context import application
from civic.database import alone
from civic.database.revisions import current_revision, migrations_dir, newest_revision
from civic.extensions import db as database
from civic.settings import Settings, close_data_dir


@click.group()
def db() -> None:
    """The schema of the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the schema of this version; what is there stays."""
    with application():
        before = current_revision(database.engine)
        upgrade_schema()
        after = current_revision(database.engine)
    same = before == after
    click.echo(f"The database is at {after} already." if same else f"The database is at {after}.")


def upgrade_schema() -> None:
    """Migrate the database of the current application to the newest revision; close its folder.

    One that is there already is not written to.
    """
    database.session.remove()
    known = current_revision(database.engine)
    if known != newest_revision():
        prepare(current_app)
        with alone() if known is None else nullcontext():
            run_upgrade()
    settings: Settings = current_app.extensions["civic_settings"]
    close_data_dir(settings.data_dir)


def prepare(app: Flask) -> None:
    """Let the functions and commands of Flask-Migrate work on ``app``."""
    # Only who migrates holds it and what it brings.
    Migrate(app, database, directory=str(migrations_dir()))


def for_migrations() -> Flask:
    """Return the application for ``flask db``."""
    app = create_app()
    prepare(app)
    return app
