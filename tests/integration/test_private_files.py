"""What is in the data folder is for its owner alone, whatever umask civic was started with."""

import json
import os
import subprocess
import sys
from pathlib import Path
from stat import S_IMODE

import pytest

OUTLINE = {
    "type": "Polygon",
    "coordinates": [[[-1.8, 48.0], [-1.5, 48.0], [-1.5, 48.2], [-1.8, 48.2], [-1.8, 48.0]]],
}
FILL = """
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
import os, sys

from civic.app import create_app
from civic.database import utcnow
from civic.extensions import db
from civic.notifications.transports import transport_of
from civic.storage import file_store
from sqlalchemy import text

app = create_app()
with app.app_context():
    settings = app.extensions["civic_settings"]
    file_store().put("ab/cd/photo.jpg", b"photo", "image/jpeg")
    message = EmailMessage()
    message["Date"] = format_datetime(utcnow())
    message["Message-ID"] = "<one@localhost>"
    message.set_content("Bonjour")
    transport_of(settings).send(message)
    db.session.execute(text("UPDATE town SET name = 'Autre'"))
    db.session.commit()
    assert (settings.data_dir / "civic.db-wal").stat().st_size
    for path in sorted(settings.data_dir.rglob("*")):
        print(f"{path.stat().st_mode & 0o777:o} {path.relative_to(settings.data_dir)}")
"""


def run(data: Path, *command: str, umask: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, "CIVIC_DATA_DIR": str(data)},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 3}, done.stderr
    return done.stdout


def init(data: Path, folder: Path) -> None:
    outline = folder / "outline.geojson"
    outline.write_text(json.dumps(OUTLINE))
    words = ["--name", "Village", "--outline", str(outline), "--admin", "maire@example.org"]
    run(data, "-m", "civic", "init", *words)


def mode(path: Path) -> int:
    return S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("is_there", [False, True])
def test_with_an_open_umask(tmp_path: Path, *, is_there: bool) -> None:
    data = tmp_path / "data"
    if is_there:
        data.mkdir()
        data.chmod(0o777)
    init(data, tmp_path)
    rows = tmp_path / "old.csv"
    rows.write_text("id,title,category,lat,lon,submitted_at\n1,,Voirie,48.1,-1.6,2020-01-01\n")
    run(data, "-m", "civic", "import", "incidents", str(rows))
    found = dict(line.split(" ", 1)[::-1] for line in run(data, "-c", FILL).splitlines())
    assert {name.split("/")[0] for name in found} >= {
        "civic.db",
        "civic.db-wal",
        "civic.db-shm",
        "mail",
        "photos",
        "rejects",
        "secret_key",
        "settings.env",
    }
    assert mode(data) == 0o700
    for name, found_mode in found.items():
        expected = "700" if (data / name).is_dir() else "600"
        assert found_mode == expected, name


def test_an_upgrade_closes_what_was_open(tmp_path: Path) -> None:
    data = tmp_path / "data"
    init(data, tmp_path)
    (data / "mail").mkdir()
    (data / "mail" / "20260101T000000-x.eml").write_text("To: jean@example.org")
    for path in data.rglob("*"):
        path.chmod(0o777 if path.is_dir() else 0o666)
    run(data, "-m", "civic", "db", "upgrade")
    for path in data.rglob("*"):
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path


def test_a_folder_that_is_shared_stays_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    init(shared, tmp_path)
    assert mode(shared) == 0o1777
    assert mode(shared / "civic.db") == 0o600
