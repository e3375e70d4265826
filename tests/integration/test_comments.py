"""What people say: one level of answers, held when a screener says so, counted once public."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor, Role
from civic.accounts.signals import account_erased, account_exported
from civic.comments.models import Comment, Stance
from civic.comments.operations import (
    add_comment,
    edit_comment,
    hide_comment,
    judge_comment,
    publish_comment,
    withdraw_comment,
)
from civic.comments.queries import CommentSort, list_threads
from civic.contributions import screening_registry
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.screening_registry import HoldReason
from civic.database import utcnow
from civic.errors import Conflict, Forbidden, Invalid
from civic.extensions import db
from civic.follows.queries import is_following
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution
from tests.queries import counting


@pytest.fixture
def idea(session: Session, town: Any) -> Contribution:
    return make_contribution(session, "idea")


@pytest.fixture
def person(session: Session, town: Any) -> Actor:
    return actor(make_account(session))


@pytest.fixture
def holding(monkeypatch: pytest.MonkeyPatch, app: Any) -> None:
    """A moderation that holds every text with the word « lien », and nothing else."""

    def screener(
        session: Session, text: str, actor: Actor, contribution: Contribution | None
    ) -> list[HoldReason]:
        return [HoldReason("link", "lien")] if "lien" in text else []

    monkeypatch.setattr(screening_registry, "screeners", [screener])
    monkeypatch.setattr(
        screening_registry, "hold_explainers", [lambda *_: ["Un lien est à vérifier."]]
    )


@pytest.fixture
def open_to_all(monkeypatch: pytest.MonkeyPatch, app: Any) -> None:
    """A moderation that holds nothing."""
    monkeypatch.setattr(screening_registry, "screeners", [])


pytestmark = pytest.mark.usefixtures("open_to_all")


def test_a_comment_is_public_and_counted(
    session: Session, idea: Contribution, person: Actor
) -> None:
    cold = idea.hot
    said = add_comment(session, idea, actor=person, body="Bonne idée.", stance=Stance.FOR)
    session.commit()
    session.expire_all()
    assert said.is_public
    assert said.stance is Stance.FOR
    assert idea.comment_count == 1
    assert idea.hot > cold
    assert is_following(session, idea.id, person.account_id)


def test_an_incident_takes_no_stance(session: Session, town: Any, person: Actor) -> None:
    incident = make_contribution(session)
    said = add_comment(session, incident, actor=person, body="Chez moi aussi.", stance=Stance.FOR)
    session.commit()
    assert said.stance is Stance.NEITHER


def test_an_answer_to_an_answer_joins_the_thread(
    session: Session, idea: Contribution, person: Actor
) -> None:
    first = add_comment(session, idea, actor=person, body="Un")
    second = add_comment(session, idea, actor=person, body="Deux", parent_id=first.id)
    third = add_comment(session, idea, actor=person, body="Trois", parent_id=second.id)
    session.commit()
    assert third.parent_id == first.id
    thread = list_threads(session, idea.id).threads[0]
    assert [said.body for said in thread.replies] == ["Deux", "Trois"]


def test_one_does_not_answer_what_is_elsewhere_or_gone(
    session: Session, idea: Contribution, person: Actor
) -> None:
    other = make_contribution(session, "idea")
    elsewhere = add_comment(session, other, actor=person, body="Ailleurs")
    gone = add_comment(session, idea, actor=person, body="Parti")
    hide_comment(session, gone)
    session.commit()
    for parent_id in (elsewhere.id, gone.id, 999_999):
        with pytest.raises(Conflict):
            add_comment(session, idea, actor=person, body="Réponse", parent_id=parent_id)


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 4001])
def test_a_comment_has_words_and_not_too_many(
    session: Session, idea: Contribution, person: Actor, body: str
) -> None:
    with pytest.raises(Invalid):
        add_comment(session, idea, actor=person, body=body)


def test_a_double_click_says_it_once(session: Session, idea: Contribution, person: Actor) -> None:
    said = add_comment(session, idea, actor=person, body="Bonjour")
    again = add_comment(session, idea, actor=person, body="Bonjour")
    session.commit()
    assert again is said
    assert idea.comment_count == 1


def test_a_locked_discussion_takes_nothing(
    session: Session, idea: Contribution, person: Actor
) -> None:
    idea.is_locked = True
    session.commit()
    with pytest.raises(Forbidden, match="fermés"):
        add_comment(session, idea, actor=person, body="Bonjour")


def test_what_is_held_is_its_authors_only_until_published(
    session: Session, idea: Contribution, person: Actor, holding: None
) -> None:
    said = add_comment(session, idea, actor=person, body="Voici un lien.")
    session.commit()
    assert said.moderation_state is ModerationState.HELD
    assert idea.comment_count == 0
    assert list_threads(session, idea.id).threads == []
    assert len(list_threads(session, idea.id, reader_id=person.account_id).threads) == 1
    publish_comment(session, said)
    publish_comment(session, said)
    session.commit()
    session.expire_all()
    assert idea.comment_count == 1
    hide_comment(session, said)
    hide_comment(session, said)
    session.commit()
    session.expire_all()
    assert idea.comment_count == 0


def test_correcting_is_screened_anew(
    session: Session, idea: Contribution, person: Actor, holding: None
) -> None:
    said = add_comment(session, idea, actor=person, body="Bonjour")
    edit_comment(session, said, actor=person, body="Bonjour, voici un lien.")
    session.commit()
    session.expire_all()
    assert said.moderation_state is ModerationState.HELD
    assert said.edited_at is not None
    assert idea.comment_count == 0


def test_one_corrects_for_15_minutes_and_until_answered(
    session: Session, idea: Contribution, person: Actor
) -> None:
    said = add_comment(session, idea, actor=person, body="Bonjour")
    other = actor(make_account(session))
    with pytest.raises(Forbidden):
        edit_comment(session, said, actor=other, body="Pirate")
    session.commit()
    with time_machine.travel(utcnow() + timedelta(minutes=16)), pytest.raises(Conflict):
        edit_comment(session, said, actor=person, body="Trop tard")
    add_comment(session, idea, actor=other, body="Réponse", parent_id=said.id)
    session.commit()
    with pytest.raises(Conflict):
        edit_comment(session, said, actor=person, body="Trop tard")


def test_words_taken_back_leave_a_place_only_where_answered(
    session: Session, idea: Contribution, person: Actor
) -> None:
    alone = add_comment(session, idea, actor=person, body="Seul")
    answered = add_comment(session, idea, actor=person, body="Suivi")
    add_comment(session, idea, actor=person, body="Réponse", parent_id=answered.id)
    withdraw_comment(session, alone, actor=person)
    withdraw_comment(session, answered, actor=person)
    session.commit()
    session.expire_all()
    threads = list_threads(session, idea.id).threads
    assert [thread.first.id for thread in threads] == [answered.id]
    assert threads[0].first.body == ""
    assert idea.comment_count == 1


def test_only_the_author_takes_words_back(
    session: Session, idea: Contribution, person: Actor
) -> None:
    said = add_comment(session, idea, actor=person, body="Bonjour")
    with pytest.raises(Forbidden):
        withdraw_comment(session, said, actor=actor(make_account(session)))


def test_an_agent_in_charge_answers_for_the_town_and_comes_first(
    session: Session, idea: Contribution, person: Actor
) -> None:
    agent = actor(make_account(session, "agent@example.org", Role.AGENT))
    first = add_comment(session, idea, actor=person, body="Question")
    judge_comment(session, first, actor=agent, is_helpful=True)
    official = add_comment(session, idea, actor=agent, body="Réponse", as_department=True)
    posing = add_comment(session, idea, actor=person, body="Je suis la ville", as_department=True)
    session.commit()
    assert official.department_id == idea.department_id
    assert posing.department_id is None
    for sort in CommentSort:
        assert list_threads(session, idea.id, sort=sort).threads[0].first.id == official.id


def test_helpful_is_said_once_and_orders_the_best(
    session: Session, idea: Contribution, person: Actor
) -> None:
    poor = add_comment(session, idea, actor=person, body="Bof")
    good = add_comment(session, idea, actor=person, body="Utile")
    fair = add_comment(session, idea, actor=person, body="Moyen")
    readers = [actor(make_account(session)) for _ in range(3)]
    for reader in readers:
        judge_comment(session, good, actor=reader, is_helpful=True)
        judge_comment(session, good, actor=reader, is_helpful=True)
        judge_comment(session, poor, actor=reader, is_helpful=False)
    judge_comment(session, fair, actor=readers[0], is_helpful=False)
    judge_comment(session, fair, actor=readers[0], is_helpful=True)
    session.commit()
    session.expire_all()
    assert (good.helpful_count, good.unhelpful_count) == (3, 0)
    assert (poor.helpful_count, poor.unhelpful_count) == (0, 3)
    assert (fair.helpful_count, fair.unhelpful_count) == (1, 0)
    page = list_threads(session, idea.id, reader_id=readers[0].account_id)
    assert [thread.first.id for thread in page.threads] == [good.id, fair.id, poor.id]
    assert [thread.first.judged for thread in page.threads] == [True, True, False]
    judge_comment(session, good, actor=readers[0], is_helpful=None)
    session.commit()
    session.expire_all()
    assert good.helpful_count == 2
    with pytest.raises(Forbidden):
        judge_comment(session, good, actor=person, is_helpful=True)


@pytest.mark.parametrize("sort", list(CommentSort))
def test_pages_follow_one_another_without_loss(
    session: Session, idea: Contribution, person: Actor, sort: CommentSort
) -> None:
    said = [add_comment(session, idea, actor=person, body=f"n° {n}") for n in range(12)]
    judge = actor(make_account(session))
    for comment in said[::3]:
        judge_comment(session, comment, actor=judge, is_helpful=True)
    session.commit()
    seen: list[int] = []
    after = ""
    while True:
        page = list_threads(session, idea.id, sort=sort, after=after, limit=5)
        seen += [thread.first.id for thread in page.threads]
        after = page.after
        if not after:
            break
    assert sorted(seen) == sorted(comment.id for comment in said)
    assert len(seen) == len(set(seen)) == 12
    if sort is CommentSort.OLDEST:
        assert seen == sorted(seen)
    if sort is CommentSort.NEWEST:
        assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    "after",
    ["x", "1_nan_3", "1_inf_3", "0_0.5_" + "9" * 40, "9_0.1_1", "1__", "0_2026-01-01_3", "'; --"],
)
@pytest.mark.parametrize("sort", list(CommentSort))
def test_a_cursor_that_makes_no_sense_is_the_first_page(
    session: Session, idea: Contribution, person: Actor, after: str, sort: CommentSort
) -> None:
    add_comment(session, idea, actor=person, body="Bonjour")
    session.commit()
    assert len(list_threads(session, idea.id, sort=sort, after=after).threads) == 1


def test_threads_cost_one_query_however_many(
    session: Session, idea: Contribution, person: Actor
) -> None:
    for n in range(8):
        first = add_comment(session, idea, actor=person, body=f"n° {n}")
        for m in range(3):
            add_comment(session, idea, actor=person, body=f"{n}.{m}", parent_id=first.id)
    session.commit()
    with counting(db.engine) as queries:
        page = list_threads(session, idea.id, reader_id=person.account_id)
    assert len(queries) == 1
    assert sum(1 + len(thread.replies) for thread in page.threads) == 32


def test_an_erased_account_leaves_words_without_a_name(
    session: Session, idea: Contribution
) -> None:
    account, other = make_account(session), make_account(session)
    said = add_comment(session, idea, actor=actor(account), body="Mes mots")
    theirs = add_comment(session, idea, actor=actor(other), body="Les leurs")
    judge_comment(session, theirs, actor=actor(account), is_helpful=True)
    data: dict[str, Any] = {}
    account_exported.send(session, account=account, data=data)
    assert [row["body"] for row in data["comments"]] == ["Mes mots"]
    assert [row["is_helpful"] for row in data["comments_judged"]] == [True]
    account_erased.send(session, account=account)
    session.commit()
    session.expire_all()
    assert said.author_id is None
    assert said.body == "Mes mots"
    assert (theirs.helpful_count, theirs.score) == (0, 0.0)


# ------------------------------------------------------------------------------------- in a browser


def test_commenting_without_script(client: CheckingClient, session: Session) -> None:
    idea = make_contribution(session, "idea")
    client.sign_in(make_account(session))
    answer = client.send(
        f"/c/{idea.reference}/comments", {"body": "**Bonne** idée", "stance": "for"}
    )
    assert answer.status_code == 303
    said = session.query(Comment).one()
    assert said.stance is Stance.FOR
    assert answer.location.endswith(f"#comment-{said.id}")


def test_an_empty_comment_comes_back_with_the_form(
    client: CheckingClient, session: Session
) -> None:
    idea = make_contribution(session, "idea")
    client.sign_in(make_account(session))
    answer = client.send(f"/c/{idea.reference}/comments", {"body": " "})
    assert answer.status_code == 422
    assert "Écrivez votre commentaire" in answer.get_data(as_text=True)


def test_the_author_hears_why_a_comment_waits(
    client: CheckingClient, session: Session, holding: None
) -> None:
    idea = make_contribution(session, "idea")
    client.sign_in(make_account(session))
    client.send(f"/c/{idea.reference}/comments", {"body": "Un lien"})
    html = client.get(f"/c/{idea.reference}", follow_redirects=True).get_data(as_text=True)
    assert "En attente de relecture" in html
    assert "Un lien est à vérifier." in html


def test_answering_correcting_and_taking_back_without_script(
    client: CheckingClient, session: Session
) -> None:
    idea = make_contribution(session, "idea")
    other = actor(make_account(session))
    first = add_comment(session, idea, actor=other, body="Bonjour à tous")
    session.commit()
    client.sign_in(make_account(session))
    form = client.get(f"/c/{idea.reference}/comments/new?parent={first.id}")
    assert "Bonjour à tous" in form.get_data(as_text=True)
    client.send(f"/c/{idea.reference}/comments", {"body": "Bonjour", "parent": first.id})
    mine = session.query(Comment).filter_by(parent_id=first.id).one()
    edit = f"/comments/{mine.id}/edit"
    assert "Bonjour" in client.get(edit).get_data(as_text=True)
    assert client.send(edit, {"body": ""}).status_code == 422
    assert client.send(edit, {"body": "Bonsoir"}).status_code == 303
    session.expire_all()
    assert mine.body == "Bonsoir"
    assert client.send(f"/comments/{mine.id}/withdraw").status_code == 303
    session.expire_all()
    assert mine.moderation_state is ModerationState.HIDDEN
    assert client.get(f"/comments/{first.id}/edit").status_code == 403
    assert client.send(f"/comments/{first.id}/withdraw").status_code == 403
    assert client.get("/comments/999999/edit").status_code == 404


def test_finding_helpful_with_and_without_script(client: CheckingClient, session: Session) -> None:
    idea = make_contribution(session, "idea")
    said = add_comment(session, idea, actor=actor(make_account(session)), body="Utile")
    session.commit()
    client.sign_in(make_account(session))
    url = f"/comments/{said.id}/helpful"
    assert client.send(url, {"verdict": "helpful"}).status_code == 303
    fragment = client.send(url, {"verdict": "none"}, headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert 'aria-pressed="false"' in fragment.get_data(as_text=True)
    session.expire_all()
    assert said.helpful_count == 0


def test_hostile_words_are_only_words(client: CheckingClient, session: Session) -> None:
    idea = make_contribution(session, "idea")
    hostile = "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) \x00"
    add_comment(session, idea, actor=actor(make_account(session)), body=hostile.rstrip("\x00"))
    session.commit()
    html = client.get(f"/c/{idea.reference}", follow_redirects=True).get_data(as_text=True)
    assert "<script>alert" not in html
    assert "onerror=alert(1)>" not in re.sub(r"&[a-z]+;", "", html) or "<img src=x" not in html
    assert 'href="javascript' not in html


def test_who_stays_anonymous_is_not_named_under_their_own_report(
    client: CheckingClient, session: Session
) -> None:
    author = make_account(session, "secret.person@example.org")
    idea = make_contribution(session, "idea", author=author, hides_author=True)
    add_comment(session, idea, actor=actor(author), body="Je précise.")
    session.commit()
    html = client.get(f"/c/{idea.reference}", follow_redirects=True).get_data(as_text=True)
    assert "Je précise." in html
    assert "secret.person" not in html
