"""Who opens a case, who works on it, who answers an appeal: nobody decides about their own."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from civic.accounts.actor import VISITOR, Actor, Charge, Role
from civic.accounts.models import Account, RoleGrant
from civic.contributions.models import ModerationState
from civic.database import utcnow
from civic.desk import policies as desk
from civic.desk.models import SavedReply
from civic.moderation import policies as moderation
from civic.moderation.models import Appeal, Decision, Measure

ROADS, PARKS, WEST, EAST = 1, 2, 11, 12


def case(**more: Any) -> Any:
    values = {"id": 7, "author_id": 100, "department_id": ROADS, "area_id": WEST}
    state = {"is_public": True, "moderation_state": ModerationState.PUBLISHED}
    return SimpleNamespace(**(values | state | more))


def agent(*charges: Charge, id: int = 1) -> Actor:
    """An agent with these charges, or with all of the town."""
    given = charges or (Charge(),)
    return Actor(account_id=id, is_verified=True, roles=frozenset({Role.AGENT}), charges=given)


def person(*roles: Role, id: int = 1) -> Actor:
    return Actor(account_id=id, is_verified=True, roles=frozenset(roles))


@pytest.mark.parametrize(
    ("who", "opens"),
    [
        (VISITOR, False),
        (person(), False),
        (agent(), True),
        (agent(Charge(ROADS)), True),
        (agent(Charge(PARKS)), False),
        (agent(Charge(ROADS, frozenset({EAST}))), False),
        (agent(Charge(ROADS, frozenset({WEST, EAST}))), True),
        (agent(Charge(None, frozenset({WEST}))), True),
        (agent(Charge(PARKS), Charge(ROADS)), True),
        # Each grant stands for itself: roads in the east and parks in the west are not roads
        # in the west.
        (agent(Charge(ROADS, frozenset({EAST})), Charge(PARKS, frozenset({WEST}))), False),
        (person(Role.MODERATOR), False),
        (person(Role.MEDIATOR), True),
        (person(Role.ADMINISTRATOR), False),
    ],
)
def test_a_case_is_for_who_is_in_charge(who: Actor, opens: bool) -> None:
    assert desk.may_open(who, case()) is opens


def test_agents_do_not_work_on_their_own() -> None:
    assert not desk.may_reclassify(agent(id=100), case())
    assert not desk.may_note(agent(id=100), case())
    assert not desk.may_see_contact(agent(id=100), case())


def test_mediators_read_but_do_not_reclassify() -> None:
    assert desk.may_note(person(Role.MEDIATOR), case())
    assert not desk.may_reclassify(person(Role.MEDIATOR), case())


def test_a_reply_for_all_is_changed_by_who_works_for_all() -> None:
    for_all, for_roads = SavedReply(department_id=None), SavedReply(department_id=ROADS)
    assert desk.may_edit_reply(agent(), for_all)
    assert not desk.may_edit_reply(agent(Charge(ROADS)), for_all)
    assert desk.may_edit_reply(agent(Charge(ROADS)), for_roads)
    assert not desk.may_edit_reply(agent(Charge(PARKS)), for_roads)
    assert not desk.may_edit_reply(person(), for_roads)


def test_only_agents_of_the_department_are_assigned() -> None:
    roads = Account(grants=[RoleGrant(role=Role.AGENT, department_id=ROADS)])
    parks = Account(grants=[RoleGrant(role=Role.AGENT, department_id=PARKS)])
    moderator = Account(grants=[RoleGrant(role=Role.MODERATOR)])
    assert desk.works_for(Session(), roads, case(area_id=None))
    assert not desk.works_for(Session(), parks, case(area_id=None))
    assert not desk.works_for(Session(), moderator, case(area_id=None))


def test_nobody_moderates_their_own() -> None:
    comment: Any = SimpleNamespace(author_id=100)
    moderator, author = person(Role.MODERATOR), person(Role.MODERATOR, id=100)
    assert moderation.may_moderate(moderator, case())
    assert not moderation.may_moderate(author, case())
    assert moderation.may_moderate_comment(moderator, comment)
    assert not moderation.may_moderate_comment(author, comment)
    by_link = Actor(account_id=5, roles=frozenset({Role.MODERATOR}), follow_ids=frozenset({7}))
    assert not moderation.may_moderate(by_link, case())


def test_agents_and_administrators_do_not_moderate() -> None:
    for role in (Role.AGENT, Role.MEDIATOR, Role.ADMINISTRATOR):
        assert not moderation.may_moderate(person(role), case())


def decision(**more: Any) -> Any:
    values = {
        "measure": Measure.HIDE,
        "account_id": 100,
        "decider_id": 1,
        "comment_id": None,
        "contribution": case(),
        "appeals": [],
        "reversed_at": None,
        "at": utcnow(),
    }
    return SimpleNamespace(**(values | more))


@pytest.mark.parametrize(
    ("who", "sees", "appeals"),
    [
        (VISITOR, False, False),
        (person(id=3), False, False),
        (person(id=100), True, True),
        (Actor(follow_ids=frozenset({7})), True, True),
        (person(Role.MODERATOR), True, False),
        (person(Role.MEDIATOR), True, False),
        (agent(), False, False),
    ],
)
def test_a_decision_is_for_the_person_concerned(who: Actor, sees: bool, appeals: bool) -> None:
    found: Decision = decision()
    assert moderation.may_see_decision(who, found) is sees
    assert moderation.may_appeal(who, found, now=utcnow()) is appeals


def test_the_author_of_a_page_does_not_contest_for_the_author_of_a_comment() -> None:
    found: Decision = decision(comment_id=4, account_id=55)
    assert not moderation.may_appeal(person(id=100), found, now=utcnow())
    assert moderation.may_appeal(person(id=55), found, now=utcnow())


@pytest.mark.parametrize(
    "more",
    [
        {"measure": Measure.PUBLISH},
        {"measure": Measure.RESTORE},
        {"appeals": [object()]},
        {"reversed_at": utcnow()},
        {"at": utcnow() - timedelta(days=200)},
    ],
)
def test_what_is_not_to_be_contested(more: dict[str, Any]) -> None:
    assert not moderation.may_appeal(person(id=100), decision(**more), now=utcnow())


@pytest.mark.parametrize(
    ("who", "answers"),
    [
        (person(Role.MEDIATOR, id=9), True),
        (person(Role.MEDIATOR, id=1), False),
        (person(Role.MEDIATOR, id=100), False),
        (person(Role.MODERATOR, id=9), False),
        (person(Role.ADMINISTRATOR, id=9), False),
    ],
)
def test_an_appeal_is_answered_by_another(who: Actor, answers: bool) -> None:
    appeal: Any = SimpleNamespace(decision=decision(), decided_at=None, author_id=100)
    found: Appeal = appeal
    assert moderation.may_answer(who, found) is answers
