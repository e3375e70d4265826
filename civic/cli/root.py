"""The root command, and how failures become sentences."""

import errno
import sys
from typing import NoReturn

import click
from sqlalchemy.exc import DBAPIError

from civic import __version__
from civic.cli.checks import check
from civic.cli.context import in_english
from civic.cli.database import db
from civic.cli.demo import demo
from civic.cli.derived import areas, search
from civic.cli.geography import import_
from civic.cli.people import retention, security_log, user
from civic.cli.serving import process, serve, worker
from civic.cli.town import init
from civic.errors import DomainError
from civic.settings import SettingError, keep_files_private


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="civic")
def civic() -> None:
    """Listen to residents, and be seen to act."""


for command in (
    init,
    demo,
    serve,
    worker,
    process,
    db,
    user,
    import_,
    areas,
    search,
    check,
    retention,
    security_log,
):
    civic.add_command(command)


def main() -> None:
    """Run the command; what goes wrong is said in a sentence, not in a traceback."""
    keep_files_private()
    try:
        civic(prog_name="civic", standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        _fail("interrupted; what was stored stays, run the command again to go on.", code=130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SettingError as error:
        _fail(str(error))
    except DomainError as error:
        _fail(in_english(error))
    except DBAPIError as error:
        _fail(_database_sentence(error))
    except OSError as error:
        _fail(_file_sentence(error))


def _database_sentence(error: DBAPIError) -> str:
    text = str(error.orig).strip().splitlines()[0]
    if "disk is full" in text or "No space left" in text:
        return "the disk is full: free some space and run the command again."
    if "no such table" in text or "does not exist" in text:
        return f"the database is not ready ({text}): run « civic db upgrade » first."
    if "database is locked" in text:
        return "another command of civic is writing to this database: run this one when it is done."
    if "unable to open" in text or "readonly" in text:
        return f"{text}: the folder of CIVIC_DATA_DIR or CIVIC_DATABASE_URL cannot be written."
    return f"the database says: {text}"


def _file_sentence(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "the disk is full: free some space and run the command again."
    name = f"{error.filename}: " if error.filename else ""
    return f"{name}{error.strerror or error}"


def _fail(sentence: str, *, code: int = 1) -> NoReturn:
    click.echo(f"civic: {sentence}", err=True)
    sys.exit(code)
