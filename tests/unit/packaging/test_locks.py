"""The locks pin everything by hash, agree with one another, and name no host."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOCKS = ("run", "test", "build", "audit")


def pins(lock: str) -> set[str]:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?(==[^\s;\\]+)", text, re.MULTILINE)
    return {name + version for name, version in found}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_pins_every_package_by_hash(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    packages = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert packages
    assert [package for package in packages if "--hash=sha256:" not in package] == []


def test_tests_run_with_the_versions_that_towns_run() -> None:
    assert pins("run") <= pins("test")


def test_the_extras_of_a_package_stay_in_its_lock() -> None:
    """Without them pip before 23.1 takes `coverage[toml]` for a package that nobody pinned."""
    text = (ROOT / "requirements" / "test.txt").read_text("utf-8")
    assert re.search(r"^coverage\[toml\]==", text, re.MULTILINE)
    assert re.search(r"^psycopg\[binary, ?pool\]==", text, re.MULTILINE)


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    locked = {pin.partition("==")[0].lower() for pin in pins("test")}
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {re.split(r"[^A-Za-z0-9._-]", entry)[0].lower() for entry in wanted}
    assert names - locked == set(), "run: make lock"


def test_the_lock_of_the_front_end_files_names_no_host() -> None:
    lock = (ROOT / "package-lock.json").read_text("utf-8")
    assert "://" not in lock
    packages = {path: entry for path, entry in json.loads(lock)["packages"].items() if path}
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
