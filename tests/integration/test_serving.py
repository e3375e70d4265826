"""``civic serve`` as it runs: its processes, and clients that would stop it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

import pytest
from flask import Flask

from civic.extensions import db
from tests.servers import free_port
from tests.serving import Client, get, head, slow_sender, wait_until

START_WITHIN_S = 90
STOP_WITHIN_S = 12
pytestmark = pytest.mark.xdist_group("serving")


class Served:
    """A town that is served by two processes and a worker."""

    def __init__(self, folder: Path, database_url: str, *more: str, **settings: str) -> None:
        self.port = free_port()
        self.log = folder / "serve.log"
        environ = {
            **os.environ,
            "CIVIC_DATA_DIR": str(folder),
            "CIVIC_DATABASE_URL": database_url,
            "CIVIC_PORT": str(self.port),
            "CIVIC_WORKERS": "2",
            "CIVIC_RATE_LIMITS": "no",
            **settings,
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "civic", "serve", *more],
                env=environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        end = time.monotonic() + START_WITHIN_S
        while not self._is_ready():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_WITHIN_S)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def processes(self) -> set[int]:
        """The processes that the supervisor started and that are there."""
        tasks = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(pid) for pid in tasks.read_text().split()}

    def _is_ready(self) -> bool:
        try:
            return get(self.port, "/readyz")[0] == 200
        except (OSError, AssertionError):
            return False


@pytest.fixture
def served(
    app: Flask, town: Any, tmp_path: Path, engine_name: str, request: pytest.FixtureRequest
) -> Iterator[Served]:
    marked = any(request.node.get_closest_marker(name) for name in ("slow", "postgresql"))
    if engine_name != "sqlite" and not marked:
        pytest.skip("the engine has no part in it")
    db.session.commit()
    url = db.engine.url.render_as_string(hide_password=False)
    with Served(tmp_path, url) as served:
        yield served


@pytest.mark.postgresql
def test_processes_share_no_connection_to_the_database(served: Served) -> None:
    """What one asks another must not read: a copy of an open connection mixes up their answers."""
    held = Counter(link for pid in served.processes() for link in _sockets_of(pid))
    assert len(served.processes()) > 1
    assert not {link for link, number in held.items() if number > 1} - _listening()


def _sockets_of(pid: int) -> set[str]:
    links = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            # What it was started with is the caller's.
            links |= {str(path.readlink())} if int(path.name) > 2 else set()
    return {link for link in links if link.startswith("socket:")}


def _listening() -> set[str]:
    tables = [Path(f"/proc/net/{name}").read_text(encoding="ascii") for name in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table.splitlines()]
    return {f"socket:[{row[9]}]" for row in rows if row[3] == "0A"}


@pytest.mark.slow
def test_a_hundred_slow_senders_stop_nobody(served: Served) -> None:
    late = []
    with ExitStack() as open_:
        senders = [
            open_.enter_context(slow_sender(served.port, path))
            for _ in range(50)
            for path in ("/sign-in", "/incidents/new/place")
        ]
        for turn in range(5):
            for path in ("/", "/healthz", "/readyz", f"/incidents?page={turn}", "/ideas?lang=en"):
                began = time.monotonic()
                assert get(served.port, path)[0] == 200
                if time.monotonic() - began > 4:
                    late.append(path)
            for sender in senders:
                sender.send(b"b")
        assert not any(sender.is_closed() for sender in senders)
    assert late == []


def test_what_ends_is_started_anew_and_all_end_together(served: Served) -> None:
    first = served.processes()
    assert len(first) == 3
    for pid in first:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(served.processes() - first) == 3, START_WITHIN_S)
    wait_until(lambda: _answers(served.port), START_WITHIN_S)
    second = served.processes()
    with slow_sender(served.port):
        began = time.monotonic()
        served.process.terminate()
        served.process.wait(STOP_WITHIN_S)
    assert time.monotonic() - began < STOP_WITHIN_S
    assert not any(_is_there(pid) for pid in second)


def test_they_end_with_a_supervisor_that_is_killed(served: Served) -> None:
    processes = served.processes()
    served.process.kill()
    wait_until(lambda: not any(_is_there(pid) for pid in processes), STOP_WITHIN_S)


def test_the_server_refuses_in_the_words_of_the_town(served: Served) -> None:
    for language, words in (("fr", "n’a pas pu être lue"), ("en", "could not be read")):
        with Client(served.port) as client:
            asked = head("POST", "/sign-in", f"Accept-Language: {language}", "Host: elsewhere")
            said = client.send(asked).rest().decode()
        assert said.startswith("HTTP/1.1 400")
        assert re.search(r"(?i)content-security-policy: default-src 'none'", said)
        assert f'lang="{language}"' in said
        assert words in said
    with Client(served.port) as client:
        kind = "Content-Type: multipart/form-data; boundary=x"
        asked = head("POST", "/incidents/new", kind, "Content-Length: 900000000")
        status, page = client.send(asked, b"a" * 1_000).answer()
    assert status == 413
    assert "trop lourd" in page.decode()


def _answers(port: int) -> bool:
    try:
        return all(get(port)[0] == 200 for _ in range(20))
    except (OSError, AssertionError):
        return False


def _is_there(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
