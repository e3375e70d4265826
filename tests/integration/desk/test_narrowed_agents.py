"""An agent of one department, or of one area, asks for every object of the others."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, Role
from civic.accounts.models import Account, RoleGrant
from civic.actions.operations import ActionDraft, create_action
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.operations import hide
from civic.desk.models import SavedReply
from civic.places.geometry import Position
from civic.places.models import Area
from civic.taxonomy.models import Department
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution

UNKNOWN = "S-89XY-22"
WEST = Position(48.11, -1.69)
STATES = ("published", "held", "hidden", "private")


@dataclass(frozen=True)
class Foreign:
    """What belongs to others: references by state, an action, a saved reply."""

    references: dict[str, str]
    slug: str
    reply_id: int


@pytest.fixture(params=["department", "area"])
def narrowed(request: pytest.FixtureRequest, session: Session, town: Any) -> Account:
    parks = session.scalars(select(Department).where(Department.code == "espaces-verts")).one()
    if request.param == "department":
        return make_account(session, "ailleurs@example.org", Role.AGENT, department=parks)
    account = make_account(session, "ailleurs@example.org", Role.AGENT)
    east = select(Area.id).where(Area.slug == "est")
    account.grants[0].area_id = session.scalars(east).one()
    session.commit()
    return account


@pytest.fixture
def foreign(session: Session, narrowed: Account) -> Foreign:
    references = {}
    for state in STATES:
        item = make_contribution(
            session, title=f"Chez les autres {state}", position=WEST, held=state == "held"
        )
        if state == "hidden":
            hide(session, item, actor=SYSTEM)
        if state == "private":
            item.moderation_state = ModerationState.PRIVATE
        references[state] = item.reference
    one = session.scalars(select(Contribution)).first()
    assert one is not None
    assert one.department is not None
    roads = one.department
    west = session.scalars(select(Area.id).where(Area.slug == "ouest")).one()
    draft = ActionDraft(title="Refaire les lampes", body="Toutes.", department=roads, area_id=west)
    everywhere = actor(make_account(session, "", Role.AGENT))
    action = create_action(session, draft, [], actor=everywhere)
    reply = SavedReply(title="Lampe", body="Changée.", department_id=roads.id)
    session.add(reply)
    session.commit()
    return Foreign(references, action.slug, reply.id)


def routes(app: Flask, argument: str) -> list[tuple[str, str]]:
    """Return (method, pattern) of the routes for agents that name an object by ``argument``."""
    found = []
    for rule in app.url_map.iter_rules():
        endpoint = rule.endpoint
        is_agents = endpoint.startswith("desk.") or endpoint == "moderation.merge"
        is_agents |= endpoint.startswith("actions.") and endpoint not in {
            "actions.show",
            "actions.follow",
        }
        if is_agents and argument in rule.arguments:
            found += [
                (method, re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule))
                for method in sorted(rule.methods or set())
                if method in {"GET", "POST"}
            ]
    return found


def without_tokens(page: str) -> str:
    return re.sub(r'value="[^"]{40,}"', "", page)


def ask(client: CheckingClient, method: str, pattern: str, **names: Any) -> tuple[int, str]:
    path = pattern.format(**{"to": "resolved", "reference": UNKNOWN, "slug": "x"} | names)
    answer = client.get(path) if method == "GET" else client.send(path, {"sentence": "Non."})
    text = without_tokens(answer.text)
    for name in names.values():
        text = text.replace(str(name), "…")
    return answer.status_code, text


def test_contributions_of_others(
    app: Flask, client: CheckingClient, narrowed: Account, foreign: Foreign
) -> None:
    client.sign_in(narrowed)
    asked = [(m, p) for m, p in routes(app, "reference") if "{slug}" not in p]
    assert len(asked) >= 6
    for method, pattern in asked:
        unknown = ask(client, method, pattern, reference=UNKNOWN)
        assert unknown[0] == 404, (method, pattern)
        for state, reference in foreign.references.items():
            answer = ask(client, method, pattern, reference=reference)
            if state == "published":
                assert answer[0] in {403, 404}, (method, pattern)
            else:
                assert answer == unknown, (method, pattern, state)


def test_objects_of_others(
    app: Flask, client: CheckingClient, session: Session, narrowed: Account, foreign: Foreign
) -> None:
    client.sign_in(narrowed)
    for method, pattern in routes(app, "slug"):
        answer = ask(client, method, pattern, slug=foreign.slug)
        assert answer[0] in {403, 404}, (method, pattern)
    if narrowed.grants[0].department_id is not None:
        for method, pattern in routes(app, "reply_id"):
            answer = ask(client, method, pattern, reply_id=foreign.reply_id)
            assert answer[0] in {403, 404}, (method, pattern)


@pytest.mark.parametrize(
    "path", ["/desk", "/desk?q={}", "/desk/bulk?case={}", "/actions/new?contribution={}"]
)
def test_no_list_shows_them(
    client: CheckingClient, narrowed: Account, foreign: Foreign, path: str
) -> None:
    client.sign_in(narrowed)
    for state, reference in foreign.references.items():
        page = client.get(path.format(reference))
        assert f"Chez les autres {state}" not in page.text, (path, state)


def test_what_is_not_public_cannot_be_linked_or_told_apart(
    client: CheckingClient, session: Session, narrowed: Account, foreign: Foreign
) -> None:
    one = session.scalars(select(Contribution)).first()
    assert one is not None
    mine = make_account(session, "", Role.AGENT)
    parks = session.scalars(select(Department).where(Department.code == "espaces-verts")).one()
    grant = narrowed.grants[0]
    area_id = grant.area_id or one.area_id
    draft = ActionDraft(title="Tailler", body="Tout.", department=parks, area_id=area_id)
    slug = create_action(session, draft, [], actor=actor(mine)).slug
    session.commit()
    client.sign_in(narrowed)

    def said(reference: str) -> str:
        answer = client.send(f"/actions/{slug}/links", {"references": reference})
        assert answer.status_code == 422
        return without_tokens(answer.text).replace(reference, "…")

    unknown = said(UNKNOWN)
    assert "…" in unknown
    for state in ("held", "private", "hidden"):
        assert said(foreign.references[state]) == unknown, state
    assert said(foreign.references["published"]) != unknown


def test_each_grant_stands_for_itself(
    client: CheckingClient, session: Session, foreign: Foreign, narrowed: Account
) -> None:
    """Roads in the east and parks in the west are not roads in the west."""
    grants = [("voirie", "est"), ("espaces-verts", "ouest")]
    account = make_account(session, "deux@example.org")
    for code, slug in grants:
        department = session.scalars(select(Department.id).where(Department.code == code)).one()
        area_id = session.scalars(select(Area.id).where(Area.slug == slug)).one()
        grant = RoleGrant(role=Role.AGENT, department_id=department, area_id=area_id)
        account.grants.append(grant)
    session.commit()
    client.sign_in(account)
    assert "Chez les autres" not in client.get("/desk").text
    for reference in foreign.references.values():
        assert client.get(f"/desk/{reference}").status_code in {403, 404}
    assert client.get(f"/actions/{foreign.slug}/edit").status_code in {403, 404}
