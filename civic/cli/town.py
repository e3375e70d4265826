"""``civic init``: a real, empty town."""

import os
import sys

import click
from shapely.geometry import mapping
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.operations import create_account
from civic.cli.context import application, progress_bar
from civic.cli.database import upgrade_schema
from civic.cli.founding import (
    Asking,
    Foundation,
    address_rows,
    check_addresses,
    check_admin,
    check_commune,
    check_language,
    check_name,
    check_outline,
    check_tiles,
    check_url,
    check_zone,
    nothing_left_behind,
)
from civic.database import alone
from civic.extensions import db
from civic.places.addresses import AddressImport, import_addresses
from civic.places.areas import import_areas
from civic.places.communes import METROPOLITAN
from civic.places.models import Area, AreaLevel, Town
from civic.places.queries import find_town
from civic.settings import Settings, keep_settings
from civic.taxonomy.starter import add_starter_taxonomy

EVERY_ROLE = tuple(Role)
LANGUAGE = click.Choice(["fr", "en"])
FILE = click.Path(exists=True, dir_okay=False)


@click.command()
@click.option("--commune", help="Name or INSEE code of the French commune that the town is.")
@click.option("--name", help="Name of the town (default: the commune's).")
@click.option("--language", type=LANGUAGE, help="Language of what the town writes.")
@click.option("--outline", type=FILE, help="GeoJSON file with the outline of the town.")
@click.option(
    "--addresses",
    type=FILE,
    help="File of its addresses (BAN or BAL); without an outline, one is drawn around them.",
)
@click.option("--zone", help="Time zone, as an IANA name (default: the commune's).")
@click.option("--admin", help="E-mail address of the first administrator.")
@click.option("--url", help="Address that residents will type (https://…), if it is known yet.")
@click.option("--tiles", help="Map background: none, ign, osm, a template, or a .pmtiles file.")
def init(**given: str | None) -> None:
    """Create a real, empty town. Asks for what is missing when a person runs it.

    Each answer is checked as it is given; when one is refused, nothing is left behind.
    """
    with nothing_left_behind():
        founded = _answers(given)
        with application():
            upgrade_schema()
            session = db.session()
            if find_town(session) is not None:
                raise click.ClickException("there is a town in this database already.")
            with alone():
                taken = create_town(session, founded)
                create_account(
                    session, email=founded.admin, roles=EVERY_ROLE, locale=founded.language
                )
                session.commit()
        keep_settings(Settings.from_environment().data_dir, founded.kept)
    _tell(founded, taken)


def _answers(given: dict[str, str | None]) -> Foundation:
    asking = Asking(sys.stdin.isatty())

    question = "Commune, by name or INSEE code (empty: none)"
    commune = asking.about(given["commune"], "--commune", question, check_commune, "")
    known = commune.name if commune else None
    name = asking.about(given["name"], "--name", "Name of the town", check_name, known)
    language = asking.about(given["language"], "--language", "Language", check_language, "fr")
    question = "GeoJSON file with its outline (empty: drawn around its addresses)"
    outline = asking.about(given["outline"], "--outline", question, check_outline, "")
    question = "File of its addresses, BAN or BAL (empty: none)"
    addresses, drawn = asking.about(
        given["addresses"],
        "--addresses",
        question,
        lambda text: check_addresses(text, commune, draws=outline is None),
        "",
    )
    outline = outline or drawn
    if outline is None:
        raise click.UsageError("--outline is needed, or --addresses to draw one around.")
    zone = commune.zone if commune else METROPOLITAN
    if given["zone"]:
        zone = check_zone(given["zone"])
    question = "E-mail address of the first administrator"
    admin = asking.about(given["admin"], "--admin", question, check_admin)
    question = "Map background (none, ign, osm, a template, or a .pmtiles file)"
    kept = asking.about(given["tiles"], "--tiles", question, check_tiles, "none")
    return Foundation(
        name=name,
        language=language,
        zone=zone,
        admin=admin,
        outline=outline,
        is_drawn=drawn is not None,
        commune=commune,
        addresses=addresses,
        kept=kept | {"CIVIC_LANGUAGE": language} | _public_url(asking, given["url"]),
    )


def _public_url(asking: Asking, url: str | None) -> dict[str, str]:
    """Return the setting of the public URL; nothing where it is set already or not known yet."""
    if url is None and os.environ.get("CIVIC_PUBLIC_URL"):
        return {}
    question = "Address that residents will type (https://…; empty if not known yet)"
    return asking.about(url, "--url", question, check_url, "")


def create_town(session: Session, founded: Foundation) -> AddressImport | None:
    """Store the town, its outline, its addresses and a starter set of departments and categories.

    Returns what became of the addresses, None without a file of them.
    """
    outline, commune = founded.outline, founded.commune
    west, south, east, north = outline.bounds
    session.add(
        Town(
            id=1,
            name=founded.name,
            locale=founded.language,
            zone=founded.zone,
            insee_code=commune.code if commune else "",
            population=commune.population if commune else None,
            counts_alsace_moselle=bool(commune and commune.counts_alsace_moselle),
            south=south,
            west=west,
            north=north,
            east=east,
        )
    )
    session.flush()
    import_areas(
        session,
        [{"name": founded.name, "geometry": mapping(outline)}],
        level=AreaLevel.TOWN,
        name_property="name",
    )
    whole = session.scalars(select(Area).where(Area.level == AreaLevel.TOWN)).one()
    whole.is_estimated = founded.is_drawn
    whole.population = commune.population if commune else None
    add_starter_taxonomy(session)
    if founded.addresses is None:
        return None
    rows = (row for row, _ in address_rows(founded.addresses, commune))
    with progress_bar(founded.addresses.name) as told:
        return import_addresses(session, rows, progress=told)


def _tell(founded: Foundation, taken: AddressImport | None) -> None:
    settings, commune = Settings.from_environment(), founded.commune
    if commune is not None:
        people = f"{commune.population} inhabitants" if commune.population else "population unknown"
        click.echo(f"{commune.label}: {people}, clocks and holidays of {founded.zone}.")
    if taken is not None:
        click.echo(f"{taken.streets} streets and {taken.added} addresses are known.")
    if founded.is_drawn:
        click.echo(
            "The outline is drawn around the addresses. Replace it with the true one when you have "
            "it: « civic import areas FILE.geojson --level town --replace »."
        )
    click.echo(
        f"{founded.name} is ready. Start it with « civic serve », open {settings.public_url} and "
        f"sign in as {founded.admin}: a code comes by mail"
        + ("." if settings.smtp_url else f" (without CIVIC_SMTP_URL, to {settings.mail_dir}).")
    )
    if not settings.has_one_address:
        click.echo("Until CIVIC_PUBLIC_URL is set, it answers under this machine's own names only.")
