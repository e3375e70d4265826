"""What is granted in an area is granted in the areas inside it, however deep."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account, RoleGrant
from civic.actions.operations import ActionDraft, create_action
from civic.contributions.models import Contribution
from civic.contributions.policies import is_in_charge
from civic.desk.operations import assign
from civic.errors import Invalid
from civic.places.areas import import_areas, restore_area, retire_areas
from civic.places.geometry import Position
from civic.places.models import Area, AreaLevel
from civic.taxonomy.models import Department
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution, square

WEST, EAST = Position(48.115, -1.69), Position(48.115, -1.67)
BLOCK = square(48.11, -1.695, 48.12, -1.685)


def area(session: Session, slug: str) -> Area:
    return session.scalars(select(Area).where(Area.slug == slug)).one()


def narrowed(session: Session, slug: str) -> Account:
    """Return an agent for roads in one area."""
    roads = session.scalars(select(Department).where(Department.code == "voirie")).one()
    account = make_account(session, "", Role.AGENT, department=roads)
    account.grants[0].area_id = area(session, slug).id
    session.commit()
    return account


@pytest.fixture
def block(session: Session, town: Any) -> Area:
    """A neighbourhood inside the district in the west."""
    area(session, "ouest").level = AreaLevel.DISTRICT
    feature = {"type": "Feature", "properties": {"name": "Pâté"}, "geometry": BLOCK}
    result = import_areas(session, [feature], AreaLevel.NEIGHBOURHOOD)
    assert result.rejects == []
    session.commit()
    return area(session, "pate")


@pytest.fixture
def inside(session: Session, block: Area) -> Contribution:
    item = make_contribution(session, title="Dans le pâté", position=WEST, area_id=block.id)
    make_contribution(
        session, title="À l’autre bout", position=EAST, area_id=area(session, "est").id
    )
    return item


@pytest.mark.parametrize("slug", ["pate", "ouest", "village-sur-test"])
def test_an_area_is_granted_with_those_inside(
    client: CheckingClient, session: Session, inside: Contribution, slug: str
) -> None:
    agent = narrowed(session, slug)
    client.sign_in(agent)
    page = client.get("/desk").text
    assert inside.title in page
    assert ("À l’autre bout" in page) is (slug == "village-sur-test")
    assert client.get(f"/desk/{inside.reference}").status_code == 200
    everywhere = actor(make_account(session, "", Role.AGENT))
    assign(session, inside, agent, actor=everywhere)
    session.commit()
    assert inside.assigned_to is agent
    department = session.get_one(Department, inside.department_id)
    draft = ActionDraft(
        title="Refaire", body="Tout.", department=department, area_id=inside.area_id
    )
    action = create_action(session, draft, [], actor=everywhere)
    session.commit()
    assert client.get(f"/actions/{action.slug}/edit").status_code == 200


def test_an_area_is_not_granted_with_the_one_around_it(
    client: CheckingClient, session: Session, inside: Contribution
) -> None:
    around = make_contribution(
        session, title="Autour", position=WEST, area_id=area(session, "ouest").id
    )
    agent = narrowed(session, "pate")
    client.sign_in(agent)
    assert around.title not in client.get("/desk").text
    assert client.get(f"/desk/{around.reference}").status_code == 403
    with pytest.raises(Invalid):
        assign(session, around, agent, actor=actor(make_account(session, "", Role.AGENT)))
    session.rollback()


def test_two_areas_are_granted_with_those_inside_each(
    session: Session, inside: Contribution
) -> None:
    agent = narrowed(session, "est")
    agent.grants.append(
        RoleGrant(
            role=Role.AGENT,
            department_id=inside.department_id,
            area_id=area(session, "ouest").id,
        )
    )
    session.commit()
    for item in session.scalars(select(Contribution)):
        assert is_in_charge(actor(agent), item)


def test_what_was_in_a_retired_area_stays_with_the_one_around_it(
    client: CheckingClient, session: Session, inside: Contribution
) -> None:
    agent, inner = narrowed(session, "ouest"), narrowed(session, "pate")
    retire_areas(session, [area(session, "pate")])
    session.commit()
    session.refresh(inside)
    client.sign_in(agent)
    assert inside.title in client.get("/desk").text
    assert not is_in_charge(actor(inner), inside)
    restore_area(session, area(session, "pate"))
    session.commit()
    session.refresh(inside)
    assert is_in_charge(actor(inner), inside)
    assert is_in_charge(actor(agent), inside)


def test_a_retired_area_grants_nothing_of_what_was_inside_it(
    session: Session, inside: Contribution
) -> None:
    agent = narrowed(session, "ouest")
    retire_areas(session, [area(session, "ouest")])
    session.commit()
    session.refresh(inside)
    assert not is_in_charge(actor(agent), inside)
