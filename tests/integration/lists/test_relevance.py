"""A search shows what it is about first, says what it could not, and proposes another spelling."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, VISITOR
from civic.contributions.models import Contribution
from civic.contributions.operations import edit_text
from civic.extensions import db
from civic.finding.filters import ContributionFilter, Sort
from civic.lists import queries
from civic.lists.queries import list_page
from civic.lists.suggestions import suggestion
from civic.search.queries import get_search
from tests.factories import make_contribution
from tests.queries import counting

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)

# (title, body, address), the most relevant for « lampadaire cassé » first; written newest last.
FIRST_TO_LAST = [
    ("Lampadaire cassé", "Depuis hier.", ""),
    ("Un lampadaire cassé devant l’école primaire", "", ""),
    ("Lampadaires tous éteints, un seul est cassé", "", ""),
    ("Un lampadaire est tombé", "Le verre est cassé.", ""),
    ("Trottoir cassé", "Au pied du vieux lampadaire.", ""),
    ("Il fait noir", "Le lampadaire est cassé.", ""),
]


def written(session: Session, moment: datetime, title: str, **draft: Any) -> Contribution:
    item = make_contribution(session, title=title, **draft)
    item.submitted_at = moment
    session.commit()
    return item


def titles(session: Session, text: str, **asked: Any) -> list[str]:
    page = list_page(session, ContributionFilter(text=text, **asked), VISITOR)
    return [item.row.title for item in page.items]


@pytest.fixture
def lamps(session: Session, town: Any) -> None:
    for number, (title, body, address) in enumerate(FIRST_TO_LAST):
        moment = MONDAY + timedelta(hours=number)
        written(session, moment, title, body=body, address=address)


def test_what_is_in_the_title_comes_before_what_is_said_in_passing(
    session: Session, lamps: None
) -> None:
    found = titles(session, "lampadaire cassé")
    assert found[:3] == [title for title, _, _ in FIRST_TO_LAST[:3]]
    assert set(found[3:5]) == {title for title, _, _ in FIRST_TO_LAST[3:5]}
    assert found[5] == "Il fait noir"


def test_of_two_alike_the_newer_comes_first(session: Session, town: Any) -> None:
    for number in range(3):
        moment = MONDAY + timedelta(days=number)
        written(session, moment, "Banc cassé", body=f"Jour {number}")
    page = list_page(session, ContributionFilter(text="banc"), VISITOR)
    assert [item.row.body for item in page.items] == ["Jour 2", "Jour 1", "Jour 0"]


def test_a_street_comes_before_a_text_that_names_it(session: Session, town: Any) -> None:
    written(session, MONDAY, "Trou", body="", address="3 rue Colbert")
    written(session, MONDAY + timedelta(1), "Tag", body="Vu rue Colbert aussi.")
    assert titles(session, "rue colbert") == ["Trou", "Tag"]
    assert titles(session, "av colbert") == []


def test_the_reference_that_was_typed_comes_first(session: Session, town: Any) -> None:
    wanted = written(session, MONDAY, "Banc cassé")
    written(session, MONDAY + timedelta(1), f"Comme {wanted.reference}", body="")
    assert titles(session, wanted.reference.lower())[0] == "Banc cassé"


def test_pages_of_relevance_show_everything_once_and_lead_back(session: Session, town: Any) -> None:
    for number in range(23):
        body = "Le banc." if number % 2 else ""
        written(session, MONDAY, f"Chose {number}" if body else f"Banc {number}", body=body)
    asked = ContributionFilter(text="banc")
    first = list_page(session, asked, VISITOR, size=10)
    second = list_page(
        session, ContributionFilter(text="banc", cursor=first.next_cursor), VISITOR, size=10
    )
    third = list_page(
        session, ContributionFilter(text="banc", cursor=second.next_cursor), VISITOR, size=10
    )
    ids = [item.row.id for page in (first, second, third) for item in page.items]
    assert len(ids) == len(set(ids)) == first.total == 23
    assert not third.next_cursor
    back = list_page(
        session, ContributionFilter(text="banc", cursor=third.previous_cursor), VISITOR, size=10
    )
    assert [item.row.id for item in back.items] == [item.row.id for item in second.items]


def test_too_many_for_an_order_by_relevance_are_the_newest_first_and_that_is_said(
    client: FlaskClient, session: Session, lamps: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "les plus récentes" not in client.get("/search?q=lampadaire").text
    monkeypatch.setattr("civic.search.queries.COMMON", 5)
    asked = ContributionFilter(text="lampadaire")
    search = get_search(session, "lampadaire")
    assert queries.effective_sort(asked, search) is Sort.NEWEST
    assert titles(session, "lampadaire")[0] == FIRST_TO_LAST[-1][0]
    make_contribution(session, title="Lampadaire", body="")
    session.commit()
    assert "les plus récentes viennent d’abord" in client.get("/search?q=lampadaire").text


def test_other_orders_stay_within_reach(client: FlaskClient, session: Session, lamps: None) -> None:
    session.commit()
    page = client.get("/search?q=lampadaire").text
    assert 'aria-current="true"' in page
    for sort in ("newest", "supported", "near"):
        assert f"sort={sort}" in page
    assert titles(session, "lampadaire", sort=Sort.WAITING)[0] == FIRST_TO_LAST[0][0]
    assert "sort=relevant" not in client.get("/incidents").text
    assert client.get("/incidents?sort=relevant").status_code == 200


@pytest.fixture
def spelled_by_many(session: Session, town: Any) -> None:
    for number in range(5):
        make_contribution(session, title=f"Végétalisation de la place {number}", body="")
    make_contribution(session, title="Végetallisation", body="")


def test_a_rare_spelling_leads_to_the_common_one(
    client: FlaskClient, session: Session, spelled_by_many: None
) -> None:
    text = "vegetallisation"
    assert suggestion(session, text, get_search(session, text)) == "végétalisation"
    session.commit()
    page = client.get(f"/search?q={text}").text
    assert "Vouliez-vous dire" in page
    assert "q=v%C3%A9g%C3%A9talisation" in page


def test_nothing_is_proposed_that_four_alone_hold(
    client: FlaskClient, session: Session, spelled_by_many: None
) -> None:
    one = list_page(session, ContributionFilter(text="place"), VISITOR).items[0].row
    item = session.get_one(Contribution, one.id)
    edit_text(session, item, actor=SYSTEM, title="Jardin", body="")
    text = "vegetallisation"
    assert suggestion(session, text, get_search(session, text)) is None


def test_what_is_common_is_not_corrected(session: Session, spelled_by_many: None) -> None:
    assert suggestion(session, "végétalisation", get_search(session, "végétalisation")) is None


def test_an_empty_answer_leads_on(client: FlaskClient, session: Session, town: Any) -> None:
    session.commit()
    for url in ("/search?q=xyzzyx", "/incidents?q=xyzzyx", "/ideas?q=xyzzyx"):
        page = client.get(url).text
        assert "/incidents/new" in page.split("<main")[1] or "/ideas/new" in page.split("<main")[1]


def test_however_many_words_are_misspelled_the_questions_are_as_few(
    client: FlaskClient, session: Session, spelled_by_many: None
) -> None:
    for number in range(5):
        make_contribution(session, title=f"Chaussée défoncée, réverbère brisé {number}", body="")
    session.commit()

    def asked(text: str) -> int:
        with counting(db.engine) as counted:
            assert client.get("/search", query_string={"q": text}).status_code == 200
        db.session.rollback()
        return len(counted)

    asked("banc")
    wrong = ["vegettalisassion", "chaaussees", "defonnceess", "reverrberee", "brisséess"]
    few = asked(wrong[0])
    assert asked(" ".join(wrong)) <= few + 4
    assert asked(" ".join(f"{word}{end}" for word in wrong for end in "abcdefgh")) <= few + 4


def test_a_correction_is_shown_as_it_is_written(
    client: FlaskClient, session: Session, spelled_by_many: None
) -> None:
    make_contribution(session, title="Le réverbère est éteint", body="")
    session.commit()
    assert "voici ceux pour « réverbère »" in client.get("/search?q=reverbeer").text.replace(
        "\xa0", " "
    )


def test_a_page_of_relevance_asks_as_much_as_the_first(
    client: FlaskClient, session: Session, town: Any
) -> None:
    for number in range(60):
        written(session, MONDAY, f"Banc {number}")
    page = list_page(session, ContributionFilter(text="banc"), VISITOR)
    session.rollback()
    asked = []
    for cursor in ("", "", page.next_cursor):
        with counting(db.engine) as counted:
            client.get("/search", query_string={"q": "banc", "cursor": cursor})
        db.session.rollback()
        asked.append(len(counted))
    assert asked[1] == asked[2] <= 6
