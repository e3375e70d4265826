"""What commands share: an application with a session, a progress bar, output for scripts."""

import importlib
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import click
import orjson
from babel.support import Translations
from flask import Flask
from sqlalchemy.orm import Session

from civic.accounts.security import log as security_log
from civic.app import create_app
from civic.errors import DomainError
from civic.extensions import db
from civic.settings import Settings


class Told(Protocol):
    """Takes how much is done, and of how much where that is known."""

    def __call__(self, done: int, of: int | None = None, /) -> None:
        """Draw it."""


json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for scripts.")


@contextmanager
def application(settings: Settings | None = None) -> Iterator[Flask]:
    """Yield the application with its context pushed.

    The security log is rows alone: its lines belong in the log of a service, not in the answer to
    who runs a command.
    """
    app = create_app(settings)
    before = security_log.level
    security_log.setLevel(logging.WARNING)
    try:
        with app.app_context():
            yield app
            db.session.remove()
    finally:
        security_log.setLevel(before)


@contextmanager
def transaction() -> Iterator[Session]:
    """Yield a session of an application; commit at the end, or nothing is kept."""
    with application():
        session = db.session()
        yield session
        session.commit()


@contextmanager
def progress_bar(label: str) -> Iterator[Told]:
    """Yield a function to tell (done, of) to; draws only for a person."""
    # A server draws none: it does not hold what draws them.
    rich = importlib.import_module("rich.progress")
    with rich.Progress(
        rich.TextColumn("{task.description}"),
        rich.BarColumn(),
        rich.MofNCompleteColumn(),
        rich.TimeRemainingColumn(),
        console=importlib.import_module("rich.console").Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    ) as progress:
        task = progress.add_task(label, total=None)

        def told(done: int, of: int | None = None) -> None:
            progress.update(task, completed=done, total=of)

        yield told


def in_english(error: DomainError) -> str:
    """Residents read refusals in French; the command line speaks English."""
    folder = Path(__file__).parent.parent / "translations"
    sentence = Translations.load(folder, ["en"]).gettext(error.message)
    return sentence % error.values if error.values else sentence


def answer(values: dict[str, Any], *, as_json: bool, text: str) -> None:
    """Print ``values`` for a script or ``text`` for a person."""
    click.echo(orjson.dumps(values, default=str).decode() if as_json else text)
