"""Deadlines are rows; the column of the contribution is derived from them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civic.contributions.models import Contribution, Deadline, Due
from civic.contributions.operations import change_category, move
from civic.contributions.workflow import Party
from civic.database import utcnow
from civic.taxonomy.models import Category
from tests.factories import actor, make_account, make_contribution


@pytest.fixture
def agent(session: Session, town: Any) -> Any:
    return actor(make_account(session, "agent@example.org"))


def deadlines(session: Session, contribution: Contribution) -> dict[Due, Deadline]:
    rows = session.scalars(select(Deadline).where(Deadline.contribution_id == contribution.id))
    return {row.what: row for row in rows}


def step(session: Session, incident: Contribution, to: str, agent: Any, **words: Any) -> None:
    move(session, incident, to, actor=agent, standing={Party.AGENT}, **words)
    session.commit()


def test_an_incident_has_two_and_an_idea_none(session: Session, town: Any) -> None:
    incident, idea = make_contribution(session), make_contribution(session, "idea")
    due = deadlines(session, incident)
    assert set(due) == {Due.ACKNOWLEDGE, Due.RESOLVE}
    assert incident.due_at == due[Due.RESOLVE].due_at
    assert incident.acknowledge_due_at == due[Due.ACKNOWLEDGE].due_at
    assert deadlines(session, idea) == {}
    assert idea.due_at is None


def test_steps_meet_them_pause_them_and_reopen_them(session: Session, agent: Any) -> None:
    incident = make_contribution(session)
    step(session, incident, "acknowledged", agent)
    due = deadlines(session, incident)
    assert due[Due.ACKNOWLEDGE].met_at == incident.acknowledged_at
    assert due[Due.RESOLVE].met_at is None
    promised = due[Due.RESOLVE].due_at
    step(session, incident, "question_asked", agent, sentence="Où exactement ?")
    assert due[Due.RESOLVE].paused_at == incident.status_since
    assert due[Due.RESOLVE].due_at == promised
    assert incident.due_at is None
    step(session, incident, "acknowledged", agent)
    assert due[Due.RESOLVE].paused_at is None
    assert incident.due_at == due[Due.RESOLVE].due_at >= promised
    step(session, incident, "resolved", agent, sentence="Réparé.")
    assert due[Due.RESOLVE].met_at == incident.closed_at is not None


def test_another_category_promises_anew_what_is_not_met(session: Session, agent: Any) -> None:
    incident = make_contribution(session)
    step(session, incident, "acknowledged", agent)
    due = deadlines(session, incident)
    acknowledge, resolve = due[Due.ACKNOWLEDGE].due_at, due[Due.RESOLVE].due_at
    other = session.scalars(select(Category).where(Category.code == "depot")).one()
    other.days_to_acknowledge, other.days_to_resolve = 50, 200
    change_category(session, incident, other, actor=agent)
    session.commit()
    assert due[Due.ACKNOWLEDGE].due_at == acknowledge
    assert due[Due.RESOLVE].due_at > resolve + timedelta(days=30)
    assert incident.due_at == due[Due.RESOLVE].due_at


def test_of_each_sort_one_is_running(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    callback = {"contribution_id": incident.id, "what": Due.CALLBACK, "due_at": utcnow()}
    session.add(Deadline(**callback, met_at=utcnow()))
    session.add(Deadline(**callback))
    session.commit()
    session.add(Deadline(**callback))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
