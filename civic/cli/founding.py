"""What ``civic init`` asks: each answer is checked as it is given, before anything is made."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from shapely import union_all
from shapely.geometry.base import BaseGeometry

from civic.accounts.operations.people import check_email
from civic.cli.context import in_english
from civic.errors import DomainError
from civic.imports.readers import UnreadableFile, open_source
from civic.map.own_tiles import require_own_tiles
from civic.places.addresses.rows import AddressRow, Unusable, understand_address
from civic.places.communes import METROPOLITAN, MOST_OFFERED, Commune, find_communes
from civic.places.geometry import clean_outline
from civic.places.hull import hull_of
from civic.settings import SettingError, Settings
from civic.text.cleaning import clean_line
from civic.text.districts import place_key

LONGEST_NAME = 120
_OF_A_TOWN = ("civic.db", "photos", "mail")
Answer = TypeVar("Answer")


@dataclass(slots=True)
class Foundation:
    """What a town is made of. An outline that is ``drawn`` is a hull of its addresses."""

    name: str
    language: str
    zone: str
    admin: str
    outline: BaseGeometry
    is_drawn: bool = False
    commune: Commune | None = None
    addresses: Path | None = None
    kept: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asking:
    """Takes an answer from the command line, or from a person, who is asked until it is right."""

    somebody: bool

    def about(
        self,
        given: str | None,
        flag: str,
        question: str,
        check: Callable[[str], Answer],
        default: str | None = None,
    ) -> Answer:
        """Return the checked answer; without one and without anybody to ask, the default's."""
        if given:
            return check(given)
        if not self.somebody:
            if default is None:
                raise click.UsageError(f"{flag} is needed when nobody is there to be asked.")
            return check(default)

        def checked(text: str) -> Answer:
            try:
                return check(text)
            except DomainError as error:
                raise click.UsageError(in_english(error)) from None
            except SettingError as error:
                raise click.UsageError(str(error)) from None
            except click.ClickException as error:
                raise click.UsageError(error.format_message()) from None

        answer: Answer = click.prompt(question, default=default, value_proc=checked)
        return answer


def check_commune(text: str) -> Commune | None:
    """Return the one commune that ``text`` names, None for no answer; raises with the choices."""
    if not text.strip():
        return None
    found = find_communes(text)
    is_only = len(found) == 1 and found[0].is_called(text)
    if is_only or (found and found[0].code == text.strip().upper()):
        return found[0]
    if not found:
        raise click.BadParameter(f"no commune is called {text}", param_hint="--commune")
    listed = "; ".join(one.label for one in found[:MOST_OFFERED])
    more = f" and {len(found) - MOST_OFFERED} more" if len(found) > MOST_OFFERED else ""
    raise click.BadParameter(
        f"{text} may be {listed}{more}. Give the INSEE code.", param_hint="--commune"
    )


def check_name(name: str) -> str:
    """Return the name of a town as one line; raises when it is none."""
    name = clean_line(name)
    if not name:
        raise click.BadParameter("a name is needed", param_hint="--name")
    if len(name) > LONGEST_NAME:
        raise click.BadParameter(f"{LONGEST_NAME} characters at most", param_hint="--name")
    return name


def check_language(text: str) -> str:
    """Return ``fr`` or ``en``."""
    return str(click.Choice(["fr", "en"]).convert(text, None, None))


def check_zone(zone: str) -> str:
    """Return an IANA time zone."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.BadParameter(f"{zone} is not a time zone", param_hint="--zone") from None
    return zone or METROPOLITAN


def check_admin(email: str) -> str:
    """Return an address; raises Invalid."""
    return check_email(email)


def check_settings(kept: dict[str, str]) -> dict[str, str]:
    """Return settings that are to be kept; raises what says why they cannot."""
    data_dir = os.environ.get("CIVIC_DATA_DIR") or "data"
    require_own_tiles(Settings.from_environment({"CIVIC_DATA_DIR": data_dir} | kept))
    return kept


def check_tiles(tiles: str) -> dict[str, str]:
    """Return the setting of the background; its file is read by processes that start elsewhere."""
    if tiles.endswith(".pmtiles"):
        tiles = str(Path(tiles).expanduser().resolve())
    return check_settings({"CIVIC_TILES": tiles})


def check_url(url: str) -> dict[str, str]:
    """Return the setting of the public URL, nothing where it is not known yet."""
    return check_settings({"CIVIC_PUBLIC_URL": url}) if url else {}


def check_outline(text: str) -> BaseGeometry | None:
    """Return the outline in a file, None for no answer."""
    return read_outline(_existing(text)) if text.strip() else None


def check_addresses(
    text: str, commune: Commune | None, *, draws: bool
) -> tuple[Path | None, BaseGeometry | None]:
    """Return a file of addresses (None for no answer), and a hull of them where ``draws`` says so.

    Raises a sentence when the file holds none, or there is no other outline.
    """
    if not text.strip():
        if draws:
            raise click.UsageError("--outline is needed, or --addresses to draw one around.")
        return None, None
    path = _existing(text)
    if draws:
        return path, draw_outline(path, commune)
    if next(address_rows(path, commune), None) is None:
        raise click.ClickException(f"{path}: no address found; a BAN or BAL file is expected.")
    return path, None


def _existing(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_file():
        raise click.BadParameter(f"there is no file {path}")
    return path


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


def address_rows(
    path: Path, commune: Commune | None
) -> Iterator[tuple[dict[str, str], AddressRow]]:
    """Yield the rows of an address file that are in ``commune``, as they are and understood."""
    places = {place_key(commune.name)} if commune else set()
    try:
        source = open_source(path)
    except UnreadableFile as error:
        raise click.ClickException(f"{path}: {error}.") from None
    with closing(source):
        for row in source.rows:
            with suppress(Unusable):
                understood = understand_address(row.values, places)
                if commune is None or commune.holds(understood.insee):
                    yield row.values, understood


def draw_outline(path: Path, commune: Commune | None) -> BaseGeometry:
    """Return a hull of the addresses in a file; raises a sentence when there are too few."""
    try:
        return hull_of(row.position for _, row in address_rows(path, commune))
    except ValueError as error:
        where = f" of {commune.label}" if commune else ""
        raise click.ClickException(f"{path}{where}: {error}.") from None


@contextmanager
def nothing_left_behind() -> Iterator[None]:
    """Remove the files that came into the data folder when what is done here fails.

    A folder that a town uses is left alone: somebody may be sending a photo right now.
    """
    folder = Path(os.environ.get("CIVIC_DATA_DIR") or "data").expanduser()
    if any((folder / name).exists() for name in _OF_A_TOWN):
        yield
        return
    was_there = folder.exists()
    before = set(folder.rglob("*")) if was_there else set()
    try:
        yield
    except BaseException:
        if not was_there:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            for path in sorted(set(folder.rglob("*")) - before, reverse=True):
                with suppress(OSError):
                    path.rmdir() if path.is_dir() else path.unlink()
        raise
