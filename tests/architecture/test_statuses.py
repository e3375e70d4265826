"""Statuses are named by their enums: a misspelt one is found before anybody waits for it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from civic.actions.workflow import ActionStatus
from civic.contributions.workflow import CommonStatus
from civic.ideas.workflow import IdeaStatus
from civic.incidents.workflow import IncidentStatus

CIVIC = Path(__file__).parents[2] / "civic"
CODES = {code.value for kind in (IncidentStatus, IdeaStatus, ActionStatus) for code in kind}
HOLD_A_STATUS = ("status", "to_status", "from_status", "to")
TAKE_A_STATUS = {"move", "step", "_move", "_step", "report_step", "edge", "_sweep", "Edge"}

pytestmark = pytest.mark.architecture


def bare_statuses(tree: ast.AST) -> Iterator[ast.Constant]:
    """Yield the texts that are compared with a status or given where one is wanted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
            if any(_is_status(part) for part in parts):
                yield from (one for part in parts for one in ast.walk(part) if _is_code(one))
        elif isinstance(node, ast.Call):
            yield from (one for one in _given(node) if _is_code(one))


def _given(call: ast.Call) -> Iterator[ast.AST]:
    named = [word.value for word in call.keywords if word.arg in HOLD_A_STATUS]
    method = call.func
    if isinstance(method, ast.Attribute) and method.attr == "in_" and _is_status(method.value):
        named += call.args
    name = method.attr if isinstance(method, ast.Attribute) else getattr(method, "id", "")
    if name in TAKE_A_STATUS:
        named += call.args
    for value in named:
        yield from ast.walk(value)


def _is_status(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in HOLD_A_STATUS


def _is_code(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value in CODES


def test_no_status_is_a_bare_text() -> None:
    found = [
        f"{path.relative_to(CIVIC)}:{node.lineno} {node.value}"
        for path in sorted(CIVIC.rglob("*.py"))
        for node in bare_statuses(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        'incident.status == "resolved"',
        'select(StatusChange).where(StatusChange.to_status == "resolved")',
        'Action.status.in_(["planned", "scheduled"])',
        'move(session, incident, "contested", actor=actor)',
        'Action(status="planned")',
        'row.status in {"accepted", "done"}',
    ],
)
def test_a_bare_status_is_found(text: str) -> None:
    assert list(bare_statuses(ast.parse(text)))


@pytest.mark.parametrize("kind", [IncidentStatus, IdeaStatus])
def test_every_kind_has_what_all_have(kind: type[IncidentStatus | IdeaStatus]) -> None:
    assert {code.value for code in CommonStatus} <= {code.value for code in kind}
