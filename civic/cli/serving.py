"""``civic serve``, ``civic worker``, and the processes that they are made of."""

import errno
import os
import socket
import sys
from collections.abc import Callable, Sequence
from itertools import product

import click
from flask import Flask

from civic.app import create_app
from civic.counting import preload
from civic.database import limit_cache
from civic.database.revisions import current_revision, newest_revision
from civic.extensions import db
from civic.serving.bridge import Bridge
from civic.serving.processes import Process, be, give_memory_back, listen, run_all, serve_on
from civic.settings import Settings
from civic.tasks.worker import run_worker
from civic.web import page_cache
from civic.web.language import LOCALES
from civic.web.refusals import refusals

HIGHEST_PORT = 65_535
CACHE_KB = 512
"""Of the database, for each connection: what is not in it is in the system's own cache."""
WARM_PATHS = (
    "/", "/map", "/incidents", "/incidents?q=lampe", "/ideas", "/status", "/incidents/new",
    "/ideas/new", "/sign-in",
)  # fmt: skip


@click.command()
@click.option("--worker/--no-worker", default=True, help="Whether to start a worker too.")
def serve(worker: bool) -> None:  # noqa: FBT001 (a flag of the command line)
    """Serve the town, with a worker beside it, until told to stop."""
    settings = Settings.from_environment()
    require_free_port(settings)
    app = _served(settings)
    _require_schema(app)
    count = settings.workers or (os.cpu_count() or 1)
    sockets = [listen(settings.host, settings.port) for _ in range(count)]
    click.echo(f"civic is at {settings.public_url}", err=True)
    # Made once: what its pages of refusals touch stays shared. They ask the database too.
    served = bridge(app)
    _warm(app)
    processes = [_web(served, sock) for sock in sockets]
    if worker:
        processes.append(Process(lambda: _work(app), _fresh()))
    run_all(processes)


@click.command()
def worker() -> None:
    """Send mails and do what runs by itself, until told to stop."""
    app = create_app()
    _require_schema(app)
    _work(app)


@click.command(hidden=True)
@click.argument("life", type=int)
@click.argument("descriptor", type=int, required=False)
def process(life: int, descriptor: int | None) -> None:
    """Be one process of a town that is served: that of a socket, or the worker."""
    app = _served()
    if descriptor is None:
        be(lambda: _work(app), life)
    preload(app)
    be(lambda: serve_on(socket.socket(fileno=descriptor), bridge(app)), life)


def _served(settings: Settings | None = None) -> Flask:
    """Return the application for a process that lives long beside others: it holds little."""
    app = create_app(settings)
    with app.app_context():
        limit_cache(db.engine, CACHE_KB)
    return app


def bridge(app: Flask) -> Bridge:
    """Return what serves ``app``: in one process, or in each copy of the one that it is made in."""
    settings: Settings = app.extensions["civic_settings"]
    return Bridge(
        app.wsgi_app,
        refusal=refusals(app),
        folder=settings.data_dir,
        largest=app.config["MAX_CONTENT_LENGTH"],
        largest_file=settings.photo_max_bytes,
        proxies=settings.proxies,
    )


def _web(served: Bridge, sock: socket.socket) -> Process:
    return Process(lambda: serve_on(sock, served), _fresh(str(sock.fileno())))


def _work(app: Flask) -> None:
    run_worker(app, after_each=give_memory_back)


def _fresh(*given: str) -> Callable[[int], Sequence[str]]:
    return lambda life: [sys.executable, "-m", "civic", "process", str(life), *given]


def _warm(app: Flask) -> None:
    """Ask for the usual pages once, so that all processes share what that loads; then hang up."""
    browser = app.test_client()
    for language, path in product(LOCALES, WARM_PATHS):
        asked = {"Accept-Language": language}
        browser.get(path, base_url=app.extensions["civic_settings"].public_url, headers=asked)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    page_cache.clear(app)
    # After the engine, which lets everything go: the copies share what is read now.
    preload(app)


def require_free_port(settings: Settings) -> None:
    """Raise a sentence when another program listens there, or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise click.ClickException(_port_sentence(settings, error)) from None


def _port_sentence(settings: Settings, error: OSError) -> str:
    refused = f"cannot listen on {settings.host}:{settings.port} ({error.strerror})"
    if error.errno == errno.EADDRINUSE:
        other = settings.port + 1 if settings.port < HIGHEST_PORT else settings.port - 1
        return (
            f"{refused}. Another program is using it: stop it, or choose another port, for "
            f"example CIVIC_PORT={other} make run"
        )
    if error.errno == errno.EACCES:
        return f"{refused}: ports below 1024 are the system's. Choose another with CIVIC_PORT."
    return f"{refused}: CIVIC_HOST has to be an address of this machine."


def _require_schema(app: Flask) -> None:
    """Raise a sentence when the database is not at the schema of this version."""
    with app.app_context():
        if current_revision(db.engine) != newest_revision():
            raise click.ClickException(
                "the database is not at the schema of this version: run « civic db upgrade » "
                "(a new town: « civic init », or « civic demo » to look around)."
            )
