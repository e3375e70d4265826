"""One person, one vote; the counter and the heat follow."""

from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM
from civic.accounts.signals import account_erased, account_exported
from civic.contributions.hotness import VOTE_WEIGHT, hot_after, hot_initial
from civic.contributions.operations import hide
from civic.database import utcnow
from civic.errors import Forbidden
from civic.extensions import db
from civic.follows.operations import mute
from civic.follows.queries import is_following
from civic.votes.models import Vote
from civic.votes.operations import unvote, vote
from civic.votes.queries import has_voted
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution
from tests.queries import counting


def test_a_vote_counts_once_and_can_be_taken_back(session: Session, town: Any) -> None:
    idea, voter = make_contribution(session, "idea"), actor(make_account(session))
    cold = idea.hot
    assert vote(session, idea, actor=voter)
    assert not vote(session, idea, actor=voter)
    session.commit()
    session.expire_all()
    assert idea.vote_count == 1
    assert idea.hot > cold
    assert unvote(session, idea, actor=voter)
    assert not unvote(session, idea, actor=voter)
    session.commit()
    session.expire_all()
    assert idea.vote_count == 0
    assert idea.hot == pytest.approx(cold)


def test_the_heat_does_not_depend_on_who_took_back_what(session: Session, town: Any) -> None:
    idea = make_contribution(session, "idea")
    people = [actor(make_account(session)) for _ in range(4)]
    for person in people:
        vote(session, idea, actor=person)
    for person in people[:3]:
        unvote(session, idea, actor=person)
    session.commit()
    expected = hot_initial(utcnow()) + VOTE_WEIGHT  # two equal supports are one half-life more
    assert idea.hot == pytest.approx(expected, abs=0.01)


def test_supports_that_a_file_brought_stay_in_the_heat(session: Session, town: Any) -> None:
    idea, person = make_contribution(session, "idea"), actor(make_account(session))
    idea.vote_count = 500
    idea.hot = hot_after(idea.hot, idea.submitted_at, VOTE_WEIGHT * 500)
    session.commit()
    imported = idea.hot
    vote(session, idea, actor=person)
    unvote(session, idea, actor=person)
    session.commit()
    assert idea.vote_count == 500
    assert idea.hot == pytest.approx(imported)


def test_nobody_supports_their_own(session: Session, town: Any) -> None:
    author = make_account(session)
    idea = make_contribution(session, "idea", author=author)
    with pytest.raises(Forbidden, match="auteur"):
        vote(session, idea, actor=actor(author))


def test_what_is_hidden_locked_or_withdrawn_takes_no_support(session: Session, town: Any) -> None:
    voter = actor(make_account(session))
    hidden, locked, gone = (make_contribution(session, "idea") for _ in range(3))
    hide(session, hidden, actor=SYSTEM)
    locked.is_locked = True
    gone.status = "withdrawn"
    for contribution in (hidden, locked, gone):
        with pytest.raises(Forbidden):
            vote(session, contribution, actor=voter)
    session.rollback()


def test_supporting_follows_but_respects_who_opted_out(session: Session, town: Any) -> None:
    first, second = make_contribution(session, "idea"), make_contribution(session, "idea")
    person = make_account(session)
    mute(session, second, account_id=person.id)
    vote(session, first, actor=actor(person))
    vote(session, second, actor=actor(person))
    session.commit()
    assert is_following(session, first.id, person.id)
    assert not is_following(session, second.id, person.id)


def test_questions_about_votes(session: Session, town: Any) -> None:
    first, second = make_contribution(session, "idea"), make_contribution(session, "idea")
    person = make_account(session)
    vote(session, first, actor=actor(person))
    session.commit()
    assert has_voted(session, first.id, person.id)
    assert not has_voted(session, first.id, None)
    assert not has_voted(session, second.id, person.id)


def test_an_erased_account_leaves_no_vote(session: Session, town: Any) -> None:
    ideas = [make_contribution(session, "idea") for _ in range(2)]
    person, other = make_account(session), make_account(session)
    for idea in ideas:
        vote(session, idea, actor=actor(person))
        vote(session, idea, actor=actor(other))
    data: dict[str, Any] = {}
    account_exported.send(session, account=person, data=data)
    assert [row["reference"] for row in data["votes"]] == [idea.reference for idea in ideas]
    account_erased.send(session, account=person)
    session.commit()
    session.expire_all()
    assert [idea.vote_count for idea in ideas] == [1, 1]
    assert session.query(Vote).filter_by(account_id=person.id).count() == 0


def test_the_button_works_without_script_and_twice(
    client: CheckingClient, session: Session
) -> None:
    idea = make_contribution(session, "idea")
    client.sign_in(make_account(session))
    url = f"/c/{idea.reference}/vote"
    for _ in range(2):
        answer = client.send(url, {"action": "vote"})
        assert answer.status_code == 303
        assert answer.location.endswith("#vote")
    session.expire_all()
    assert idea.vote_count == 1
    client.send(url, {"action": "unvote"})
    client.send(url, {"action": "unvote"})
    session.expire_all()
    assert idea.vote_count == 0


def test_htmx_gets_the_buttons_back(client: CheckingClient, session: Session) -> None:
    idea = make_contribution(session, "idea")
    client.sign_in(make_account(session))
    url = f"/c/{idea.reference}/vote"
    answer = client.send(url, {"action": "vote"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    html = answer.get_data(as_text=True)
    assert 'aria-pressed="true"' in html
    assert 'value="unvote"' in html
    assert 'data-hx-swap-oob="true"' in html
    assert "<html" not in html


def test_a_visitor_signs_in_and_comes_back(client: CheckingClient, session: Session) -> None:
    idea = make_contribution(session, "idea")
    page = f"http://localhost/c/{idea.reference}"
    answer = client.send(f"/c/{idea.reference}/vote", {}, headers={"Referer": page})
    assert answer.status_code == 303
    assert "/sign-in" in answer.location
    # What was wanted waits, and is done after the sign-in (test_intents.py).
    assert "next=/intents/t/" in unquote(answer.location)


def test_an_author_is_told_why_there_is_no_button(client: CheckingClient, session: Session) -> None:
    author = make_account(session)
    idea = make_contribution(session, "idea", author=author)
    client.sign_in(author)
    fragment = client.send(f"/c/{idea.reference}/vote", {}, headers={"HX-Request": "true"})
    assert fragment.status_code == 403
    assert "seuls les autres habitants" in fragment.get_data(as_text=True)
    assert client.send(f"/c/{idea.reference}/vote").status_code == 303


def test_a_vote_without_a_token_is_refused(client: CheckingClient, session: Session) -> None:
    idea = make_contribution(session, "idea")
    client.sign_in(make_account(session))
    assert client.post(f"/c/{idea.reference}/vote", data={"action": "vote"}).status_code == 400
    session.expire_all()
    assert idea.vote_count == 0


def test_a_vote_asks_for_the_person_and_the_thing_and_writes_what_it_changes(
    client: CheckingClient, session: Session
) -> None:
    idea, voter = make_contribution(session, "idea"), make_account(session)
    session.commit()
    client.sign_in(voter)
    token = client.token()
    session.expunge_all()
    with counting(db.engine) as statements:
        client.post(f"/c/{idea.reference}/vote", data={"csrf_token": token})
    written = [statement for statement in statements if not statement.startswith("SELECT")]
    assert len(statements) - len(written) == 2
    # The vote, the counter, the heat, the follow, and the public change number.
    assert len(written) == 5
