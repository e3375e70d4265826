"""``civic areas`` and ``civic search``: what is derived."""

import click

from civic.cli.context import application, progress_bar
from civic.contributions.indexing import rebuild_index
from civic.desk.indexing import index_missing
from civic.extensions import db
from civic.places.areas import retire_areas
from civic.places.queries import get_area_by_slug
from civic.places.reassigning import reassign


@click.group()
def areas() -> None:
    """The outlines of the town."""


@areas.command("reassign")
def areas_reassign() -> None:
    """Find the area of every contribution anew, after outlines have changed."""
    with application(), progress_bar("Assigning") as told:
        number = reassign(db.session(), told, db.session.commit)
        db.session.commit()
    click.echo(f"{number} contributions are in another area now.")


@areas.command("retire")
@click.argument("slugs", metavar="SLUG…", nargs=-1, required=True)
def areas_retire(slugs: tuple[str, ...]) -> None:
    """Let the areas named SLUG (the end of their address) hold nothing any more."""
    with application(), progress_bar("Assigning") as told:
        session = db.session()
        found = [get_area_by_slug(session, slug) for slug in slugs]
        number = retire_areas(session, found, told, db.session.commit)
        db.session.commit()
    click.echo(f"{len(found)} areas retired; {number} contributions are in another area now.")


@click.group()
def search() -> None:
    """The index of the full text."""


@search.command("rebuild")
def search_rebuild() -> None:
    """Index everything public anew, and what only the desk finds where it is missing."""
    with application(), progress_bar("Indexing") as told:
        number = rebuild_index(db.session(), told, commit=db.session.commit)
        index_missing(db.session(), db.session.commit)
    click.echo(f"{number} contributions indexed.")
