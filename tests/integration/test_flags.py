"""Anyone can ask the moderators to look, gets a receipt, and hides nothing by it."""

import re
from typing import Any

import pytest
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, VISITOR
from civic.accounts.signals import account_erased, account_exported
from civic.comments.operations import add_comment
from civic.contributions import screening_registry
from civic.contributions.signals import flag_raised, flag_resolved
from civic.errors import Invalid
from civic.flags.models import Flag, FlagOutcome, FlagReason
from civic.flags.operations import raise_flag, resolve_flags
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution


def test_a_flag_hides_nothing_however_many_there_are(session: Session, town: Any) -> None:
    idea = make_contribution(session, "idea")
    for _ in range(5):
        raise_flag(session, idea, actor=actor(make_account(session)), reason=FlagReason.SPAM)
    session.commit()
    assert idea.is_public
    assert session.query(Flag).count() == 5


def test_weight_is_earned(session: Session, town: Any) -> None:
    idea = make_contribution(session, "idea")
    fresh, trusted = make_account(session), make_account(session)
    trusted.flags_upheld = 20
    session.commit()
    flags = [
        raise_flag(session, idea, actor=person, reason=FlagReason.SPAM)
        for person in (VISITOR, actor(fresh), actor(trusted))
    ]
    weights = [flag.weight for flag in flags]
    assert weights == sorted(weights)
    assert weights[2] > 3 * weights[1]
    session.rollback()


def test_the_same_person_asking_again_adds_to_the_first(session: Session, town: Any) -> None:
    idea = make_contribution(session, "idea")
    person = actor(make_account(session))
    raised: list[Flag] = []
    with flag_raised.connected_to(lambda _, flag, **__: raised.append(flag)):
        first = raise_flag(session, idea, actor=person, reason=FlagReason.SPAM, text="Pub")
        again = raise_flag(session, idea, actor=person, reason=FlagReason.INSULTING, text="Et pire")
    session.commit()
    assert again is first
    assert raised == [first]
    assert first.reason is FlagReason.INSULTING
    assert first.text == "Pub\n\nEt pire"
    resolve_flags(session, idea, FlagOutcome.REJECTED, actor=SYSTEM)
    third = raise_flag(session, idea, actor=person, reason=FlagReason.SPAM)
    session.commit()
    assert third.id != first.id


def test_something_else_needs_words(session: Session, town: Any) -> None:
    idea = make_contribution(session, "idea")
    with pytest.raises(Invalid):
        raise_flag(session, idea, actor=VISITOR, reason=FlagReason.OTHER, text="  ")


def test_closing_keeps_the_record_of_who_raised_them(session: Session, town: Any) -> None:
    idea, person = make_contribution(session, "idea"), make_account(session)
    told: list[Flag] = []
    flag = raise_flag(session, idea, actor=actor(person), reason=FlagReason.SPAM)
    with flag_resolved.connected_to(lambda _, flag, **__: told.append(flag)):
        resolve_flags(session, idea, FlagOutcome.UPHELD, actor=SYSTEM)
    session.commit()
    session.expire_all()
    assert person.flags_upheld == 1
    assert flag.outcome is FlagOutcome.UPHELD
    assert flag.resolved_at is not None
    assert told == [flag]


def test_an_erased_account_leaves_its_flag_without_a_name(session: Session, town: Any) -> None:
    idea, person = make_contribution(session, "idea"), make_account(session)
    flag = raise_flag(session, idea, actor=actor(person), reason=FlagReason.SPAM, email="A@b.fr")
    data: dict[str, Any] = {}
    account_exported.send(session, account=person, data=data)
    assert data["flags"][0]["receipt"] == flag.receipt
    account_erased.send(session, account=person)
    session.commit()
    session.expire_all()
    assert (flag.account_id, flag.email, flag.network_key) == (None, "", None)


def test_a_visitor_flags_and_sees_what_became_of_it(
    client: CheckingClient, session: Session
) -> None:
    idea = make_contribution(session, "idea")
    url = f"/c/{idea.reference}/flag"
    assert client.get(url).status_code == 200
    empty = client.send(url)
    assert empty.status_code == 422
    assert "Choisissez une raison" in empty.get_data(as_text=True)
    wrong = client.send(url, {"reason": "spam", "email": "moi@"})
    assert wrong.status_code == 422
    sent = client.send(url, {"reason": "insulting", "text": "Secret", "email": "moi@example.org"})
    assert sent.status_code == 303
    page = client.get(sent.location).get_data(as_text=True)
    flag = session.query(Flag).one()
    assert flag.receipt in page
    assert "va regarder" in page
    assert "Secret" not in page
    assert "moi@example.org" not in page
    typed = flag.receipt.lower().replace("-", " ")
    assert client.get(f"/flags/{typed}").status_code == 200
    resolve_flags(session, idea, FlagOutcome.UPHELD, actor=SYSTEM)
    session.commit()
    assert "donné raison" in client.get(f"/flags/{flag.receipt}").get_data(as_text=True)


def test_a_resident_is_not_asked_for_an_address(client: CheckingClient, session: Session) -> None:
    idea = make_contribution(session, "idea")
    client.sign_in(make_account(session))
    assert 'name="email"' not in client.get(f"/c/{idea.reference}/flag").get_data(as_text=True)


def test_a_comment_can_be_flagged(
    client: CheckingClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screening_registry, "screeners", [])
    idea, other = make_contribution(session, "idea"), make_contribution(session, "idea")
    said = add_comment(session, idea, actor=actor(make_account(session)), body="Bof bof")
    session.commit()
    url = f"/c/{idea.reference}/flag"
    page = client.get(f"{url}?comment={said.id}").get_data(as_text=True)
    assert "Bof bof" in page
    assert re.search(rf'name="comment"[^>]*value="{said.id}"', page)
    assert client.send(url, {"reason": "spam", "comment": said.id}).status_code == 303
    assert session.query(Flag).one().comment_id == said.id
    assert client.get(f"/c/{other.reference}/flag?comment={said.id}").status_code == 404
    assert client.get(f"{url}?comment=x").status_code == 404


@pytest.mark.parametrize("receipt", ["x", "%00", "AAAA-AAAA-AAAA", "9" * 500, "' OR 1=1"])
def test_a_code_that_nobody_has_is_not_found(client: CheckingClient, receipt: str) -> None:
    assert client.get(f"/flags/{receipt}").status_code == 404


def test_nul_and_length_are_no_trouble(client: CheckingClient, session: Session) -> None:
    idea = make_contribution(session, "idea")
    url = f"/c/{idea.reference}/flag"
    assert client.send(url, {"reason": "spam", "text": "a\x00b"}).status_code == 303
    assert session.query(Flag).one().text == "ab"
    assert client.send(url, {"reason": "spam", "text": "x" * 2001}).status_code == 422
