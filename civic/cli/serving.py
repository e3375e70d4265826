"""``civic serve`` and ``civic worker``."""

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
from types import FrameType
from typing import Any

import click
from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.common import AbstractServer

from civic.app import create_app
from civic.cli.context import application
from civic.cli.database import current_revision, newest_revision
from civic.settings import Settings
from civic.tasks import queue
from civic.tasks.worker import run_worker

RESTART_AFTER_S = 2.0
STOP_AFTER_S = 10
HIGHEST_PORT = 65_535


@click.command()
@click.option("--worker/--no-worker", default=True, help="Whether to start a worker too.")
def serve(worker: bool) -> None:  # noqa: FBT001 (a flag of the command line)
    """Serve the town, with a worker beside it, until told to stop."""
    settings = Settings.from_environment()
    require_free_port(settings)
    require_schema(settings)
    supervisor = WorkerSupervisor() if worker else None
    if supervisor:
        supervisor.start()
    click.echo(f"civic is at {settings.public_url}", err=True)
    try:
        _until_told(server(settings))
    finally:
        if supervisor:
            supervisor.stop()


@click.command()
def worker() -> None:
    """Send mails and do what runs by itself, until told to stop."""
    require_schema(Settings.from_environment())
    app = create_app()
    require_queue()
    run_worker(app)


def server(settings: Settings) -> AbstractServer[Any]:
    """Return the web server: processes with one blocking thread each."""
    return Granian(
        "civic.cli.serving:served_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers or (os.cpu_count() or 1),
        blocking_threads=1,
        backlog=2048,
        http=HTTPModes.http1,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_AFTER_S,
        log_level=LogLevels.warning,
    )


def served_app() -> Flask:
    """Build the application of one web process, which the server alone stops.

    Until it serves it has to end at once when told to, and Ctrl-C in a terminal must reach the
    server only: a process that is told twice does not end within its time.
    """
    os.setpgid(0, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    return create_app()


def _until_told(granian: AbstractServer[Any]) -> None:
    """Serve until SIGINT or SIGTERM, or until the terminal that it runs in is closed."""

    @granian.on_startup
    def stop_with_the_terminal() -> None:
        if hangs_up:
            signal.signal(signal.SIGHUP, granian.signal_handler_interrupt)

    # Under nohup the signal is ignored, and stays so.
    hangs_up = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
    granian.serve()


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


def require_schema(settings: Settings) -> None:
    """Raise a sentence when the database is not at the schema of this version."""
    with application(settings):
        if current_revision() != newest_revision():
            raise click.ClickException(
                "the database is not at the schema of this version: run « civic db upgrade » "
                "(a new town: « civic init », or « civic demo » to look around)."
            )


def require_queue() -> None:
    """Raise a sentence when the queue of the current application does not answer."""
    try:
        queue.opened().pending_count()
    except Exception as error:  # noqa: BLE001 (each store has errors of its own)
        raise click.ClickException(
            f"the queue does not answer ({error}): is what CIVIC_REDIS_URL or CIVIC_DATABASE_URL "
            "names running?"
        ) from None


class WorkerSupervisor:
    """Keeps one ``civic worker`` running beside the server."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="worker-supervisor", daemon=True)

    def start(self) -> None:
        """Start the worker, and start it again whenever it ends by itself."""
        signal.signal(signal.SIGTERM, self._on_signal)
        self._thread.start()

    def stop(self) -> None:
        """End the worker and wait for it."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_AFTER_S)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(STOP_AFTER_S)

    def _watch(self) -> None:
        while not self._stopping.is_set():
            # In a group of its own: Ctrl-C is for the server, which then ends the worker.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "civic", "worker"], process_group=0
            )
            self._process.wait()
            self._stopping.wait(RESTART_AFTER_S)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop()
        raise SystemExit(0)
