"""The kernel keeps its promises on both engines."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, Role
from civic.contributions.models import Contribution, StatusChange
from civic.contributions.operations import edit_text, hide, move, publish
from civic.contributions.policies import may_edit, may_see, parties
from civic.contributions.workflow import Party
from civic.errors import Conflict, Forbidden, Invalid
from tests.factories import actor, make_account, make_contribution


def test_a_report_has_a_reference_and_due_dates(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    assert incident.reference.startswith("S-")
    assert incident.due_at is not None
    assert incident.acknowledge_due_at is not None
    assert incident.submitted_at < incident.acknowledge_due_at < incident.due_at


def test_the_kind_comes_back_as_its_own_class(app: Flask, session: Session, town: Any) -> None:
    reference = make_contribution(session, "idea").reference
    session.expunge_all()
    found = session.query(Contribution).filter_by(reference=reference).one()
    assert type(found).__name__ == "Idea"


def test_a_closing_needs_a_public_sentence(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    agent = actor(make_account(session, "agent@example.org", Role.AGENT))
    standing = parties(agent, incident, is_supporter=False)
    with pytest.raises(Invalid):
        move(session, incident, "resolved", actor=agent, standing=standing)
    move(session, incident, "resolved", actor=agent, standing=standing, sentence="Ampoule changée.")
    session.commit()
    assert incident.status_type == "fixed"
    assert incident.closed_at is not None


def test_an_edge_that_does_not_exist_is_a_conflict(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    with pytest.raises(Conflict):
        move(session, incident, "confirmed", actor=SYSTEM, standing={Party.SYSTEM})


def test_nobody_works_on_their_own_contribution(session: Session, town: Any) -> None:
    account = make_account(session, "agent@example.org", Role.AGENT)
    incident = make_contribution(session, author=account)
    standing = parties(actor(account), incident, is_supporter=False)
    assert standing == {Party.AUTHOR}
    with pytest.raises(Forbidden):
        move(session, incident, "planned", actor=actor(account), standing=standing)


def test_who_closed_does_not_judge_the_contest(session: Session, town: Any) -> None:
    agent = actor(make_account(session, "agent@example.org", Role.AGENT))
    author = make_account(session)
    incident = make_contribution(session, author=author)
    work, own = {Party.AGENT}, {Party.AUTHOR}
    move(session, incident, "resolved", actor=agent, standing=work, sentence="Fait.")
    move(session, incident, "contested", actor=actor(author), standing=own, sentence="Non.")
    decline = {"sentence": "Rien à faire.", "reason": "not_found"}
    with pytest.raises(Forbidden):
        move(session, incident, "declined", actor=agent, standing=work, **decline)
    other = actor(make_account(session, "other@example.org", Role.AGENT))
    move(session, incident, "declined", actor=other, standing=work, **decline)
    session.commit()
    steps = session.query(StatusChange).filter_by(contribution_id=incident.id).count()
    assert steps == 4


def test_a_hidden_contribution_is_its_authors_only(session: Session, town: Any) -> None:
    author, other = make_account(session), make_account(session)
    incident = make_contribution(session, author=author)
    hide(session, incident, actor=SYSTEM)
    assert may_see(actor(author), incident)
    assert not may_see(actor(other), incident)
    publish(session, incident, actor=SYSTEM)
    session.commit()
    assert may_see(actor(other), incident)


def test_an_edit_keeps_what_was_written(session: Session, town: Any) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author)
    assert may_edit(actor(author), incident)
    edit_text(session, incident, actor=actor(author), title="Lampe cassée", body=incident.body)
    session.commit()
    assert incident.title == "Lampe cassée"
