"""What a process has one of is safe among sixteen threads."""

import random
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from civic.calendar import _public_holidays
from civic.database import table_of, writing
from civic.database.watch import Unchanged
from civic.extensions import db
from civic.taxonomy.models import Department
from civic.text import markdown, snippets, stems
from civic.web.page_cache import MOST_BYTES
from tests.factories import make_contribution

THREADS = 16


@pytest.fixture(autouse=True)
def often() -> Iterator[None]:
    """Switch between threads as often as possible."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def together(work: Callable[[int], Any]) -> list[Any]:
    """Do the work sixteen times at once."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, range(THREADS)))


def test_answers_that_are_kept_are_those_to_the_question() -> None:
    kept = Unchanged[int, tuple[int, int]](5)

    def ask(seed: int) -> None:
        drawn = random.Random(seed)
        for _ in range(2_000):
            asked, stamp = drawn.randrange(20), drawn.randrange(3)
            assert kept.look_up(asked, stamp, lambda a=asked, s=stamp: (a, s)) == (asked, stamp)

    together(ask)
    assert len(kept._kept) <= 5


WORDS = [
    "cassées",
    "lampadaires",
    "nationaux",
    "streets",
    "lighting",
    "réparations",
    "voirie",
    "chevaux",
    "fixed",
    "bins",
]


@pytest.mark.parametrize(
    ("answer", "forget"),
    [
        (lambda word: stems.stems(f"{word} {word}s", ("fr", "en")), stems._stems_of.cache_clear),
        (lambda word: markdown.render_markdown(f"**{word}** [a](https://a.example)"), lambda: None),
        (lambda word: snippets.snippet(f"un {word} ici", word), lambda: None),
        (
            lambda word: sorted(_public_holidays(("", "57", "974")[len(word) % 3])),
            _public_holidays.cache_clear,
        ),
    ],
)
def test_pure_functions_answer_the_same(answer: Callable[[str], Any], forget: Any) -> None:
    words = [f"{word}{suffix}" for word in WORDS for suffix in ("", "e", "ment", "s")]
    forget()
    alone = [answer(word) for word in words]
    for _ in range(3):
        forget()
        assert together(lambda seed: [answer(word) for word in words]) == [alone] * THREADS


def test_pages_are_whole_and_true_while_somebody_writes(
    app: Flask, session: Session, town: Any
) -> None:
    incident = make_contribution(session, title="Banc cassé")
    session.commit()
    table = table_of(Department)
    paths = ["/", "/incidents", "/ideas", "/map", f"/incidents/{incident.reference}", "/areas"]

    def visit(seed: int) -> list[int]:
        drawn = random.Random(seed)
        browser = FlaskClient(app, Response, use_cookies=False)
        statuses = []
        for turn in range(6):
            if seed == 0:
                with writing(), db_engine.begin() as connection:
                    connection.execute(update(table).values(name_en=f"Roads {turn}"))
            path = drawn.choice(paths)
            page = browser.get(path, query_string={"page": drawn.randrange(1, 3)})
            assert page.text.rstrip().endswith("</html>"), path
            statuses.append(page.status_code)
        return statuses

    db_engine = db.engine
    statuses = together(lambda seed: Context().run(visit, seed))
    assert {code for some in statuses for code in some} <= {200}
    front = app.extensions["civic_front"]
    assert front._bytes == sum(page.size for page in front._pages.values()) <= MOST_BYTES
