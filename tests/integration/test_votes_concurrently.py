"""Sixteen people at once: no vote lost, none doubled, no error; the heat fits the votes."""

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.actions.models import ActionUpdate
from civic.comments.models import Comment
from civic.contributions.counters import remake_heat
from civic.contributions.models import Contribution
from civic.desk.models import InternalNote
from civic.errors import Forbidden
from civic.flags.models import Flag
from civic.follows.models import Follow
from civic.moderation.models import Appeal, Merge
from civic.moderation.operations import hide, merge_as_duplicate
from civic.moderation.operations.statements import Grounds
from civic.votes.models import Vote
from civic.votes.operations import vote
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution
from tests.mapped import make_action

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


def test_a_vote_that_comes_while_its_report_is_merged_is_not_lost_at_the_old_one(
    session: Session, town: Any
) -> None:
    if session.get_bind().dialect.name == "sqlite":
        pytest.skip("nobody writes between what a writer reads and what it writes")
    moderator = make_account(session, "", Role.MODERATOR)
    source, target = make_contribution(session), make_contribution(session)
    voter = make_account(session)
    session.commit()
    with Session(session.get_bind()) as other:
        read_before = other.get_one(Contribution, source.id)
        why = Grounds(clause="7", facts="Même trou.")
        merge_as_duplicate(session, source, target, actor=actor(moderator), grounds=why)
        session.commit()
        with pytest.raises(Forbidden, match="réunie"):
            vote(other, read_before, actor=actor(voter))
        other.rollback()
    session.expire_all()
    for one in (source, target):
        _is_consistent(session, one, 0)


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


def test_the_same_flag_from_sixteen_tabs_is_one(app: Flask, session: Session, town: Any) -> None:
    item, person = make_contribution(session), make_account(session)
    asked = {"reason": "spam", "text": "C’est de la publicité."}
    statuses = _all_at_once(app, [(person, [(f"/c/{item.reference}/flag", asked)])] * PEOPLE)
    assert set(statuses) <= {200, 303}
    assert session.scalar(select(func.count()).select_from(Flag)) == 1


def test_a_decision_contested_from_sixteen_tabs_has_one_appeal(
    app: Flask, session: Session, town: Any
) -> None:
    author = make_account(session)
    item = make_contribution(session, author=author)
    moderator = actor(make_account(session, "", Role.MODERATOR))
    decision = hide(
        session, item, actor=moderator, grounds=Grounds(clause="2", facts="Hors sujet.")
    )
    session.commit()
    url = f"/decisions/{decision.reference}/appeal"
    statuses = _all_at_once(app, [(author, [(url, {"text": "Non."})])] * PEOPLE)
    assert set(statuses) <= {303, 409}
    assert session.scalar(select(func.count()).select_from(Appeal)) == 1


def test_the_same_note_from_sixteen_tabs_is_one(app: Flask, session: Session, town: Any) -> None:
    item = make_contribution(session)
    agent = make_account(session, "", Role.AGENT)
    work: list[Request] = [(f"/desk/{item.reference}/notes", {"body": "À voir lundi."})]
    statuses = _all_at_once(app, [(agent, work)] * PEOPLE)
    assert set(statuses) == {303}
    assert session.scalar(select(func.count()).select_from(InternalNote)) == 1


def test_merged_from_two_tabs_it_is_merged_once(app: Flask, session: Session, town: Any) -> None:
    kept, twin = make_contribution(session), make_contribution(session)
    moderator = make_account(session, "", Role.MODERATOR)
    said = {
        "merge-target": kept.reference,
        "merge-clause": "7",
        "merge-facts": "Le même lampadaire.",
    }
    work: list[Request] = [(f"/moderation/{twin.id}/merge", said)]
    statuses = _all_at_once(app, [(moderator, work)] * 2)
    assert set(statuses) <= {303, 409, 422}
    assert session.scalar(select(func.count()).select_from(Merge)) == 1
    session.expire_all()
    assert twin.duplicate_of_id == kept.id


def test_the_same_news_from_sixteen_tabs_are_one(app: Flask, session: Session, town: Any) -> None:
    agent = make_account(session, "", Role.AGENT)
    action = make_action(session)
    work: list[Request] = [(f"/actions/{action.slug}/updates", {"body": "Le chantier avance."})]
    statuses = _all_at_once(app, [(agent, work)] * PEOPLE)
    assert set(statuses) <= {303, 409}
    said = select(func.count()).select_from(ActionUpdate)
    assert session.scalar(said.where(ActionUpdate.body == "Le chantier avance.")) == 1


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
