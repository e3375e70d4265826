"""``civic db``: the schema."""

import click
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade as run_upgrade

from civic.app import migrations_dir
from civic.cli.context import application
from civic.extensions import db as database
from civic.settings import Settings, close_data_dir


@click.group()
def db() -> None:
    """The schema of the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the schema of this version; what is there stays."""
    with application():
        before = current_revision()
        upgrade_schema()
        after = current_revision()
    same = before == after
    click.echo(f"The database is at {after} already." if same else f"The database is at {after}.")


def upgrade_schema() -> None:
    """Migrate the database of the current application to the newest revision; close its folder."""
    database.session.remove()
    run_upgrade(directory=str(migrations_dir()))
    settings: Settings = current_app.extensions["civic_settings"]
    close_data_dir(settings.data_dir)


def current_revision() -> str | None:
    """Return the revision that the database is at, None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """Return the revision that this version expects."""
    return ScriptDirectory(str(migrations_dir())).get_current_head()
