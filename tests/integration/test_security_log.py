"""The security log: what is in it, what never is, who reads it, how long it is kept."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.accounts import operations
from civic.accounts.actor import SYSTEM, Role
from civic.accounts.models import Account, AccountSession, SecurityEvent
from civic.accounts.schedule import apply_retention
from civic.accounts.security import KEPT, PAGE_SIZE, record
from civic.database import utcnow
from civic.moderation.operations import Grounds, suspend
from civic.notifications.models import OutgoingEmail
from tests.factories import actor, make_account, make_contribution

PASSWORD = "cheval pile agrafe"


def events(session: Session) -> list[str]:
    session.rollback()
    found = list(session.scalars(select(SecurityEvent.event).order_by(SecurityEvent.id)))
    session.rollback()
    return found


def code_of(session: Session, template: str) -> str:
    mail = select(OutgoingEmail).where(OutgoingEmail.template == template)
    found = session.scalars(mail.order_by(OutgoingEmail.id.desc())).first()
    assert found is not None
    return str(found.data["code"])


def test_what_happens_to_an_account_is_written_down(client: Any, session: Session) -> None:
    client.send("/sign-in", {"email": "ana@example.org"})
    code = code_of(session, "sign_in")
    wrong = "000000" if code != "000000" else "111111"
    client.send("/sign-in/code", {"code": wrong})
    client.send("/sign-in/code", {"code": code})
    client.send("/account/password", {"password": PASSWORD})
    client.send("/account/email", {"email": "new@example.org"})
    client.send("/sign-out")
    for _ in range(5):
        client.send("/sign-in/password", {"email": "ana@example.org", "password": "faux faux"})
    client.send("/sign-in/password", {"email": "nobody@example.org", "password": "faux faux"})
    assert events(session) == [
        "sign_in_failed",
        "signed_in",
        "password_set",
        "email_change_asked",
        "signed_out",
        *["sign_in_failed"] * 4,
        "sign_in_slowed",
        *["sign_in_failed"] * 2,
    ]
    rows = str(session.execute(select(SecurityEvent.__table__)).all())
    for secret in (code, wrong, PASSWORD, "faux", "example.org", "127.0.0.1"):
        assert secret not in rows
    networks = set(session.scalars(select(SecurityEvent.network_key)))
    assert len(networks) == 1
    assert None not in networks


def test_refusals_and_exports_are_noted_after_the_answer(client: Any, session: Session) -> None:
    client.sign_in(make_account(session))
    assert client.get("/administration").status_code == 403
    assert client.send("/moderation/accounts/1/suspend").status_code == 403
    assert client.get("/account/data/export.json").status_code == 200
    assert events(session) == ["signed_in"]
    client.application.extensions["civic_afterwards"].write()
    assert events(session) == ["signed_in", "refused", "refused", "data_exported"]
    found = session.scalars(select(SecurityEvent).where(SecurityEvent.event == "refused")).first()
    assert found is not None
    assert found.details == {"page": "administration.index", "method": "GET"}
    assert found.account_id is not None


def test_roles_are_written_down_with_who_gave_them(session: Session, town: Any) -> None:
    boss = make_account(session, "", Role.ADMINISTRATOR)
    account = make_account(session)
    grant = operations.grant_role(session, account, Role.MODERATOR, actor=actor(boss))
    operations.revoke_role(session, grant, actor=SYSTEM)
    session.commit()
    rows = session.execute(
        select(SecurityEvent.event, SecurityEvent.account_id, SecurityEvent.actor_id)
    ).all()
    assert rows == [("role_given", account.id, boss.id), ("role_taken", account.id, None)]


def test_a_line_of_json_leaves_once_it_is_committed(
    session: Session, town: Any, caplog: pytest.LogCaptureFixture
) -> None:
    account = make_account(session)
    with caplog.at_level(logging.INFO, "civic.security"):
        record(session, "signed_in", account_id=account.id)
        session.rollback()
        assert caplog.records == []
        record(session, "signed_in", account_id=account.id, new_device=True)
        session.commit()
        session.commit()
    (line,) = [json.loads(one.message) for one in caplog.records]
    assert (line["event"], line["account_id"]) == ("signed_in", account.id)
    assert line["details"] == {"new_device": True}


def test_the_administrator_reads_filters_and_turns_pages(client: Any, session: Session) -> None:
    ana = make_account(session, "ana@example.org")
    bob = make_account(session, "bob@example.org")
    for _ in range(PAGE_SIZE):
        record(session, "sign_in_failed", account_id=ana.id, by="password")
    record(session, "password_set", account_id=bob.id)
    session.commit()
    client.sign_in(make_account(session, "boss@example.org", Role.ADMINISTRATOR))
    first = client.get("/administration/security").get_data(as_text=True)
    assert "Mot de passe choisi" in first.split("<tbody>")[1]
    assert first.count("<tr>") == PAGE_SIZE + 1
    assert 'rel="next"' in first
    filtered = client.get("/administration/security?event=password_set").get_data(as_text=True)
    assert "bob" in filtered.split("<tbody>")[1]
    assert filtered.count("<tr>") == 2
    of_ana = client.get("/administration/security?email=Ana@example.org").get_data(as_text=True)
    assert of_ana.count("<tr>") == PAGE_SIZE + 1
    nobody = client.get("/administration/security?email=x@example.org").get_data(as_text=True)
    assert "Rien de tel" in nobody


def test_the_log_is_kept_for_a_year(session: Session, town: Any) -> None:
    account = make_account(session)
    record(session, "signed_in", account_id=account.id)
    session.execute(update(SecurityEvent).values(at=utcnow() - KEPT - timedelta(days=1)))
    record(session, "signed_out", account_id=account.id)
    session.commit()
    apply_retention(session, dry_run=False)
    assert events(session) == ["signed_out"]


# ------------------------------------------------------------------------------ suspension


def test_a_suspension_ends_sessions_codes_and_changes_but_not_the_way_in(
    client: Any, session: Session
) -> None:
    account = make_account(session, "ana@example.org")
    make_contribution(session, author=account)
    client.sign_in(account)
    client.send("/account/email", {"email": "new@example.org"})
    change = select(OutgoingEmail.data).where(OutgoingEmail.template == "email_change")
    token = session.scalars(change).one()["token"]
    visitor = client.application.test_client()
    visitor.send("/sign-in", {"email": "ana@example.org"})
    code = code_of(session, "sign_in")
    grounds = Grounds(clause="1", facts="Injures répétées.")
    moderator = actor(make_account(session, "", Role.MODERATOR))
    suspend(session, account, actor=moderator, grounds=grounds, days=7)
    session.commit()
    assert client.get("/account").status_code == 303
    assert visitor.send("/sign-in/code", {"code": code}).status_code == 422
    assert visitor.send(f"/account/email/{token}").status_code == 410
    visitor.send("/sign-in", {"email": "ana@example.org"})
    code = code_of(session, "sign_in")
    assert visitor.send("/sign-in/code", {"code": code}).status_code == 303
    assert visitor.get("/account").status_code == 200
    assert "account_suspended" in events(session)


def test_the_copy_of_ones_data_names_the_devices(client: Any, session: Session) -> None:
    account = make_account(session)
    client.sign_in(account)
    session.execute(update(AccountSession).values(device="Firefox, Windows"))
    session.commit()
    copy = client.get("/account/data/export.json").json
    assert [one["device"] for one in copy["sessions"]] == ["Firefox, Windows"]
    assert session.get_one(Account, account.id).email == copy["account"]["email"]
