"""Servers as in production, each in a process of its own, on a free port of this machine."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_WITHIN_S = 60


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def civic_server(data_dir: Path, database_url: str, *, worker: bool = False) -> Iterator[int]:
    """Serve the town with one process per core, with a worker or without; yield the port."""
    port = free_port()
    environ = {
        **os.environ,
        "CIVIC_DATA_DIR": str(data_dir),
        "CIVIC_DATABASE_URL": database_url,
        "CIVIC_PORT": str(port),
        "CIVIC_RATE_LIMITS": "no",
    }
    command = [sys.executable, "-m", "civic", "serve", "--worker" if worker else "--no-worker"]
    with _running(command, environ, port):
        yield port


@contextmanager
def plain_server(factory: str, **environ: str) -> Iterator[int]:
    """Serve the WSGI app that ``factory`` makes in the very same way; yield the port."""
    port = free_port()
    command = [sys.executable, "-m", "bench.plain", factory, str(port)]
    with _running(command, {**os.environ, **environ}, port):
        yield port


@contextmanager
def _running(command: list[str], environ: dict[str, str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, env=environ, start_new_session=True)
    try:
        _wait(process, port)
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            # Its workers with it.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + START_WITHIN_S
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError("the server stopped while starting")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                if connection.recv(12).endswith(b"200"):
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")
