"""A town that really runs: a server, a worker, a data folder, and a way to look behind them."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.accounts.operations import begin_session
from civic.app import create_app
from civic.database import utcnow
from civic.extensions import db
from civic.notifications.models import OutgoingEmail
from civic.settings import Settings
from tests.factories import make_account

START_WITHIN_S = 60
STOP_WITHIN_S = 15


class LiveTown:
    """The town's address, its processes, and its database as the tests may read and write it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "CIVIC_DATA_DIR": str(data_dir),
            "CIVIC_PORT": str(self.port),
            "CIVIC_PUBLIC_URL": self.url,
            "CIVIC_WORKERS": "2",
            "CIVIC_RATE_LIMITS": "no",
            "CIVIC_PROXIES": "1",
            "CIVIC_TILES": "none",
            "CIVIC_DEMO": "yes",
            "CIVIC_LOG_LEVEL": "WARNING",
        }
        self.app: Flask = create_app(Settings.from_environment(self.environment))
        self._processes: list[subprocess.Popen[bytes]] = []

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session on the database of the running town, committed at the end."""
        with self.app.app_context():
            session = db.session()
            yield session
            session.commit()
            db.session.remove()

    def serve(self) -> None:
        """Start the server, and wait until it answers."""
        process = self._start("serve", "--no-worker")
        end = time.monotonic() + START_WITHIN_S
        while not self._answers():
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the server did not start:\n{self.log('serve')}")
            time.sleep(0.1)

    def work(self) -> None:
        """Start the worker that sends the mails."""
        self._start("worker")

    def stop(self) -> None:
        """End what was started, and wait for it."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def log(self, name: str) -> str:
        """What a process wrote."""
        return (self.data_dir / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def newcomer(self) -> int:
        """The account of somebody who has not said anything yet."""
        with self.session() as session:
            return make_account(session).id

    def cookie_of(self, account_id: int) -> dict[str, Any]:
        """The cookie of somebody signed in, as the sign-in page sets it."""
        with self.session() as session:
            _, key = begin_session(session, session.get_one(Account, account_id))
            content = {"_user_id": key, "_fresh": True}
        signer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        return {
            "name": self.app.config["SESSION_COOKIE_NAME"],
            "value": signer.dumps(content),
            "url": self.url,
        }

    def mails_to(self, email: str, subject: str = "") -> list[EmailMessage]:
        """The mails that left for ``email``, the oldest first."""
        found = []
        for path in sorted((self.data_dir / "mail").glob("[0-9]*.eml")):
            mail = BytesParser(EmailMessage, policy=default).parsebytes(path.read_bytes())
            if mail["To"] == email and subject in mail["Subject"]:
                found.append(mail)
        return found

    def let_waiting_mails_leave(self) -> None:
        """Let what can be undone be ten minutes old: the worker's next round sends its mails."""
        with self.session() as session:
            session.execute(update(OutgoingEmail).values(next_try_at=utcnow()))

    def wait_for_mail(self, email: str, subject: str = "", count: int = 1) -> str:
        """The text of the last mail to ``email`` once ``count`` of them have come."""
        end = time.monotonic() + 90
        while len(mails := self.mails_to(email, subject)) < count:
            assert time.monotonic() < end, f"no mail to {email}:\n{self.log('worker')}"
            time.sleep(0.1)
        body = mails[-1].get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    def path_in(self, mail: str, pattern: str) -> str:
        """The address in ``mail`` whose path matches ``pattern``."""
        found = re.search(rf"{re.escape(self.url)}({pattern})", mail)
        assert found, f"no {pattern} in:\n{mail}"
        return found[1]

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("CIVIC_")}
        with (self.data_dir / f"{command[0]}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "civic", *command],
                env=inherited | self.environment,
                cwd=Path(__file__).parents[2],
                stdout=log,
                stderr=log,
            )
        self._processes.append(process)
        return process

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
