"""What a newcomer types: every target is listed, and a machine that lacks something says so."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAMS = ("awk", "cat", "cmp", "cp", "df", "dirname", "env", "grep", "mkdir", "rm", "sh", "tail")
TARGETS = {
    "audit",
    "bench",
    "clean",
    "format",
    "help",
    "install",
    "lint",
    "lock",
    "migration",
    "mutants",
    "run",
    "test",
    "translations",
}


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout's Makefile and tools, on a machine that has nothing but POSIX programs."""
    checkout = tmp_path / "checkout"
    (checkout / "tools").mkdir(parents=True)
    (checkout / "requirements").mkdir()
    shutil.copy(ROOT / "tools/install.sh", checkout / "tools")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in PROGRAMS:
        found = shutil.which(name)
        assert found
        (programs / name).symlink_to(found)
    return checkout


def python_that(machine: Path, script: str) -> None:
    program = machine.parent / "bin" / "python3"
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o755)


def install(machine: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(machine.parent / "bin"), "HOME": str(machine.parent)}
    return subprocess.run(
        ["sh", "tools/install.sh", "run"],
        cwd=machine,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_all_targets() -> None:
    make = shutil.which("make")
    if not make:
        pytest.skip("make is not installed")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    said = subprocess.run(
        [make, "help"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert {line.split()[1] for line in said.splitlines()} == TARGETS


def test_no_python_is_said_in_a_sentence(machine: Path) -> None:
    result = install(machine)
    assert result.returncode == 1
    assert result.stderr.startswith("civic: Python 3.11 or newer is needed, and none was found.")


def test_an_old_python_is_said_with_its_version(machine: Path) -> None:
    python_that(machine, 'case "$2" in *platform*) echo 3.9.2 ;; *) exit 1 ;; esac')
    result = install(machine)
    assert result.returncode == 1
    assert "3.11 or newer is needed, and python3 is Python 3.9.2." in result.stderr
    assert "Traceback" not in result.stderr


def test_a_python_without_its_venv_module_is_said(machine: Path) -> None:
    python_that(machine, 'case "$2" in *ensurepip*) exit 1 ;; *) exit 0 ;; esac')
    result = install(machine)
    assert result.returncode == 1
    assert "apt install python3-venv" in result.stderr
    assert not (machine / ".venv").exists()


def test_a_full_disk_is_said_before_anything_is_installed(machine: Path) -> None:
    python_that(machine, "exit 0")
    df = machine.parent / "bin" / "df"
    df.unlink()
    df.write_text("#!/bin/sh\necho header\necho /dev/x 1000000 980000 20480 98% /\n", "utf-8")
    df.chmod(0o755)
    result = install(machine)
    assert result.returncode == 1
    assert "the disk is nearly full: 20 MiB are free" in result.stderr
    assert not (machine / ".venv").exists()
