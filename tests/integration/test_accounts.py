"""One's own account: name, mails, address, copy and erasure; roles; how long it is kept."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.accounts import operations
from civic.accounts.actor import SYSTEM, Role
from civic.accounts.models import Account
from civic.accounts.schedule import find_inactive, retain
from civic.contributions.models import Contribution
from civic.database import utcnow
from civic.errors import Conflict, Forbidden, Invalid
from civic.notifications.models import Notification, OutgoingEmail
from civic.notifications.operations import tell
from tests.factories import actor, make_account, make_contribution


def mail_of(session: Session, template: str) -> OutgoingEmail:
    return session.scalars(select(OutgoingEmail).where(OutgoingEmail.template == template)).one()


def test_the_settings_change_name_and_language(client: Any, session: Session) -> None:
    account = make_account(session)
    client.sign_in(account)
    assert client.get("/account/settings").status_code == 200
    sent = client.send(
        "/account/settings",
        {"name": "  Ana  du quartier ", "locale": "en"},
    )
    assert sent.status_code == 303
    session.refresh(account)
    assert (account.display_name, account.locale) == ("Ana du quartier", "en")


@pytest.mark.parametrize(
    "name",
    [
        "VILLAGE sur Test",
        "Mairie de Village-sur-Test",
        "ESPACES VERTS",
        "espaces-verts",
        "\u200bVoirie",
        "Vоirie",
        "ΕSPACES VΕRTS",
        "V0irie",
        "Ｖｏｉｒｉｅ",
        "La Mairie",
        "City of Village-sur-Test",
    ],
)
def test_a_public_name_is_not_that_of_the_town_or_a_department(
    client: Any, session: Session, town: Any, name: str
) -> None:
    client.sign_in(make_account(session))
    sent = client.send("/account/settings", {"name": name, "locale": "fr"})
    assert sent.status_code == 422
    assert "choisissez-en un autre" in sent.text


@pytest.mark.parametrize("name", ["a", "ana@example.org", "x" * 41, "https://x.y"])
def test_a_public_name_is_no_address(client: Any, session: Session, name: str) -> None:
    client.sign_in(make_account(session))
    sent = client.send("/account/settings", {"name": name, "locale": "fr"})
    assert sent.status_code == 422


def test_a_new_address_counts_once_its_link_was_used(client: Any, session: Session) -> None:
    account = make_account(session, "old@example.org")
    client.sign_in(account)
    assert client.send("/account/email", {"email": "New@example.org"}).status_code == 303
    session.refresh(account)
    assert account.email == "old@example.org"
    mail = mail_of(session, "email_change")
    assert mail.recipient == "new@example.org"
    path = f"/account/email/{mail.data['token']}"
    assert client.get(path).status_code == 200
    assert client.send(path, page=path).status_code == 303
    session.refresh(account)
    assert account.email == "new@example.org"
    assert client.send(path).status_code == 410
    told = session.scalars(select(OutgoingEmail).order_by(OutgoingEmail.id.desc())).first()
    assert (told.template, told.recipient) == ("email_changed", "old@example.org")


def test_the_address_of_somebody_else_is_not_given_away(session: Session) -> None:
    account = make_account(session, "ana@example.org")
    make_account(session, "bob@example.org")
    operations.request_email_change(session, account, "bob@example.org", actor=actor(account))
    token = mail_of(session, "email_change").data["token"]
    with pytest.raises(Conflict):
        operations.confirm_email_change(session, token)


def test_people_change_only_their_own_account(session: Session) -> None:
    ana, bob = make_account(session), make_account(session)
    with pytest.raises(Forbidden):
        operations.change_name(session, ana, "Bob", actor=actor(bob))
    with pytest.raises(Forbidden):
        operations.erase_account(session, ana, actor=actor(bob))
    with pytest.raises(Forbidden):
        operations.export_my_data(session, ana, actor=actor(bob))


def test_a_short_password_is_refused_and_the_form_says_so(client: Any, session: Session) -> None:
    client.sign_in(make_account(session))
    assert client.send("/account/password", {"password": "court"}).status_code == 422
    assert client.send("/account/password", {"password": "assez long pour moi"}).status_code == 303
    assert client.get("/account").status_code == 200
    assert client.send("/account/password", {"remove": "1"}).status_code == 303


def test_my_space_shows_what_i_wrote_and_where_it_stands(client: Any, session: Session) -> None:
    account = make_account(session)
    make_contribution(session, author=account, title="Banc cassé", held=True)
    page = client.sign_in(account).get("/account").get_data(as_text=True)
    assert "Banc cassé" in page
    assert "En relecture" in page


def test_the_export_holds_everything_about_the_person(client: Any, session: Session) -> None:
    account = make_account(session, "ana@example.org")
    incident = make_contribution(session, author=account)
    answer = client.sign_in(account).get("/account/data/export.json")
    assert answer.mimetype == "application/json"
    assert answer.json["account"]["email"] == "ana@example.org"
    assert answer.json["contributions"][0]["reference"] == incident.reference
    assert {"notifications", "mails"} <= set(answer.json)
    assert "password_hash" not in answer.get_data(as_text=True)


def test_erasing_removes_the_person_and_keeps_what_was_public(
    client: Any, session: Session
) -> None:
    account = make_account(session, "ana@example.org")
    incident = make_contribution(session, author=account)
    session.execute(update(Contribution).values(network_key="k", follow_hash="h"))
    data = {"subject": "Bonjour", "text": "Un mot.", "path": "/map"}
    tell(session, event="message", event_key="m", account_ids=[account.id], data=data)
    session.commit()
    client.sign_in(account)
    assert client.send("/account/data/erase").status_code == 422
    assert client.send("/account/data/erase", {"sure": "y"}).status_code == 303
    session.expire_all()
    assert (account.email, account.display_name) == (None, "Compte supprimé")
    assert account.erased_at is not None
    found = session.get(Contribution, incident.id)
    assert (found.author_id, found.network_key, found.follow_hash) == (account.id, None, None)
    assert session.scalars(select(Notification)).all() == []
    assert session.scalars(select(OutgoingEmail)).all() == []
    assert client.get("/account").status_code == 303


def test_the_last_administrator_stays(session: Session) -> None:
    first = make_account(session, "a@example.org", Role.ADMINISTRATOR)
    with pytest.raises(Conflict):
        operations.erase_account(session, first, actor=actor(first))
    with pytest.raises(Conflict):
        operations.revoke_role(session, first.grants[0], actor=SYSTEM)
    second = make_account(session, "b@example.org")
    operations.grant_role(session, second, Role.ADMINISTRATOR, actor=actor(first))
    operations.revoke_role(session, first.grants[0], actor=actor(second))
    assert first.roles == frozenset()


def test_only_administrators_grant_and_granting_twice_changes_nothing(session: Session) -> None:
    resident = make_account(session)
    with pytest.raises(Forbidden):
        operations.grant_role(session, resident, Role.MODERATOR, actor=actor(resident))
    for _ in range(2):
        operations.grant_role(session, resident, Role.MODERATOR, actor=SYSTEM)
    assert len(resident.grants) == 1


def test_an_account_is_made_by_the_command_line_with_its_roles(session: Session) -> None:
    made = operations.create_account(
        session, email="Agent@Example.org", name="Agathe", roles=[Role.AGENT, Role.MODERATOR]
    )
    assert (made.email, made.display_name, made.is_verified) == (
        "agent@example.org",
        "Agathe",
        True,
    )
    assert made.roles == {Role.AGENT, Role.MODERATOR}
    with pytest.raises(Conflict):
        operations.create_account(session, email="agent@example.org")
    with pytest.raises(Invalid):
        operations.create_account(session, email="agent")


def test_two_years_without_a_visit_then_a_warning_then_erasure(session: Session) -> None:
    old, staff, fresh = (
        make_account(session, "old@example.org"),
        make_account(session, "staff@example.org", Role.AGENT),
        make_account(session, "fresh@example.org"),
    )
    long_ago = utcnow() - timedelta(days=731)
    session.execute(update(Account).where(Account.id != fresh.id).values(created_at=long_ago))
    session.commit()
    assert find_inactive(session).to_warn == [old.id]
    retain(session)
    session.commit()
    assert find_inactive(session).to_warn == find_inactive(session).to_erase == []
    mail = session.scalars(select(OutgoingEmail)).one()
    assert (mail.template, mail.recipient) == ("inactivity", "old@example.org")
    later = utcnow() + timedelta(days=31)
    assert find_inactive(session, later).to_erase == [old.id]
    session.execute(
        update(Account)
        .where(Account.id == old.id)
        .values(inactivity_warned_at=utcnow() - timedelta(days=31))
    )
    retain(session)
    session.commit()
    session.expire_all()
    assert old.erased_at is not None
    assert staff.erased_at is fresh.erased_at is None


def test_who_comes_back_after_the_warning_is_kept(session: Session) -> None:
    account = make_account(session)
    account.created_at = utcnow() - timedelta(days=731)
    account.inactivity_warned_at = utcnow() - timedelta(days=40)
    operations.note_sign_in(session, account)
    session.commit()
    assert find_inactive(session).to_erase == []
