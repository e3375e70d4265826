"""What civic imports is declared, and what is declared is used."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

pytestmark = pytest.mark.architecture

ROOT = Path(__file__).parents[2]
OURS = {"civic", "civic_vendor"}
NOT_IMPORTED = {
    "psycopg": "SQLAlchemy's driver, named in the address of the database",
    "tzdata": "zoneinfo looks for it where the system has no zones",
    "boto3": "imported by name where photos are in a bucket",
    "httptools": "uvicorn's parser, asked for by name in civic/serving",
    "uvloop": "uvicorn's loop, the same",
    "redis": "Flask-Limiter imports it where there is a Redis",
}
PARTS = {"botocore": "boto3"}
"""A module of a package that comes with another, of the same maker and version."""


def folded(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["redis"], *extras["s3"]]
    names = (re.match(r"[A-Za-z0-9._-]+", one) for one in wanted)
    return {folded(name[0]) for name in names if name}


def imported() -> dict[str, str]:
    """Return each imported top-level module of others, with a file that imports it."""
    found: dict[str, str] = {}
    for path in (ROOT / "civic").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
                names = [a.value for a in node.args if isinstance(a, ast.Constant)]
            for name in names:
                found.setdefault(name.partition(".")[0], str(path.relative_to(ROOT)))
    found = {PARTS.get(name, name): where for name, where in found.items()}
    return {n: where for n, where in found.items() if n not in sys.stdlib_module_names | OURS}


def test_what_is_imported_is_declared() -> None:
    dists, known = packages_distributions(), declared()
    undeclared = {
        name: where
        for name, where in imported().items()
        if known.isdisjoint(folded(dist) for dist in dists.get(name, [name]))
    }
    assert undeclared == {}


def test_what_is_declared_is_used() -> None:
    dists = packages_distributions()
    used = {folded(dist) for name in imported() for dist in dists.get(name, [name])}
    assert declared() - used - NOT_IMPORTED.keys() == set()
