"""The desk's search: accents and case, every text of a case, and tabs that count what it found."""

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.accounts.operations.privacy import erase_account
from civic.comments.models import Comment
from civic.comments.operations import add_comment, hide_comment
from civic.contributions.models import Audience, Contribution
from civic.contributions.operations import move
from civic.contributions.workflow import Party, StatusType
from civic.database import fulltext
from civic.desk.indexing import index_cases, index_missing
from civic.desk.models import InternalNote
from civic.desk.operations import add_note, answer
from civic.desk.queries import DeskFilters, count_views, list_cases
from civic.extensions import db
from civic.people.models import ContactKind, PersonContact
from civic.search.models import SearchWord
from civic.search.queries import matching
from civic.taxonomy.models import Department
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution
from tests.queries import counting


@pytest.mark.parametrize("view", ["open", "closed"])
def test_what_the_search_finds(
    client: CheckingClient, session: Session, town: Any, view: str
) -> None:
    roads = session.scalars(select(Department).where(Department.code == "voirie")).one()
    agent = make_account(session, "", Role.AGENT, department=roads)
    author = make_account(session, "odette.martin@example.org")
    wanted = make_contribution(session, title="Épave d’un vélo", author=author)
    make_contribution(session, title="Autre chose")
    session.add(InternalNote(contribution_id=wanted.id, author_id=agent.id, body="Clef chez Paul"))
    if view == "closed":
        wanted.status, wanted.status_type = "resolved", StatusType.CLOSED
    session.commit()
    client.sign_in(agent)
    for words in ("epave", "ÉPAVE velo", wanted.reference[2:6].lower(), "chez paul", "odette.mar"):
        page = client.get("/desk", query_string={"q": words, "view": view}).text
        assert re.findall(r">([^<>]+)</a> <span class=\"small soft nowrap", page) == [
            wanted.title
        ], words
        counts = count_views(session, actor(agent), words)
        assert (counts["open"], counts["closed"]) == ((1, 0) if view == "open" else (0, 1)), words


@pytest.fixture
def agent(session: Session, town: Any) -> Account:
    return make_account(session, "", Role.AGENT)


def found(session: Session, agent: Account, words: str) -> list[str]:
    page = list_cases(session, actor(agent), DeskFilters(view="all", q=words))
    return sorted(case.title for case in page.cases)


def told(session: Session, agent: Account) -> Contribution:
    """A case about which everything has been written that can be."""
    author = make_account(session, "hélène.lebrâs@example.org")
    author.display_name = "Hélène Le Brâs"
    case = make_contribution(
        session, title="Le dossier", author=author, answers={"1": "Crépuscule"}
    )
    case.person.contacts.append(PersonContact(kind=ContactKind.TELEPHONE, value="02 99 12 34 56"))
    add_note(session, case, "Rappeler la gardienne : 06.11.22.33.44, Église.", actor=actor(agent))
    move(
        session,
        case,
        "question_asked",
        actor=actor(agent),
        standing={Party.AGENT},
        sentence="De quelle œuvre s’agit-il ?",
    )
    move(
        session,
        case,
        "acknowledged",
        actor=actor(author),
        standing={Party.AUTHOR},
        sentence="La fontaine gelée.",
    )
    add_comment(session, case, actor=actor(make_account(session)), body="Même souci Châtelet.")
    answer(session, case, "Digicode zébré.", audience=Audience.AUTHOR, actor=actor(agent))
    make_contribution(session, title="Un autre")
    session.commit()
    return case


@pytest.mark.parametrize(
    "words",
    [
        "02 99",
        "0299",
        "+33 2 99 12",
        "3456",
        "11 22 33",
        "helene 3456",
        "0611 gardienne",
        "helene",
        "LE BRAS",
        "hélène.lebrâs@example.org",
        "0299123456",
        "02 99 12 34 56",
        "+33 2 99 12 34 56",
        "0611223344",
        "eglise gardienne",
        "oeuvre",
        "fontaine GELÉE",
        "chatel",
        "zebre",
        "crepuscule",
        "helene fontaine",
    ],
)
def test_a_case_is_found_by_all_that_is_written_in_it(
    session: Session, agent: Account, words: str
) -> None:
    told(session, agent)
    assert found(session, agent, words) == ["Le dossier"], words


def test_digits_find_numbers_and_words_and_nothing_else(session: Session, agent: Account) -> None:
    told(session, agent)
    make_contribution(session, title="Banc, 35000 Rennes", body="Depuis 2019 : 06.55.44.33.22.")
    # Digits are parts of references too: theirs hold none that is looked for.
    cases = session.scalars(select(Contribution)).all()
    for case, letters in zip(cases, ("BCDF", "GHJK", "MNPQ"), strict=True):
        case.reference = f"I-{letters}-88"
    session.commit()
    index_cases(session, [case.id for case in cases])
    session.commit()
    for words in (
        "35000",
        "2019 banc",
        "06 55 44 33 22",
        "0655443322",
        "+33 6 55 44",
        "3322 rennes",
    ):
        assert found(session, agent, words) == ["Banc, 35000 Rennes"], words
    for words in ("0300", "12 34 57", "helene 3457", "+33 3 99 12", "0655443322 gardienne"):
        assert found(session, agent, words) == [], words
    for words in ("5544", "0655443322", "0299"):
        assert list(session.scalars(matching(session, words))) == [], words


def test_any_part_of_a_reference_finds_it(session: Session, agent: Account) -> None:
    case = told(session, agent)
    code = case.reference.replace("-", "").lower()
    for start in range(len(code) - 2):
        for end in range(start + 3, len(code) + 1):
            assert "Le dossier" in found(session, agent, code[start:end]), code[start:end]
    assert "Le dossier" in found(session, agent, case.reference[3:])


def test_words_of_the_desk_alone_are_in_no_public_index(
    client: CheckingClient, session: Session, agent: Account
) -> None:
    told(session, agent)
    for words in ("gardienne", "helene", "zebre", "chatelet"):
        assert list(session.scalars(matching(session, words))) == [], words
    known = set(session.scalars(select(SearchWord.word)))
    assert not {"gardienne", "zebre", "gard", "helene"} & known


def test_what_is_taken_back_is_found_no_more(session: Session, agent: Account) -> None:
    case = told(session, agent)
    author = case.author
    assert author is not None
    session.scalars(select(InternalNote)).one().body = "Rien."
    comment = session.scalars(select(Comment)).one()
    hide_comment(session, comment)
    session.commit()
    assert found(session, agent, "gardienne") == found(session, agent, "chatelet") == []
    erase_account(session, author, actor=actor(author))
    session.commit()
    for words in ("helene", "0299123456", "0299", "3456", "zebre"):
        assert found(session, agent, words) == [], words


def test_what_was_written_otherwise_is_found_once_the_worker_has_looked(
    session: Session, agent: Account
) -> None:
    told(session, agent)
    fulltext.delete(session, list(session.scalars(select(Contribution.id))), fulltext.DESK)
    session.commit()
    assert found(session, agent, "gardienne") == []
    assert index_missing(session, session.commit) == 2
    assert index_missing(session, session.commit) == 0
    assert found(session, agent, "gardienne") == ["Le dossier"]


def test_a_search_reads_no_table_of_texts(session: Session, agent: Account) -> None:
    told(session, agent)
    with counting(db.engine) as statements:
        found(session, agent, "gardienne")
        count_views(session, actor(agent), "gardienne")
    for table in ("internal_note", "status_change", "comment.", "message", "LIKE"):
        assert not [one for one in statements if table in one], table
