"""Rules about the code itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CIVIC = ROOT / "civic"
SOURCES = sorted(CIVIC.rglob("*.py"))
QUERIES = ("get_", "find_", "list_", "count_", "is_", "has_")
STATEMENTS = ("Select", "ColumnElement")
ASKS = {"select", "scalar", "scalars", "execute"}
BANNED = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}

pytestmark = pytest.mark.architecture


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def test_only_the_database_package_imports_what_belongs_to_one_engine() -> None:
    of_one = ("sqlite3", "psycopg", "sqlalchemy.dialects")
    importing = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if CIVIC / "database" not in path.parents
        and any(name.startswith(of_one) for name in imports(path))
    ]
    assert importing == []


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{node.name}": lines
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > 50
    }
    assert long == {}


def test_a_query_is_named_after_what_it_gives() -> None:
    """Who reads is named get_, find_, list_ or count_; a statement to be run is not run yet."""
    misnamed = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in SOURCES
        if "queries" in {path.stem, path.parent.name}
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and "session" in {argument.arg for argument in node.args.args}
        and not node.name.startswith(("_", *QUERIES))
        and not (node.returns and ast.unparse(node.returns).startswith(STATEMENTS))
    ]
    assert misnamed == []


def test_views_hold_no_queries() -> None:
    asking = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        if "views" in {path.stem, path.parent.name}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in ASKS
    ]
    assert asking == []


def test_no_module_is_named_after_nothing() -> None:
    assert [path for path in SOURCES if path.stem in BANNED or path.parent.name in BANNED] == []


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in SOURCES
    }
    assert {name: lines for name, lines in long.items() if lines > 400} == {}


def test_operations_never_commit() -> None:
    for path in SOURCES:
        inside = "operations" in path.parts or path.name == "operations.py"
        if inside:
            assert ".commit()" not in path.read_text(encoding="utf-8"), path


def imports_inside_functions(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.ImportFrom) and (inner.module or "").startswith("civic"):
                    yield f"{path.relative_to(ROOT)}:{inner.lineno}"


def test_nothing_of_ours_is_imported_lazily() -> None:
    assert [place for path in SOURCES for place in imports_inside_functions(path)] == []


def test_no_page_has_inline_code() -> None:
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|\shx-|data-hx-on", re.IGNORECASE
    )
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in (CIVIC / "templates").rglob("*.html")
        if "mail" not in path.relative_to(CIVIC / "templates").as_posix()
        for match in inline.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_nothing_committed_names_a_package_registry() -> None:
    hosts = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|deb\.debian\.org", re.IGNORECASE)
    checked = [
        ROOT / name
        for name in ("pyproject.toml", "Makefile", "package-lock.json", ".npmrc", "README.md")
        if (ROOT / name).exists()
    ]
    checked += [*(ROOT / "requirements").glob("*"), *(ROOT / "docs").rglob("*.md")]
    assert [path for path in checked if hosts.search(path.read_text(encoding="utf-8"))] == []


PAST_THE_SESSION = {
    "accounts/networks.py": "keys of networks",
    "administration/operations/changes.py": "takes the next version of a setting",
    "contributions/counters.py": "counters and heat, which are not on the map",
    "contributions/personal_data.py": "keys of the author",
    "demo/records.py": "the demo notes everything in the end",
    "demo/sample.py": "the demo notes everything in the end",
    "imports/comments.py": "a counter",
    "imports/load.py": "notes the ids",
    "moderation/operations/merging.py": "a counter, and rows of votes and follows",
    "places/reassigning.py": "tells who is registered",
}
"""Statements that the log of the map does not hear, and why that is right."""


def writes_past_the_session(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        is_named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if is_named and node.func.id in {"update", "delete", "insert", "insert_rows"}:
            named = {part.id for arg in node.args for part in ast.walk(arg) if hasattr(part, "id")}
            if named & {"Contribution", "Action", "model", "table", "contribution"} or any(
                name.startswith("_") and name.isupper() for name in named
            ):
                yield path.relative_to(CIVIC).as_posix()


def test_what_is_written_past_the_session_is_told_to_the_map() -> None:
    outside = [path for path in SOURCES if CIVIC / "database" not in path.parents]
    found = {place for path in outside for place in writes_past_the_session(path)}
    assert found == PAST_THE_SESSION.keys()


def test_the_history_of_the_schema_is_one_line() -> None:
    said: dict[str, str] = {}
    for path in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        written = path.read_text(encoding="utf-8")
        found = re.findall(r"^(?:down_)?revision = [\"']?(\w+)[\"']?$", written, re.MULTILINE)
        revision, before = found
        assert path.stem.startswith(f"{revision}_"), path
        assert before not in said, f"{path} and {said[before]} follow {before} both"
        said[before] = path.name
    assert "None" in said


def test_no_journey_waits_for_an_idle_network_or_by_eval() -> None:
    """An idle network does not say that a page is done; its policy forbids what waits by eval."""
    forbidden = ("networkidle", "wait_for_function")
    journeys = sorted((ROOT / "tests" / "e2e").glob("*.py"))
    assert journeys
    found = [
        f"{path.name}: {word}"
        for path in journeys
        for word in forbidden
        if word in path.read_text(encoding="utf-8")
    ]
    assert found == []
