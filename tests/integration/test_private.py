"""What is private is public nowhere, and an opinion never leaves that state."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, VISITOR, Role
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.operations import hide, hold, publish
from civic.contributions.policies import may_see
from civic.database import table_of
from civic.errors import Conflict
from civic.moderation.policies import may_moderate
from civic.taxonomy.models import Department
from tests.factories import CENTRE, actor, make_account, make_contribution

WORD = "Zanzibar"
ASKED = (f"/incidents?q={WORD}", f"/ideas?q={WORD}", "/areas/ouest", "/areas/est")
"""Beside every address that has no part to fill in."""
EXPORTS = (
    "/open-data/contributions.csv",
    "/open-data/contributions.geojson",
    "/open-data/comments.csv",
)


def make_private(session: Session, contribution: Contribution) -> None:
    contribution.moderation_state = ModerationState.PRIVATE
    session.commit()


@pytest.fixture
def private(session: Session, town: Any) -> Contribution:
    incident = make_contribution(session, title=f"Merci {WORD}", body=f"{WORD} encore")
    make_contribution(session, title="Banc cassé")
    make_private(session, incident)
    return incident


def test_nothing_that_a_visitor_can_ask_for_shows_what_is_private(
    app: Flask, client: Any, private: Contribution
) -> None:
    make_public = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    paths = sorted(path for path in make_public if "<" not in path)
    reached = []
    for path in [*paths, *ASKED]:
        answer = client.get(path)
        if answer.status_code == 200:
            reached.append(path)
        text = answer.get_data(as_text=True)
        assert f"Merci {WORD}" not in text, path
        assert f"{WORD} encore" not in text, path
        assert private.reference not in text, path
    assert {"/", "/incidents", "/map", "/status", *EXPORTS, *ASKED} <= set(reached)


def test_the_map_does_not_count_it(client: Any, session: Session, private: Contribution) -> None:
    make_private(session, make_contribution(session, "idea", title=WORD))
    listed = client.get("/ideas").get_data(as_text=True)
    assert WORD not in listed


def test_a_private_and_an_unknown_reference_answer_alike(
    client: Any, private: Contribution
) -> None:
    known = client.get(f"/incidents/{private.reference}")
    unknown = client.get("/incidents/S-9999-99")
    assert known.status_code == unknown.status_code == 404
    words = known.get_data(as_text=True).replace(private.reference, "")
    assert words == unknown.get_data(as_text=True).replace("S-9999-99", "")


def test_it_is_between_its_author_and_those_in_charge(session: Session, town: Any) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author)
    make_private(session, incident)
    roads = session.scalars(select(Department).where(Department.code == "voirie")).one()
    parks = session.scalars(select(Department).where(Department.code == "espaces-verts")).one()
    sees = {
        "author": actor(author),
        "agent": actor(make_account(session, "", Role.AGENT, department=roads)),
        "mediator": actor(make_account(session, "", Role.MEDIATOR)),
    }
    does_not = {
        "visitor": VISITOR,
        "resident": actor(make_account(session)),
        "other agent": actor(make_account(session, "", Role.AGENT, department=parks)),
        "moderator": actor(make_account(session, "", Role.MODERATOR)),
    }
    assert {who for who, one in sees.items() if not may_see(one, incident)} == set()
    assert {who for who, one in does_not.items() if may_see(one, incident)} == set()
    assert not any(may_moderate(one, incident) for one in does_not.values())


@pytest.mark.parametrize("verb", [publish, hide, hold])
def test_no_decision_of_the_moderation_changes_it(
    session: Session, private: Contribution, verb: Any
) -> None:
    with pytest.raises(Conflict):
        verb(session, private, actor=SYSTEM)
    assert private.moderation_state is ModerationState.PRIVATE


@pytest.mark.parametrize("state", ["published", "held", "hidden"])
def test_an_opinion_never_leaves_private(
    session: Session, private: Contribution, state: str
) -> None:
    table = table_of(Contribution)
    mine = update(table).where(table.c.id == private.id)
    session.execute(mine.values(kind="opinion"))
    session.commit()
    with pytest.raises(IntegrityError):
        session.execute(mine.values(moderation_state=state))
    session.rollback()
    row = dict(session.execute(select(table).where(table.c.id == private.id)).one()._mapping)
    row |= {"id": 999, "reference": "A-9", "follow_hash": None, "moderation_state": state}
    with pytest.raises(IntegrityError):
        session.execute(insert(table).values(row))
    session.rollback()


def test_it_is_placed_like_others(private: Contribution) -> None:
    assert (private.lat, private.lon) == (CENTRE.lat, CENTRE.lon)
