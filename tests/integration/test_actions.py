"""Service actions: one promise, many contributions, and everyone hears once."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.actions import operations, queries
from civic.actions.models import Action
from civic.actions.operations import ActionDraft, MilestoneDraft
from civic.contributions.models import StatusChange
from civic.contributions.signals import people_to_tell
from civic.errors import Conflict, Invalid
from civic.taxonomy.models import Department
from civic.votes.operations import vote
from tests.factories import actor, make_account, make_contribution

TODAY = date(2026, 11, 21)


def draft(session: Session, **values: Any) -> ActionDraft:
    department = session.scalars(select(Department).where(Department.code == "voirie")).one()
    return ActionDraft(
        **{"title": "Refaire les lampes", "body": "Dix lampes.", "department": department, **values}
    )


def make_action(session: Session, *contributions: Any, **values: Any) -> Action:
    agent = actor(make_account(session, "", Role.AGENT))
    action = operations.create_action(session, draft(session, **values), contributions, actor=agent)
    session.commit()
    return action


def test_three_items_become_one_action_and_follow_it(session: Session, town: Any) -> None:
    items = [make_contribution(session) for _ in range(2)] + [make_contribution(session, "idea")]
    action = make_action(session, *items)
    assert [item.status for item in items] == ["planned", "planned", "accepted"]
    agent = actor(make_account(session, "", Role.AGENT))
    operations.post_update(session, action, actor=agent, body="On commence.", to="in_progress")
    session.commit()
    assert {item.status for item in items} == {"in_progress"}
    operations.post_update(session, action, actor=agent, body="Terminé.", to="done")
    session.commit()
    assert [item.status for item in items] == ["resolved", "resolved", "done"]
    assert action.progress == 100
    last = session.scalars(select(StatusChange).order_by(StatusChange.id.desc())).first()
    assert last is not None
    assert last.cause == action.slug
    assert last.sentence == "Terminé."


def test_somebody_who_touched_three_items_hears_once(session: Session, town: Any) -> None:
    author, voter = make_account(session), make_account(session)
    items = [make_contribution(session, author=author) for _ in range(3)]
    for item in items:
        vote(session, item, actor=actor(voter))
    session.commit()
    action = make_action(session, *items)
    told: list[list[int]] = []

    def listen(_sender: Any, account_ids: Any, **_rest: Any) -> None:
        told.append(sorted(account_ids))

    with people_to_tell.connected_to(listen):
        operations.post_update(
            session,
            action,
            actor=actor(make_account(session, "", Role.AGENT)),
            body="On commence.",
            to="in_progress",
        )
    assert told == [sorted([author.id, voter.id])]


def test_the_dates_as_published_first_stay(session: Session, town: Any) -> None:
    action = make_action(session, start_on=TODAY, end_on=TODAY + timedelta(days=10))
    agent = actor(make_account(session, "", Role.AGENT))
    later = TODAY + timedelta(days=40)
    operations.post_update(session, action, actor=agent, body="Du retard.", end_on=later)
    session.commit()
    assert action.first_end_on == TODAY + timedelta(days=10)
    assert action.end_on == later


def test_an_end_before_the_start_is_refused(session: Session, town: Any) -> None:
    with pytest.raises(Invalid):
        make_action(session, start_on=TODAY, end_on=TODAY - timedelta(days=1))


def test_abandoning_needs_a_reason(session: Session, town: Any) -> None:
    action = make_action(session)
    agent = actor(make_account(session, "", Role.AGENT))
    with pytest.raises(Invalid):
        operations.post_update(session, action, actor=agent, body="Non.", to="abandoned")
    with pytest.raises(Conflict):
        operations.post_update(session, action, actor=agent, body="Non.", to="paused")


def test_the_status_page_sorts_by_what_was_promised(session: Session, town: Any) -> None:
    make_action(session, end_on=TODAY - timedelta(days=1))
    make_action(session, start_on=TODAY + timedelta(days=1))
    counts = queries.count_by_bucket(session, queries.ActionFilter(), TODAY)
    assert counts == {"promised": 1, "under_way": 0, "late": 1, "done": 0, "abandoned": 0}
    (tally,) = queries.count_by_department(session, TODAY)
    assert tally.total == 2


def test_milestones_keep_the_day_they_were_done(session: Session, town: Any) -> None:
    action = make_action(session, milestones=[MilestoneDraft("Étude"), MilestoneDraft("Travaux")])
    agent = actor(make_account(session, "", Role.AGENT))
    done = [MilestoneDraft("Étude", is_done=True), MilestoneDraft("Travaux"), MilestoneDraft("")]
    operations.edit_action(session, action, draft(session, milestones=done), actor=agent)
    session.commit()
    assert [m.title for m in action.milestones] == ["Étude", "Travaux"]
    assert action.milestones[0].done_on is not None


def test_the_pages_of_an_action(client: Any, session: Session, town: Any) -> None:
    item = make_contribution(session)
    action = make_action(session, item, end_on=TODAY - timedelta(days=1), cost=12000)
    page = client.get(f"/actions/{action.slug}")
    assert page.status_code == 200
    assert item.title in page.get_data(as_text=True)
    assert client.get("/actions").status_code == 200
    assert action.title in client.get("/status").get_data(as_text=True)
    assert client.get("/actions/nothing").status_code == 404


def test_an_agent_turns_contributions_into_an_action(
    client: Any, session: Session, town: Any
) -> None:
    first, second = make_contribution(session), make_contribution(session, "idea")
    client.sign_in(make_account(session, "", Role.AGENT))
    url = f"/actions/new?contribution={first.reference}&contribution={second.reference}"
    assert client.get(url).status_code == 200
    department = session.scalars(select(Department)).first()
    assert department is not None
    fields = {
        "title": "Une place plus claire",
        "body": "Nous changeons tout.",
        "department": department.id,
        "area": 0,
        "contribution": [first.reference, second.reference],
    }
    refused = client.send("/actions/new", {**fields, "title": ""}, page=url)
    assert refused.status_code == 422
    assert "Nous changeons tout." in refused.get_data(as_text=True)
    made = client.send("/actions/new", fields, page=url)
    assert made.status_code == 303
    assert client.get(made.location).status_code == 200
    news_url = f"{made.location}/updates"
    news = client.send(news_url, {"to": "in_progress", "body": "On y va."}, page=news_url)
    assert news.status_code == 303
    session.expire_all()
    assert session.get(type(first), first.id).status == "in_progress"


def test_a_visitor_may_not_run_an_action(client: Any, session: Session, town: Any) -> None:
    action = make_action(session)
    assert client.get(f"/actions/{action.slug}/edit").status_code == 303
    client.sign_in(make_account(session))
    assert client.get(f"/actions/{action.slug}/edit").status_code == 403


def test_nothing_is_to_come_once_an_action_is_done(
    client: Any, session: Session, town: Any
) -> None:
    action = make_action(session, milestones=[MilestoneDraft("Commander les tilleuls")])
    session.commit()
    assert "Ensuite" in client.get(f"/actions/{action.slug}").text
    agent = actor(make_account(session, "", Role.AGENT, department=action.department))
    for to in ("in_progress", "done"):
        operations.post_update(session, action, actor=agent, body="Voilà.", to=to)
    session.commit()
    assert "Ensuite" not in client.get(f"/actions/{action.slug}").text
