"""Who may enter which page: every route, as every role, from one table."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter
from werkzeug.routing.converters import NumberConverter

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.accounts.session import actor_of
from civic.contributions.operations import move
from civic.contributions.workflow import Party
from civic.extensions import db
from civic.flags.models import Flag, FlagReason
from civic.web.access import Entry, entries_of
from tests.factories import make_account, make_contribution

P, R, A = Entry.PUBLIC, Entry.RESIDENT, Entry.AGENT
MOD, MED, ADM = Entry.MODERATOR, Entry.MEDIATOR, Entry.ADMINISTRATOR

TABLE: dict[str, set[Entry]] = {}
"""Who may enter: blueprint or endpoint, the longer one wins. Filled below, in words."""


def may_enter(names: str, *entries: Entry) -> None:
    for name in names.split():
        TABLE[name] = set(entries)


may_enter("assets stylesheet layout health legal", P)
may_enter("home map areas lists similar places open_data incidents ideas submission", P)
may_enter("attachments.show", P)

may_enter("participation", P)
may_enter("participation.vote participation.follow participation.comment", R)
may_enter("participation.edit_comment", R)
may_enter("participation.helpful participation.withdraw_comment", R)
may_enter("actions.index actions.show actions.status", P)
may_enter("actions.new actions.edit actions.update actions.links actions.unlink", A)
may_enter("actions.photos actions.undo", A)
may_enter("actions.follow", R)
may_enter("accounts", R)
may_enter("accounts.sign_in accounts.send_code accounts.enter_code accounts.check_code", P)
may_enter("accounts.open_link accounts.use_link accounts.sign_out", P)
may_enter("accounts.sign_in_by_password accounts.check_password", P)
may_enter("accounts.open_email_link accounts.confirm_email", P)
may_enter("accounts.open_stop_link accounts.stop_email", P)
may_enter("notifications", R)
may_enter("notifications.refuse notifications.stop_mails notifications.open_as_author", P)
may_enter("notifications.choose_for_department", ADM)
may_enter("moderation", MOD)
may_enter("moderation.index moderation.show moderation.account moderation.decisions", MOD, MED)
may_enter("moderation.appeals", MED, MOD)
may_enter("moderation.answer", MED)
may_enter("moderation.decision moderation.appeal moderation.ledger moderation.ledger_csv", P)
may_enter("moderation.merge moderation.undo_merge", A, MOD)
may_enter("desk", A)
may_enter("desk.index desk.show desk.move desk.note desk.answer", A, MED)
may_enter("administration", ADM)
may_enter("demo mailbox gallery", P)

ROLES: dict[str, tuple[Role, ...] | None] = {
    "visitor": None,
    "resident": (),
    "agent": (Role.AGENT,),
    "moderator": (Role.MODERATOR,),
    "mediator": (Role.MEDIATOR,),
    "administrator": (Role.ADMINISTRATOR,),
}
OPENS = {
    "visitor": {P},
    "resident": {P, R},
    "agent": {P, R, A},
    "moderator": {P, R, MOD},
    "mediator": {P, R, MED},
    "administrator": {P, R, ADM},
}


def expected(endpoint: str) -> set[Entry]:
    return TABLE.get(endpoint, TABLE.get(endpoint.partition(".")[0], set()))


def endpoints(app: Flask) -> list[str]:
    return sorted({rule.endpoint for rule in app.url_map.iter_rules()})


def test_every_route_says_who_may_enter(bare_app: Flask) -> None:
    silent = [e for e in endpoints(bare_app) if not entries_of(bare_app.view_functions[e])]
    assert silent == []


def test_every_route_is_in_the_table_as_it_is_in_the_code(bare_app: Flask) -> None:
    differing = {
        endpoint: (sorted(marked), sorted(expected(endpoint)))
        for endpoint in endpoints(bare_app)
        if (marked := entries_of(bare_app.view_functions[endpoint])) != expected(endpoint)
    }
    assert differing == {}


@pytest.fixture
def people(session: Session, town: Any) -> dict[str, Account | None]:
    return {
        name: None if roles is None else make_account(session, f"{name}@example.org", *roles)
        for name, roles in ROLES.items()
    }


@pytest.fixture
def values(session: Session, town: Any) -> dict[str, Any]:
    """One thing of each sort, for the addresses of routes."""
    contribution = make_contribution(session)
    flag = Flag(contribution_id=contribution.id, reason=FlagReason.OTHER, receipt="F-1234")
    session.add(flag)
    session.commit()
    return {"reference": contribution.reference, "contribution_id": contribution.id}


def address(app: Flask, rule: Any, values: dict[str, Any]) -> str:
    """An address of ``rule``; what there is none of gets a value that leads nowhere."""
    named = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        if name in values:
            named[name] = values[name]
        elif isinstance(converter, AnyConverter):
            named[name] = min(converter.items)
        else:
            named[name] = 999_999 if isinstance(converter, NumberConverter) else "nothing"
    with app.test_request_context():
        return str(rule.build(named, append_unknown=False)[1])


@pytest.mark.parametrize("role", list(ROLES))
def test_every_route_as_every_role(
    app: Flask, client: Any, people: dict[str, Account | None], values: dict[str, Any], role: str
) -> None:
    wrong = []
    for rule in app.url_map.iter_rules():
        allowed = not OPENS[role].isdisjoint(expected(rule.endpoint))
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            client.sign_out()
            person = people[role]
            if person is not None:
                client.sign_in(person)
            url = address(app, rule, values)
            answer = client.send(url) if method == "POST" else client.get(url)
            answer.get_data()  # a stream keeps its context until it was read
            to_sign_in = answer.status_code == 303 and answer.location.startswith("/sign-in?")
            entered = not to_sign_in and (allowed or answer.status_code != 403)
            if entered != allowed or answer.status_code >= 500:
                wrong.append(f"{method} {url}: {answer.status_code} for {role}")
            session_reset()
    assert wrong == []


def test_head_is_get_without_its_body_and_does_nothing(
    app: Flask, client: Any, session: Session, values: dict[str, Any]
) -> None:
    roles = (Role.AGENT, Role.MODERATOR, Role.MEDIATOR, Role.ADMINISTRATOR)
    person = make_account(session, "all@example.org", *roles)
    agent = make_account(session, "", Role.AGENT)
    case = make_contribution(session, author=person)
    by = {"actor": actor_of(agent), "standing": {Party.AGENT}}
    move(session, case, "resolved", sentence="Fait.", **by)
    session.commit()
    values |= {"reference": case.reference, "contribution_id": case.id}
    client.sign_in(person)
    wrong = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        url = address(app, rule, values)
        told = client.head(url)
        asked = client.get(url)
        asked.get_data()
        if told.status_code != asked.status_code or told.data:
            wrong.append(f"{url}: {told.status_code}, {asked.status_code}")
        session_reset()
    assert wrong == []
    assert case.status == "resolved"


def session_reset() -> None:
    """Accounts that a route changed (a new session token) are read anew."""
    db.session.expire_all()


def test_the_table_names_no_route_that_is_gone(bare_app: Flask) -> None:
    known = set(endpoints(bare_app)) | {e.partition(".")[0] for e in endpoints(bare_app)}
    assert sorted(set(TABLE) - known) == []


def test_a_signed_out_person_comes_back_to_where_they_were(client: Any, session: Session) -> None:
    answer = client.get("/account/settings?x=1")
    assert answer.status_code == 303
    assert "next=/account/settings?x%3D1" in answer.location or "next=%2Faccount" in answer.location
    assert session.scalars(select(Account)).all() == []
