"""Sixteen people at once: no vote lost, none doubled, no error; the heat fits the votes."""

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.comments.models import Comment
from civic.contributions.counters import remake_heat
from civic.contributions.models import Contribution
from civic.follows.models import Follow
from civic.votes.models import Vote
from tests.client import CheckingClient
from tests.factories import make_account, make_contribution

PEOPLE = 16
VOTE = {"action": "vote"}
Request = tuple[str, dict[str, str]]
"""A URL, and the fields that are sent to it."""


def test_sixteen_at_once_lose_and_double_nothing(app: Flask, session: Session, town: Any) -> None:
    ideas = [make_contribution(session, "idea") for _ in range(2)]
    people = [make_account(session) for _ in range(PEOPLE)]
    statuses = _all_at_once(app, [(person, _vote_twice(ideas)) for person in people])
    assert set(statuses) == {303}
    session.expire_all()
    for idea in ideas:
        _is_consistent(session, idea, PEOPLE)


def test_one_person_with_sixteen_tabs_has_one_vote(app: Flask, session: Session, town: Any) -> None:
    idea, person = make_contribution(session, "idea"), make_account(session)
    url = f"/c/{idea.reference}/vote"
    statuses = _all_at_once(app, [(person, [(url, VOTE)])] * PEOPLE)
    assert set(statuses) == {303}
    session.expire_all()
    _is_consistent(session, idea, 1)


def test_supporting_and_taking_back_at_once_keeps_the_count(
    app: Flask, session: Session, town: Any
) -> None:
    idea = make_contribution(session, "idea")
    people = [make_account(session) for _ in range(PEOPLE)]
    url = f"/c/{idea.reference}/vote"
    back_and_forth = [
        (url, VOTE),
        (url, {"action": "unvote"}),
        (url, VOTE),
        (url, {"action": "unvote"}),
    ]
    work = [(person, back_and_forth + [(url, VOTE)] * (n % 2)) for n, person in enumerate(people)]
    assert set(_all_at_once(app, work)) == {303}
    session.expire_all()
    _is_consistent(session, idea, PEOPLE // 2)


def test_the_same_words_from_sixteen_tabs_are_one_comment(
    app: Flask, session: Session, town: Any
) -> None:
    idea, person = make_contribution(session, "idea"), make_account(session)
    said = {"body": "Bonne idée, et pour tous."}
    statuses = _all_at_once(app, [(person, [(f"/c/{idea.reference}/comments", said)])] * PEOPLE)
    assert set(statuses) == {303}
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Comment)) == 1
    assert idea.comment_count == 1


def _vote_twice(ideas: list[Contribution]) -> list[Request]:
    return [(f"/c/{idea.reference}/vote", VOTE) for idea in ideas for _ in range(2)]


def _all_at_once(app: Flask, work: list[tuple[Account, list[Request]]]) -> list[int]:
    """Let each person do their requests in a thread of their own; return all statuses."""
    start = threading.Barrier(len(work))
    statuses: list[int] = []
    clients: list[tuple[CheckingClient, list[Request]]] = []
    for person, requests in work:
        client = app.test_client()
        assert isinstance(client, CheckingClient)
        clients.append((client.sign_in(person), requests))

    def run(client: CheckingClient, requests: list[Request]) -> None:
        token = client.token()
        start.wait()
        for url, fields in requests:
            answer = client.post(url, data={"csrf_token": token} | fields)
            statuses.append(answer.status_code)

    threads = [threading.Thread(target=run, args=args) for args in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(statuses) == sum(len(requests) for _, requests in work)
    return statuses


def _is_consistent(session: Session, idea: Contribution, expected: int) -> None:
    rows = session.scalar(
        select(func.count()).select_from(Vote).where(Vote.contribution_id == idea.id)
    )
    followers = session.scalar(
        select(func.count()).select_from(Follow).where(Follow.contribution_id == idea.id)
    )
    assert rows == expected
    assert idea.vote_count == expected
    assert (followers or 0) >= expected
    hot = idea.hot
    remake_heat(session, idea)
    assert idea.hot == pytest.approx(hot)
    session.rollback()
