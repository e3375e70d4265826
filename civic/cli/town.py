"""``civic init``: a real, empty town."""

import os
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from shapely import union_all
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.operations import create_account
from civic.cli.context import application
from civic.cli.database import upgrade_schema
from civic.extensions import db
from civic.imports.readers import UnreadableFile, open_source
from civic.map.own_tiles import require_own_tiles
from civic.places.areas import import_areas
from civic.places.geometry import clean_outline
from civic.places.models import AreaLevel, Town
from civic.places.queries import find_town
from civic.settings import Settings, keep_settings
from civic.taxonomy.starter import add_starter_taxonomy

EVERY_ROLE = tuple(Role)
LONGEST_NAME = 120
LANGUAGE = click.Choice(["fr", "en"])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--name", help="Name of the town.")
@click.option("--language", type=LANGUAGE, help="Language of what the town writes.")
@click.option(
    "--outline",
    type=FILE,
    help="GeoJSON file with the outline of the town.",
)
@click.option("--zone", default="Europe/Paris", show_default=True, help="Time zone (IANA name).")
@click.option("--admin", help="E-mail address of the first administrator.")
@click.option("--url", help="Address that residents will type (https://…), if it is known yet.")
@click.option("--tiles", help="Map background: none, ign, osm, a template, or a .pmtiles file.")
def init(
    name: str | None,
    language: str | None,
    outline: Path | None,
    zone: str,
    admin: str | None,
    url: str | None,
    tiles: str | None,
) -> None:
    """Create a real, empty town. Asks for what is missing when a person runs it."""
    asks = sys.stdin.isatty()
    name = name or _ask(asks, "--name", "Name of the town")
    language = language or (_ask(asks, "--language", "Language", "fr", LANGUAGE) if asks else "fr")
    outline = outline or _ask(asks, "--outline", "GeoJSON file with its outline", kind=FILE)
    admin = admin or _ask(asks, "--admin", "E-mail address of the first administrator")
    if tiles is None:
        question = "Map background (none, ign, osm, a template, or a .pmtiles file)"
        tiles = _ask(asks, "--tiles", question, "none") if asks else "none"
    if tiles.endswith(".pmtiles"):
        # Kept, and read by processes that start elsewhere.
        tiles = str(Path(tiles).expanduser().resolve())
    kept = {"CIVIC_TILES": tiles} | _public_url(url, asks=asks)
    _check_zone(zone)
    if len(name) > LONGEST_NAME:
        raise click.BadParameter(f"{LONGEST_NAME} characters at most", param_hint="--name")
    settings = Settings.from_environment()
    require_own_tiles(Settings.from_environment({"CIVIC_DATA_DIR": str(settings.data_dir)} | kept))
    surface = read_outline(outline)
    with application():
        upgrade_schema()
        session = db.session()
        if find_town(session) is not None:
            raise click.ClickException("there is a town in this database already.")
        create_town(session, name=name, language=language, zone=zone, outline=surface)
        create_account(session, email=admin, roles=EVERY_ROLE, locale=language)
        session.commit()
    keep_settings(settings.data_dir, kept)
    settings = Settings.from_environment()
    click.echo(
        f"{name} is ready. Start it with « civic serve », open {settings.public_url} and sign in "
        f"as {admin}: a code comes by mail"
        + ("." if settings.smtp_url else f" (without CIVIC_SMTP_URL, to {settings.mail_dir}).")
    )
    if not settings.has_one_address:
        click.echo("Until CIVIC_PUBLIC_URL is set, it answers under this machine's own names only.")


def create_town(
    session: Session, *, name: str, language: str, zone: str, outline: BaseGeometry
) -> Town:
    """Store the town, its outline and a starter set of departments and categories."""
    west, south, east, north = outline.bounds
    town = Town(
        id=1,
        name=name,
        locale=language,
        zone=zone,
        south=south,
        west=west,
        north=north,
        east=east,
    )
    session.add(town)
    session.flush()
    import_areas(
        session,
        [{"name": name, "geometry": mapping(outline)}],
        level=AreaLevel.TOWN,
        name_property="name",
    )
    add_starter_taxonomy(session)
    return town


def read_outline(path: Path) -> BaseGeometry:
    """Return the outline in a GeoJSON file, also where it has one for each part of the town.

    What has no surface is left out; raises a sentence when nothing else is there.
    """
    try:
        source = open_source(path)
    except UnreadableFile as error:
        raise click.ClickException(f"{path}: {error}.") from None
    surfaces: list[BaseGeometry] = []
    with closing(source):
        for row in source.rows:
            # A file may also hold the bare geometry.
            geometry = row.values if "coordinates" in row.values else row.values.get("geometry")
            if isinstance(geometry, dict):
                with suppress(ValueError):
                    surfaces.append(clean_outline(geometry))
    if not surfaces:
        raise click.ClickException(f"{path}: no outline found; a GeoJSON polygon is expected.")
    outline = union_all(surfaces)
    west, south, east, north = outline.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise click.ClickException(
            f"{path}: the outline is not in degrees; longitudes and latitudes (WGS84) are expected."
        )
    return outline


def _ask(
    asks: bool,  # noqa: FBT001
    flag: str,
    question: str,
    default: str | None = None,
    kind: click.ParamType[Any] = click.STRING,
) -> Any:
    """Ask a person, and again until the answer is one of its kind."""
    if not asks:
        raise click.UsageError(f"{flag} is needed when nobody is there to be asked.")
    return click.prompt(question, default=default, type=kind)


def _public_url(url: str | None, *, asks: bool) -> dict[str, str]:
    """Return the setting of the public URL; nothing where it is set already or not known yet."""
    name = "CIVIC_PUBLIC_URL"
    if url is None and asks and not os.environ.get(name):
        question = "Address that residents will type (https://…; empty if not known yet)"
        url = _ask(asks, "--url", question, "")
    return {name: url} if url else {}


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise click.BadParameter(f"{zone} is not a time zone", param_hint="--zone") from None
