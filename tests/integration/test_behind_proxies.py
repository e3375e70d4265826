"""The proxies of docs/operate.md, as written there, before the town: slow clients stop nobody."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from civic.extensions import db
from tests.factories import make_contribution, make_many
from tests.integration.test_serving import Served
from tests.servers import free_port
from tests.serving import Client, get, head, slow_sender, wait_until

pytestmark = [pytest.mark.audit, pytest.mark.xdist_group("serving")]
DOCUMENT = Path(__file__).parents[2] / "docs" / "operate.md"
LONG = "Le trottoir est défoncé devant le portail. " * 100
NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 2;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    {server}
}}
"""


def of_the_document(language: str) -> str:
    """The snippet of the document in ``language``."""
    [snippet] = re.findall(
        rf"```{language}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL
    )
    return str(snippet)


def nginx(folder: Path, port: int, town: int) -> list[str]:
    server = of_the_document("nginx").replace("127.0.0.1:8000", f"127.0.0.1:{town}")
    server = re.sub(r"ssl_.*\n", "\n", server.replace("listen 443 ssl;", f"listen {port};"))
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, server=server))
    return ["nginx", "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, port: int, town: int) -> list[str]:
    site = of_the_document("caddyfile").replace("127.0.0.1:8000", f"127.0.0.1:{town}")
    site = site.replace("signaler.village.example", f"http://127.0.0.1:{port}")
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n}}\n{site}")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


@contextmanager
def proxy(command: list[str], folder: Path, port: int) -> Iterator[None]:
    with (folder / "proxy.log").open("wb") as log:
        environ = {"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/bin"}
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environ)
    try:
        wait_until(lambda: process.poll() is not None or _answers(port), 30)
        assert process.poll() is None, (folder / "proxy.log").read_text()
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def front(
    request: pytest.FixtureRequest, app: Flask, session: Session, town: Any, tmp_path: Path
) -> Iterator[int]:
    """The port of a proxy before a town whose files fit no buffer."""
    if shutil.which(request.param.__name__) is None:
        pytest.skip(f"{request.param.__name__} is not installed")
    make_many(session, make_contribution(session), 5_000, body=LONG)
    session.rollback()
    url = db.engine.url.render_as_string(hide_password=False)
    folder, port = tmp_path / "proxy", free_port()
    folder.mkdir()
    address = f"http://127.0.0.1:{port}"
    settings = {"CIVIC_PROXIES": "1", "CIVIC_PUBLIC_URL": address}
    with (
        Served(tmp_path, url, "--no-worker", **settings) as served,
        proxy(request.param(folder, port, served.port), folder, port),
    ):
        yield port


def test_slow_senders_and_readers_stop_nobody(front: int) -> None:
    with ExitStack() as open_:
        senders = [open_.enter_context(slow_sender(front, "/sign-in")) for _ in range(100)]
        for _ in range(20):
            reader = open_.enter_context(Client(front, receive_buffer=4_096))
            reader.send(head("GET", "/open-data/contributions.csv"))
        late = []
        for turn in range(5):
            for path in ("/", "/healthz", "/readyz", f"/incidents?page={turn}"):
                began = time.monotonic()
                assert get(front, path)[0] == 200
                if time.monotonic() - began > 4:
                    late.append(path)
            for sender in senders:
                sender.send(b"b")
    assert late == []


def test_links_lead_where_residents_are(front: int) -> None:
    _, page = get(front, "/incidents")
    assert f'href="http://127.0.0.1:{front}/incidents'.encode() in page


def _answers(port: int) -> bool:
    try:
        return get(port, "/healthz")[0] == 200
    except (OSError, AssertionError, ValueError):
        return False
