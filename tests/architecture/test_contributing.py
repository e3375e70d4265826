"""The files that CONTRIBUTING.md sends a newcomer to are there."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.architecture

ROOT = Path(__file__).parents[2]


def test_every_file_that_it_names_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`((?:civic|tests|migrations|docs)/[\w./-]+|\.[\w./-]+)`", text)
    named += re.findall(r"\]\(([\w./-]+)\)", text)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_ten_questions_are_answered() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = re.search(r"## Ten questions\n(.*?)\n## ", text, re.DOTALL)
    assert rows is not None
    answers = [row for row in rows[1].splitlines() if row.startswith("|")][2:]
    assert len(answers) == 10
    assert all("`civic/" in answer or "`migrations/" in answer for answer in answers)
