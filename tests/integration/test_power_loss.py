"""What is answered is on the disk: each answer to a write comes after its fsync, seen by strace."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask

from tests.integration.test_serving import Served
from tests.serving import wait_until

pytestmark = [
    pytest.mark.audit,
    pytest.mark.skipif(not shutil.which("strace"), reason="strace is missing"),
]
CALLS = "trace=fsync,fdatasync,sendto,sendmsg,write,writev"
WRITES = 12
SYNC = re.compile(r"(fsync|fdatasync)\(\d+<[^>]*\.db(-wal)?>\) += 0|(fsync|fdatasync) resumed")
ANSWER = re.compile(r"HTTP/1\.1 303")


@pytest.fixture
def traced(app: Flask, engine_name: str, tmp_path: Path) -> Iterator[tuple[Served, Path]]:
    if engine_name != "sqlite":
        pytest.skip("the other engine has its own way, and its operator")
    url = f"sqlite:///{tmp_path / 'civic.db'}"
    shutil.copy(app.extensions["template"], tmp_path / "civic.db")
    trace = tmp_path / "trace"
    with Served(tmp_path, url) as served:
        pids = [word for pid in served.processes() for word in ("-p", str(pid))]
        command = ["strace", "-f", "-y", "-s", "40", "-e", CALLS, "-o", str(trace), *pids]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
            assert tracer.stderr is not None
            for _ in served.processes():
                assert "attached" in tracer.stderr.readline()
            yield served, trace
            tracer.terminate()


def test_every_answer_to_a_write_comes_after_an_fsync(traced: tuple[Served, Path]) -> None:
    served, trace = traced
    for number in range(WRITES):
        assert _ask_for_a_code(served.port, number) == 303
    wait_until(lambda: len(ANSWER.findall(trace.read_text())) >= WRITES)
    synced, answered = False, 0
    for line in trace.read_text().splitlines():
        if SYNC.search(line):
            synced = True
        elif ANSWER.search(line):
            assert synced, f"answer {answered} before its fsync: {line}"
            synced, answered = False, answered + 1
    assert answered == WRITES


def _ask_for_a_code(port: int, number: int) -> int:
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", "/sign-in")
        page = connection.getresponse()
        text = page.read().decode()
        cookies = [value for name, value in page.getheaders() if name.lower() == "set-cookie"]
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
        assert token is not None
        body = urlencode({"csrf_token": token[1], "email": f"ana{number}@example.org"})
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(cookie.partition(";")[0] for cookie in cookies),
        }
        connection.request("POST", "/sign-in", body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
