"""A corrected category asks its questions, whoever corrects it; the history keeps the answers."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.contributions.models import Contribution, HistoryEntry
from civic.taxonomy.models import AnswerType, Category, CategoryQuestion
from tests.client import CheckingClient
from tests.factories import make_account, make_contribution
from tests.forms_walk import forms_on

SIZES = [{"key": "s", "name": "Petit"}, {"key": "l", "name": "Grand"}]


@pytest.fixture
def author(session: Session, town: Any) -> Account:
    return make_account(session, "author@example.org")


@pytest.fixture
def agent(session: Session, town: Any) -> Account:
    return make_account(session, "agent@example.org", Role.AGENT)


@pytest.fixture
def dump(session: Session, town: Any) -> Category:
    """A category with a question that has to be answered and two that need not be."""
    category = session.scalars(select(Category).where(Category.code == "depot")).one()
    size = CategoryQuestion(
        code="size",
        label="Quelle taille ?",
        answer_type=AnswerType.SINGLEVALUELIST,
        position=1,
        is_required=True,
        choices=SIZES,
    )
    much = CategoryQuestion(
        code="bags", label="Combien de sacs ?", answer_type=AnswerType.NUMBER, position=2
    )
    what = CategoryQuestion(code="what", label="Quoi ?", answer_type=AnswerType.STRING, position=3)
    category.questions.extend([size, much, what])
    session.commit()
    return category


@pytest.fixture
def case(session: Session, author: Account, dump: Category) -> Contribution:
    case = make_contribution(session, author=author, category="eclairage")
    case.answers = {"pole": "A 12"}
    case.category.questions.append(
        CategoryQuestion(code="pole", label="Numéro du mât ?", answer_type=AnswerType.STRING)
    )
    session.commit()
    return case


def field(category: Category, code: str) -> str:
    return next(f"q-{one.id}" for one in category.questions if one.code == code)


def form_at(client: CheckingClient, page: str, action: str) -> dict[str, Any]:
    html = client.get(page).get_data(as_text=True)
    return next(dict(form.data) for form in forms_on(html, page) if form.action.startswith(action))


def told(session: Session, case: Contribution) -> tuple[str, str] | None:
    entry = session.scalars(
        select(HistoryEntry).where(
            HistoryEntry.contribution_id == case.id, HistoryEntry.field == "answers"
        )
    ).one_or_none()
    return (entry.before, entry.after) if entry is not None else None


@pytest.mark.parametrize("who", ["author", "agent", "desk"])
def test_the_new_category_asks_what_it_needs(
    client: CheckingClient,
    session: Session,
    author: Account,
    agent: Account,
    case: Contribution,
    dump: Category,
    who: str,
) -> None:
    client.sign_in(author if who == "author" else agent)
    page = f"/desk/{case.reference}" if who == "desk" else f"/incidents/{case.reference}/edit"
    action = f"{page}/reclassify" if who == "desk" else page
    sent = form_at(client, page, action) | {"category": str(dump.id), "why": "Ce sont des sacs."}
    refused = client.send(action, sent)
    assert refused.status_code == 422
    assert "pose encore quelques questions" in refused.text
    assert "Quelle taille ?" in refused.text
    session.refresh(case)
    assert case.category.code == "eclairage"
    [again] = [form for form in forms_on(refused.text, page) if form.action.startswith(action)]
    assert again.data["category"] == str(dump.id)
    assert "Ce sont des sacs." in again.data.values() or who == "author"
    unanswered = client.send(action, again.data | {field(dump, "bags"): "beaucoup"})
    assert unanswered.status_code == 422
    assert "Choisissez une réponse." in unanswered.text
    assert "Écrivez un nombre" in unanswered.text
    assert 'value="beaucoup"' in unanswered.text
    answered = again.data | {field(dump, "bags"): "2,5", field(dump, "size"): "l"}
    assert client.send(action, answered).status_code == 303
    session.refresh(case)
    assert case.category.code == "depot"
    assert case.answers == {"pole": "A 12", "size": "l", "bags": 2.5}
    assert told(session, case) == (
        "Numéro du mât ? : A 12",
        "Quelle taille ? : Grand\nCombien de sacs ? : 2.5\nA 12",
    )
    public = client.sign_out().get(f"/incidents/{case.reference}").get_data(as_text=True)
    assert "Réponses corrigées" in public
    assert "Grand" in public


def test_the_page_asks_at_once_where_a_script_brings_the_questions(
    client: CheckingClient, author: Account, case: Contribution, dump: Category
) -> None:
    client.sign_in(author)
    page = f"/incidents/{case.reference}/edit"
    assert form_at(client, page, page)["asked"] == str(case.category_id)
    assert "A 12" in client.get(page).get_data(as_text=True)
    chosen = client.get(f"{page}?category={dump.id}").get_data(as_text=True)
    assert "Quelle taille ?" in chosen
    assert "Numéro du mât ?" not in chosen
    assert client.get(f"{page}?category=nonsense").status_code == 200


def test_answers_are_corrected_without_a_new_category(
    client: CheckingClient, session: Session, author: Account, case: Contribution
) -> None:
    client.sign_in(author)
    page = f"/incidents/{case.reference}/edit"
    sent = form_at(client, page, page)
    assert client.send(page, sent | {"title": "Lampe éteinte"}).status_code == 303
    assert told(session, case) is None
    sent = form_at(client, page, page)
    pole = field(case.category, "pole")
    assert client.send(page, sent | {pole: "B 7"}).status_code == 303
    session.refresh(case)
    assert case.answers == {"pole": "B 7"}
    assert told(session, case) == ("Numéro du mât ? : A 12", "Numéro du mât ? : B 7")


def test_what_was_never_answered_or_cannot_be_shown_stands_in_nobodys_way(
    client: CheckingClient, session: Session, agent: Account, author: Account, dump: Category
) -> None:
    old = make_contribution(session, author=author, category="depot")
    other = make_contribution(session, author=author, category="depot", title="Un autre tas")
    other.answers = {"size": "xxl", "what": "un matelas"}
    session.commit()
    client.sign_in(agent)
    for case, answers in ((old, {}), (other, {"size": "xxl", "what": "un matelas"})):
        page = f"/incidents/{case.reference}/edit"
        sent = form_at(client, page, page) | {"title": "Des sacs"}
        assert client.send(page, sent).status_code == 303
        session.refresh(case)
        assert (case.title, case.answers) == ("Des sacs", answers)


def test_an_answer_shown_at_once_is_read_like_the_text(
    client: CheckingClient, session: Session, author: Account, case: Contribution, dump: Category
) -> None:
    client.sign_in(author)
    page = f"/incidents/{case.reference}/edit"
    sent = form_at(client, page, page) | {
        "category": str(dump.id),
        "asked": str(dump.id),
        field(dump, "size"): "s",
        field(dump, "what"): "Appelez Jean au 06 12 34 56 78",
    }
    refused = client.send(page, sent)
    assert refused.status_code == 422
    session.refresh(case)
    assert case.category.code == "eclairage"
    assert "06 12 34 56 78" in refused.text
