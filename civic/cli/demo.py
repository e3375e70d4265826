"""``civic demo``: a living town made of real reports."""

import click

from civic.cli.context import application, progress_bar
from civic.cli.database import upgrade_schema
from civic.cli.serving import require_free_port
from civic.demo.load import load_demo
from civic.demo.people import PEOPLE
from civic.extensions import db
from civic.places.queries import find_town
from civic.settings import Settings, keep_settings, kept_settings


@click.command()
def demo() -> None:
    """Prepare the demo town: the first time it is loaded, later it is left as it is."""
    settings = Settings.from_environment()
    require_free_port(settings)
    kept = kept_settings(settings.data_dir)
    defaults = {"CIVIC_DEMO": "yes", "CIVIC_TILES": "ign"}
    if defaults.keys() - kept.keys():
        keep_settings(settings.data_dir, {k: v for k, v in defaults.items() if k not in kept})
    settings = Settings.from_environment()
    with application(settings):
        upgrade_schema()
        session = db.session()
        town = find_town(session)
        if town is not None and not town.is_demo:
            raise click.ClickException(
                "this database holds a real town: set CIVIC_DATA_DIR to another folder for the "
                "demo, or start the town with « civic serve »."
            )
        with progress_bar("Loading the demo town") as told:
            load_demo(session, settings, progress=told, commit=db.session.commit)
    click.echo(welcome(settings))


def welcome(settings: Settings) -> str:
    """Return what a newcomer reads in the terminal."""
    people = "\n".join(f"    {person.email:<32} {person.role}" for person in PEOPLE)
    return (
        f"\n  The demo town is ready: open {settings.public_url}\n\n"
        f"  To sign in with one click:  {settings.public_url}/demo\n"
        f"  Or by mail, as one of:\n{people}\n"
        f"  The mails are at {settings.public_url}/demo/mail\n\n"
        f"  Data: {settings.data_dir}   Stop: Ctrl-C\n"
    )
