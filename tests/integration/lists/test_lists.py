"""Lists: complete, in order, stable while people vote, and cheap whatever is stored."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from sqlalchemy import update
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, VISITOR
from civic.contributions import operations
from civic.contributions.hotness import hot_initial
from civic.contributions.models import Contribution
from civic.database import utcnow
from civic.extensions import db
from civic.finding.filters import ContributionFilter, Sort
from civic.lists.pages import Cursor, Page
from civic.lists.queries import list_page
from civic.places.addresses import import_addresses
from civic.places.geometry import Position, haversine_m
from civic.places.models import Town
from tests.factories import make_account, make_contribution
from tests.queries import counting

START = datetime(2026, 1, 1, tzinfo=UTC)
SORTS = [Sort.HOT, Sort.NEWEST, Sort.SUPPORTED, Sort.DISCUSSED, Sort.WAITING, Sort.NEAR]
COUNT = 22
HERE = Position(48.11, -1.68)


@pytest.fixture
def ideas(session: Session, town: Town) -> list[Contribution]:
    """Ideas of different age, support and place, some of them with equal numbers."""
    drawn = random.Random(7)
    made = []
    for number in range(COUNT):
        position = Position(48.1001 + drawn.random() * 0.019, -1.6999 + drawn.random() * 0.039)
        made.append(make_contribution(session, "idea", title=f"Idée {number}", position=position))
    for number, contribution in enumerate(made):
        at = START + timedelta(days=number // 2)
        votes = drawn.choice([0, 0, 1, 5, 5, 30])
        session.execute(
            update(Contribution)
            .where(Contribution.id == contribution.id)
            .values(
                submitted_at=at,
                vote_count=votes,
                comment_count=drawn.choice([0, 0, 2]),
                hot=hot_initial(at) + votes,
            )
        )
    session.commit()
    session.expire_all()
    return made


def asked(sort: Sort, **more: Any) -> ContributionFilter:
    return ContributionFilter(kinds=("idea",), sort=sort, near=HERE, **more)


def pages(session: Session, start: ContributionFilter, size: int = 5) -> Iterator[Page]:
    cursor = ""
    while True:
        page = list_page(session, replace(start, cursor=cursor), VISITOR, size=size)
        yield page
        cursor = page.next_cursor
        if not cursor:
            return


def by_rank(page: Page) -> list[int]:
    return [item.row.id for item in page.items if not item.is_little_seen]


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_is_complete_and_says_its_total(
    session: Session, ideas: list[Contribution], sort: Sort
) -> None:
    found = list(pages(session, asked(sort)))
    met = [id for page in found for id in by_rank(page)]
    drawn = {item.row.id for page in found for item in page.items if item.is_little_seen}
    assert {*met, *drawn} == {item.id for item in ideas}
    assert len(met) == len(set(met))
    assert {page.total for page in found} == {COUNT}
    if sort is not Sort.HOT:
        assert len(met) == COUNT


def test_a_page_of_what_was_drawn_alone_still_leads_back(
    session: Session, ideas: list[Contribution]
) -> None:
    # Whom the draw takes hangs on the day: on some it is the very last one.
    for day in range(12):
        with time_machine.travel(utcnow() + timedelta(days=day), tick=False):
            _first, *others = pages(session, asked(Sort.HOT))
        assert all(page.previous_cursor for page in others)


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        (Sort.HOT, lambda row: (-row.hot, -row.id)),
        (Sort.NEWEST, lambda row: (-row.submitted_at.timestamp(), -row.id)),
        (Sort.SUPPORTED, lambda row: (-row.vote_count, -row.id)),
        (Sort.DISCUSSED, lambda row: (-row.comment_count, -row.id)),
        (Sort.WAITING, lambda row: (row.submitted_at.timestamp(), row.id)),
        (Sort.NEAR, lambda row: round(haversine_m(HERE, Position(row.lat, row.lon)), 3)),
    ],
)
def test_the_order_is_what_it_says(
    session: Session, ideas: list[Contribution], sort: Sort, key: Any
) -> None:
    rows = [
        item.row
        for page in pages(session, asked(sort))
        for item in page.items
        if not item.is_little_seen
    ]
    assert [row.id for row in rows] == [row.id for row in sorted(rows, key=key)]


@pytest.mark.parametrize("sort", SORTS)
def test_the_page_before_is_the_page_one_came_from(
    session: Session, ideas: list[Contribution], sort: Sort
) -> None:
    forward = [by_rank(page) for page in pages(session, asked(sort))]
    page = list(pages(session, asked(sort)))[-1]
    backward = [by_rank(page)]
    while page.previous_cursor:
        page = list_page(session, asked(sort, cursor=page.previous_cursor), VISITOR, size=5)
        backward.insert(0, by_rank(page))
    if sort is not Sort.HOT:
        assert backward == forward
    assert page.next_cursor


@pytest.mark.parametrize(
    ("sort", "seed"), [(Sort.HOT, 1), (Sort.HOT, 2), (Sort.SUPPORTED, 3), (Sort.DISCUSSED, 4)]
)
def test_nothing_untouched_is_skipped_while_people_vote(
    session: Session, ideas: list[Contribution], sort: Sort, seed: int
) -> None:
    drawn = random.Random(seed)
    touched: set[int] = set()
    met: list[int] = []
    anywhere: set[int] = set()
    for page in pages(session, asked(sort)):
        met += by_rank(page)
        anywhere |= {item.row.id for item in page.items}
        for other in drawn.sample(ideas, 4):
            touched.add(other.id)
            session.execute(
                update(Contribution)
                .where(Contribution.id == other.id)
                .values(
                    vote_count=Contribution.vote_count + drawn.choice([1, 9]),
                    comment_count=Contribution.comment_count + 1,
                    hot=Contribution.hot + drawn.random() * 3,
                )
            )
        new = make_contribution(session, "idea", title="Nouvelle")
        operations.hide(session, new, actor=SYSTEM)
    untouched = {item.id for item in ideas} - touched
    assert untouched <= anywhere
    assert all(met.count(id) <= 1 for id in untouched)


def test_the_first_two_places_are_never_drawn(session: Session, ideas: list[Contribution]) -> None:
    for page in pages(session, ContributionFilter(kinds=("idea",)), size=20):
        if page.next_cursor:
            assert not any(item.is_little_seen for item in page.items[:2])
            assert sum(item.is_little_seen for item in page.items) == 3
            assert all(item.row.vote_count <= 3 for item in page.items if item.is_little_seen)


def test_longest_waiting_is_about_what_is_open(session: Session, town: Town) -> None:
    make_contribution(session)
    done = make_contribution(session)
    session.execute(
        update(Contribution)
        .where(Contribution.id == done.id)
        .values(status="fixed", status_type="fixed")
    )
    session.commit()
    page = list_page(session, ContributionFilter(sort=Sort.WAITING), VISITOR)
    assert len(page.items) == 1


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "~" * 5,
        "hot~f~nan~1~20260101~1",
        "hot~f~1e999~1~20260101~1",
        "hot~f~1~9" + "9" * 40,
        "hot~f~1.5~2~20260231~1",
        f"newest~f~{10**30}~1~20260101~1",
        "newest~f~1~-4~20260101~1",
        "newest~b~x~1~20260101~1",
        "supported~f~99999999999~1~20260101~1",
    ],
)
def test_a_broken_cursor_is_the_first_page(cursor: str) -> None:
    assert not any(Cursor.parse(cursor, sort) for sort in SORTS)


def test_an_exact_reference_stands_first(session: Session, town: Town) -> None:
    wanted = make_contribution(session, title="Un trou")
    other = make_contribution(session, title="Encore", body=f"Comme {wanted.reference}.")
    page = list_page(session, ContributionFilter(text=wanted.reference.lower()), VISITOR)
    assert [item.row.id for item in page.items] == [wanted.id, other.id]


PAGES = [
    "/incidents",
    "/ideas",
    "/ideas?sort=supported&category=nature&area=est&type=open&department=voirie&period=30",
    "/incidents?sort=near&near=48.11,-1.68",
    "/search?q=lampadaire",
]


@pytest.mark.parametrize("url", PAGES)
def test_a_page_asks_at_most_six_questions(
    client: Any, session: Session, ideas: list[Contribution], url: str
) -> None:
    for _ in range(5):
        make_contribution(session)
    client.sign_in(make_account(session))
    client.get(url)
    session.close()
    with counting(db.engine) as statements:
        answer = client.get(url)
    assert answer.status_code == 200
    assert len(statements) <= 6, "\n\n".join(statements)


@pytest.mark.parametrize("url", PAGES)
def test_pages_are_whole_also_in_an_empty_town(client: Any, url: str) -> None:
    assert client.get(url).status_code == 200


def test_what_is_hidden_is_on_no_page(client: Any, session: Session) -> None:
    hidden = make_contribution(session, title="Perroquet")
    operations.hide(session, hidden, actor=SYSTEM)
    make_contribution(session, held=True, title="Perroquet")
    session.commit()
    for url in ("/incidents", "/search?q=perroquet", f"/search?q={hidden.reference}"):
        assert "Perroquet" not in client.get(url).get_data(as_text=True)
    assert "Perroquet" not in client.get("/open-data/contributions.csv").get_data(as_text=True)
    assert hidden.reference not in client.get("/sitemap-1.xml").get_data(as_text=True)


def test_what_was_searched_for_is_marked(client: Any, session: Session) -> None:
    make_contribution(session, title="Lampadaire <b>éteint</b>", body="La rue est *sombre*.")
    html = client.get("/search?q=lampadaire+sombre").get_data(as_text=True)
    assert "<mark>Lampadaire</mark> &lt;b&gt;" in html
    assert "<mark>sombre</mark>" in html


@pytest.mark.parametrize("sort", [Sort.NEWEST, Sort.SUPPORTED, Sort.NEAR])
def test_words_find_the_same_however_common_they_are(
    session: Session, ideas: list[Contribution], monkeypatch: pytest.MonkeyPatch, sort: Sort
) -> None:
    make_contribution(session, "idea", title="Autre chose", position=HERE)
    wanted = asked(sort, text="idee")
    few = [page.items for page in pages(session, wanted)]
    assert sum(len(items) for items in few) == COUNT
    for module in ("civic.search.queries", "civic.lists.narrowing"):
        monkeypatch.setattr(f"{module}.COMMON", 3)
    assert [page.items for page in pages(session, wanted)] == few
    monkeypatch.setattr("civic.database.fulltext._ROW_BY_ROW", 3)
    assert [page.items for page in pages(session, wanted)] == few


def test_a_search_is_understood_once_while_nothing_changes(
    client: Any, session: Session, ideas: list[Contribution]
) -> None:
    def questions() -> int:
        with counting(db.engine) as counted:
            html = client.get("/search?q=idee").get_data(as_text=True)
        db.session.rollback()
        totals.append(f"{len(ideas)} résultats" in html)
        return len([statement for statement in counted if "contribution_text" in statement])

    totals: list[bool] = []
    db.session.rollback()
    first, second = questions(), questions()
    assert second < first
    make_contribution(session, "idea", title="Une idée de plus")
    session.commit()
    assert questions() == first
    assert totals == [True, True, False]


def test_a_typing_error_is_understood_and_said(client: Any, session: Session) -> None:
    make_contribution(session, title="Lampadaire éteint")
    html = client.get("/search?q=lampadiare").get_data(as_text=True)
    assert "voici ceux pour" in html
    assert "<mark>Lampadaire</mark> éteint" in html


def test_an_address_that_was_searched_for_is_marked(client: Any, session: Session) -> None:
    make_contribution(session, address="12 Avenue du Général de Gaulle, 75014 Paris")
    html = client.get("/search?q=av+gal+de+gaulle").get_data(as_text=True)
    assert "12 <mark>Avenue</mark> du <mark>Général</mark> de <mark>Gaulle</mark>, 75014" in html


def _streets(session: Session, *names: str) -> None:
    rows = [{"nom_voie": name, "numero": "12", "lat": "48.11", "lon": "-1.68"} for name in names]
    import_addresses(session, rows)
    session.commit()


def test_near_me_can_be_an_address_without_script(client: Any, session: Session) -> None:
    make_contribution(session, title="Banc cassé")
    _streets(session, "Rue Colbert", "Rue Victor Hugo", "Avenue Victor Hugo")
    asking = client.get("/incidents?sort=near&category=eclairage").get_data(as_text=True)
    assert 'name="place"' in asking
    assert '<input type="hidden" name="category" value="eclairage">' in asking
    only_one = client.get("/incidents?sort=near&place=12+colbert")
    assert only_one.status_code == 303
    assert "near=48.11000,-1.68000" in unquote(only_one.location)
    nearest = client.get(only_one.location).get_data(as_text=True)
    assert "Banc cassé" in nearest
    assert "Choisir un autre lieu" in nearest
    several = client.get("/incidents?sort=near&place=victor+hugo").get_data(as_text=True)
    assert "Avenue Victor Hugo</a>" in several
    assert "Rue Victor Hugo</a>" in several
    unknown = client.get("/incidents?sort=near&place=14+rue+colbert").get_data(as_text=True)
    assert "14 Rue Colbert</a>" in unknown
    assert "14 Rue Colbert (près du 12)</a>" in unknown
    nowhere = client.get("/incidents?sort=near&place=xyzzy").get_data(as_text=True)
    assert "n’a pas été trouvée" in nowhere


def test_a_town_without_addresses_asks_for_none(client: Any, session: Session) -> None:
    assert 'name="place"' not in client.get("/ideas?sort=near").get_data(as_text=True)


@pytest.mark.parametrize("text", ['"', "'; DROP TABLE contribution; --", "é" * 10_000, "😀", "%00"])
def test_hostile_searches_have_a_page(client: Any, text: str) -> None:
    assert client.get("/search", query_string={"q": text}).status_code == 200
