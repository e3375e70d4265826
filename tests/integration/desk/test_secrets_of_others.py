"""A narrowed agent asks every route for what others wrote, kept, hid and attached."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter, Rule

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.attachments.models import Photo
from civic.attachments.operations import set_photo_state
from civic.attachments.queries import list_photos
from civic.comments.operations import add_comment
from civic.contributions.models import Contribution, ModerationState
from civic.desk.operations import add_note
from civic.flags.models import FlagReason
from civic.flags.operations import raise_flag
from civic.messages.operations import answer_in_private
from civic.moderation.operations import Grounds, hide
from civic.moderation.operations.appeals import submit_appeal
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution
from tests.integration.desk.test_narrowed_agents import WEST, narrowed
from tests.integration.test_mails_repeat import with_photo

__all__ = ["narrowed"]
SECRET = "zyxsecret"
STATES = ("published", "held", "hidden", "private")


@dataclass
class Others:
    """What belongs to others: the values that routes name things by."""

    values: dict[str, set[str]] = field(default_factory=dict)

    def add(self, **named: object) -> None:
        for name, value in named.items():
            self.values.setdefault(name, set()).add(str(value))


@pytest.fixture
def others(app: Flask, session: Session, narrowed: Account) -> Others:
    found = Others()
    author = make_account(session, f"{SECRET}@example.org")
    agent, moderator = make_account(session, "", Role.AGENT), make_account(session, "", MOD)
    for state in STATES:
        is_public = state == "published"
        words = "Banc" if is_public else f"{SECRET} {state}"
        case = make_contribution(
            session, title=words, body=words, author=author, position=WEST, address=words
        )
        case.hides_author = True
        with_photo(app, session, case)
        for photo in list_photos(session, case.id, public_only=False):
            photo.description = SECRET
            set_photo_state(session, photo, ModerationState.HELD)
            found.add(key=photo.key)
        add_note(session, case, f"{SECRET} note", actor=actor(agent))
        answer_in_private(session, case, f"{SECRET} message", actor=actor(agent))
        comment = add_comment(
            session, case, actor=actor(author), body=f"{SECRET} {state} 06 12 34 56 78"
        )
        told = raise_flag(
            session, case, actor=actor(agent), reason=FlagReason.OTHER, text=f"{SECRET} flag"
        )
        found.add(
            reference=case.reference,
            contribution_id=case.id,
            comment_id=comment.id,
            receipt=told.receipt,
        )
        _put(session, found, case, state, moderator, author)
    found.add(account_id=author.id)
    session.commit()
    return found


MOD = Role.MODERATOR


def _put(
    session: Session, found: Others, case: Contribution, state: str, by: Account, author: Account
) -> None:
    """Bring ``case`` into ``state``; its decision is contested."""
    if state == "hidden":
        grounds = Grounds(clause="2", facts=f"{SECRET} facts")
        decision = hide(session, case, actor=actor(by), grounds=grounds)
        appeal = submit_appeal(session, decision, actor=actor(author), text=f"{SECRET} appeal")
        found.add(appeal_id=appeal.id, reference=decision.reference)
    elif state != "published":
        case.moderation_state = ModerationState(state)
    session.flush()


def addresses(app: Flask, rule: Rule, others: Others) -> list[str]:
    """Return the addresses of ``rule`` for each thing of others that it can name."""
    known = [name for name in sorted(rule.arguments) if name in others.values]
    if not known:
        return []
    given: dict[str, Any] = {
        "size": "large",
        "to": "resolved",
        "kind": "incident",
        "name": "publish",
        "slug": "x",
    }
    given |= {"act": "vote", "about": "x"}
    found = []
    for value in sorted(others.values[known[0]]):
        named = {name: given.get(name, "1") for name in rule.arguments} | {known[0]: value}
        for name in rule.arguments:
            if isinstance(rule._converters[name], AnyConverter):
                named[name] = min(rule._converters[name].items)
        numbers = {name: int(one) if str(one).isdigit() else one for name, one in named.items()}
        with app.test_request_context():
            built = rule.build(numbers, append_unknown=False)
        if built is not None:
            found.append(built[1])
    return found


def test_nothing_of_others_is_in_any_answer(
    app: Flask, client: CheckingClient, session: Session, narrowed: Account, others: Others
) -> None:
    client.sign_in(narrowed)
    asked, shown = 0, []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("demo."):
            continue
        for url in addresses(app, rule, others):
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                answer = client.get(url) if method == "GET" else client.send(url, {"body": "x"})
                asked += 1
                if SECRET in answer.text or answer.status_code >= 500:
                    shown.append(f"{method} {url}: {answer.status_code}")
    assert asked > 150
    assert shown == []


def test_no_list_export_or_search_holds_what_others_wrote(
    app: Flask, client: CheckingClient, session: Session, narrowed: Account, others: Others
) -> None:
    client.sign_in(narrowed)
    shown = []
    for rule in app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or set()):
            continue
        for asked in ("", f"?q={SECRET}", f"?q={SECRET[:6]}"):
            text = client.get(f"{rule.rule}{asked}").get_data(as_text=True)
            # What was asked for is repeated by the page.
            if re.search(rf"{SECRET}(?: [a-z]|@)", text):
                shown.append(f"{rule.rule}{asked}")
    assert shown == []


def test_photos_that_wait_are_not_given_away(
    client: CheckingClient, session: Session, narrowed: Account, others: Others
) -> None:
    client.sign_in(narrowed)
    keys = session.scalars(select(Photo.key)).all()
    assert len(keys) == len(STATES)
    for key in keys:
        assert client.get(f"/photos/{key}/small.jpg").status_code == 404
    client.sign_in(make_account(session, "", Role.AGENT))
    assert client.get(f"/photos/{keys[0]}/small.jpg").status_code == 200
