"""The root command. A command is imported when it is called: the overview needs none of them."""

import sys
from importlib import import_module
from typing import NamedTuple, NoReturn

import click

from civic import __version__


class _Place(NamedTuple):
    """Where a command is, and what the overview says of it: the first sentence of its help."""

    module: str
    name: str
    help: str = ""


COMMANDS = {
    "areas": _Place("derived", "areas", "The outlines of the town."),
    "check": _Place(
        "checks",
        "check",
        "Compare every counter and the map with counting anew, and name any difference.",
    ),
    "db": _Place("database", "db", "The schema of the database."),
    "demo": _Place(
        "demo",
        "demo",
        "Prepare the demo town: the first time it is loaded, later it is left as it is.",
    ),
    "import": _Place(
        "import_runs", "import_", "Take in files: CSV, GeoJSON or JSON lines, gzipped or not."
    ),
    "init": _Place("town", "init", "Create a real, empty town."),
    "process": _Place("serving", "process"),
    "retention": _Place(
        "people",
        "retention",
        "Warn accounts that have long been inactive, and erase those warned before.",
    ),
    "search": _Place("derived", "search", "The index of the full text."),
    "security-log": _Place(
        "people", "security_log", "Print the security log as lines of JSON, the oldest first."
    ),
    "serve": _Place(
        "serving", "serve", "Serve the town, with a worker beside it, until told to stop."
    ),
    "user": _Place("people", "user", "People and their roles."),
    "worker": _Place(
        "serving", "worker", "Send mails and do what runs by itself, until told to stop."
    ),
}


class _Commands(click.Group):
    """The commands by name, imported one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        import_module("civic.settings").keep_files_private()
        found = getattr(import_module(f"civic.cli.{place.module}"), place.name)
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview, from what is known here."""
        rows = [(name, place.help) for name, place in COMMANDS.items() if place.help]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="civic")
def civic() -> None:
    """Listen to residents, and be seen to act."""


def main() -> None:
    """Run the command; what goes wrong is said in a sentence, not in a traceback."""
    try:
        civic(prog_name="civic", standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        _fail("interrupted; run the command again.", code=130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        sentence = import_module("civic.cli.failures").sentence_of(error)
        if sentence is None:
            raise
        _fail(sentence)


def _fail(sentence: str, *, code: int = 1) -> NoReturn:
    click.echo(f"civic: {sentence}", err=True)
    sys.exit(code)
