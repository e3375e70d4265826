"""Signing in by mail, by password, and out."""

import re
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.accounts import operations
from civic.accounts.models import Account, SignInCode
from civic.accounts.operations.sign_in import MOST_ATTEMPTS
from civic.accounts.session import actor_of
from civic.database import utcnow
from civic.errors import Conflict, Invalid
from civic.notifications.models import OutgoingEmail
from tests.factories import make_account

HERE = "the browser that asked"


def last_mail(session: Session) -> OutgoingEmail:
    return session.scalars(select(OutgoingEmail).order_by(OutgoingEmail.id.desc())).first()


def ask(session: Session, email: str = "ana@example.org") -> dict[str, Any]:
    operations.request_sign_in(session, email, "/map", browser=HERE)
    session.commit()
    return last_mail(session).data


def test_the_code_signs_a_new_person_in(client: Any, session: Session) -> None:
    answer = client.send("/sign-in", {"email": "Ana@Example.org", "next": "/ideas"})
    assert answer.status_code == 303
    page = client.get("/sign-in/code")
    assert "ana@example.org" in page.get_data(as_text=True)
    code = last_mail(session).data["code"]
    answer = client.send("/sign-in/code", {"code": f"{code[:3]} {code[3:]}"}, page="/sign-in/code")
    assert (answer.status_code, answer.location) == (303, "/ideas")
    assert client.get("/account").status_code == 200
    account = session.scalars(select(Account)).one()
    assert account.email == "ana@example.org"
    assert account.is_verified
    assert re.fullmatch(r"Habitant \d{4}", account.display_name)


def test_opening_the_link_consumes_nothing_but_its_button_does(
    client: Any, session: Session
) -> None:
    path = f"/sign-in/link/{ask(session)['token']}"
    assert client.get(path).status_code == 200
    assert client.get(path).status_code == 200
    answer = client.send(path, page=path)
    assert (answer.status_code, answer.location) == (303, "/map")
    assert client.get("/account").status_code == 200
    client.sign_out()
    assert client.get(path).status_code == 410
    assert client.send(path).status_code == 410


def test_the_answer_does_not_tell_whether_an_address_is_known(
    client: Any, session: Session
) -> None:
    make_account(session, "known@example.org")
    answers = [
        client.send("/sign-in", {"email": email})
        for email in ("known@example.org", "unknown@example.org")
    ]
    assert {(a.status_code, a.location) for a in answers} == {(303, "/sign-in/code")}
    assert session.scalar(select(Account).where(Account.email == "unknown@example.org")) is None


@pytest.mark.parametrize("email", ["", "ana", "ana@", "ana@localhost", "a b@example.org"])
def test_no_mail_leaves_for_what_is_no_address(client: Any, session: Session, email: str) -> None:
    answer = client.send("/sign-in", {"email": email})
    assert answer.status_code == 422
    assert last_mail(session) is None


def test_five_wrong_codes_spoil_the_right_one(session: Session) -> None:
    code = ask(session)["code"]
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(Invalid):
            operations.redeem_code(session, email="ana@example.org", code=wrong, browser=HERE)
        session.commit()
    with pytest.raises(Invalid, match="ne vaut plus"):
        operations.redeem_code(session, email="ana@example.org", code=code, browser=HERE)


def test_wrong_codes_are_counted_across_browsers(client: Any, session: Session) -> None:
    client.send("/sign-in", {"email": "ana@example.org"})
    for _ in range(2):
        assert client.send("/sign-in/code", {"code": "12"}).status_code == 422
    assert session.scalar(select(SignInCode.attempts)) == 2


def test_codes_and_links_end_after_a_quarter_of_an_hour(session: Session) -> None:
    data = ask(session)
    session.execute(update(SignInCode).values(expires_at=utcnow() - timedelta(seconds=1)))
    session.commit()
    with pytest.raises(Conflict):
        operations.redeem_link(session, data["token"])
    with pytest.raises(Invalid):
        operations.redeem_code(session, email="ana@example.org", code=data["code"], browser=HERE)


def test_using_one_mail_spoils_the_others(session: Session) -> None:
    first, second = ask(session), ask(session)
    operations.redeem_link(session, second["token"])
    session.commit()
    with pytest.raises(Conflict):
        operations.redeem_link(session, first["token"])
    with pytest.raises(Invalid):
        operations.redeem_code(session, email="ana@example.org", code=first["code"], browser=HERE)


def test_one_address_is_not_flooded(session: Session) -> None:
    for _ in range(5):
        ask(session)
    with pytest.raises(Invalid, match="quart d’heure"):
        ask(session)


def test_only_hashes_are_stored(session: Session) -> None:
    data = ask(session)
    stored = session.scalars(select(SignInCode)).one()
    kept = f"{stored.link_hash} {stored.code_hash}"
    assert data["token"] not in kept
    assert data["code"] not in kept


@pytest.mark.parametrize(
    "where", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(client: Any, session: Session, where: str) -> None:
    client.send("/sign-in", {"email": "ana@example.org", "next": where})
    code = last_mail(session).data["code"]
    answer = client.send("/sign-in/code", {"code": code}, page="/sign-in/code")
    assert answer.location == "/account"


def test_a_password_is_optional_and_opens_the_account(client: Any, session: Session) -> None:
    account = make_account(session, "ana@example.org")
    operations.set_password(session, account, "cheval pile agrafe", actor=actor_of(account))
    session.commit()
    wrong = client.send("/sign-in/password", {"email": "ana@example.org", "password": "cheval"})
    unknown = client.send("/sign-in/password", {"email": "b@example.org", "password": "cheval"})
    assert wrong.status_code == unknown.status_code == 422
    right = client.send(
        "/sign-in/password",
        {"email": "ana@example.org", "password": "cheval pile agrafe", "next": "/map"},
    )
    assert (right.status_code, right.location) == (303, "/map")


def test_a_hash_of_older_parameters_is_renewed(session: Session) -> None:
    account = make_account(session, "ana@example.org")
    old = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash("cheval pile agrafe")
    account.password_hash = old
    session.commit()
    found = operations.check_password(
        session, email="ana@example.org", password="cheval pile agrafe"
    )
    assert found is account
    assert account.password_hash != old
    assert "m=19456,t=2,p=1" in account.password_hash


def test_signing_out_everywhere_ends_the_other_sessions(client: Any, session: Session) -> None:
    account = make_account(session)
    other = client.application.test_client().sign_in(account)
    client.sign_in(account)
    assert other.get("/account").status_code == 200
    assert client.send("/account/sign-out-everywhere", page="/account/data").status_code == 303
    assert other.get("/account").status_code == 303
    assert client.get("/account").status_code == 303


def test_signing_out_is_a_button(client: Any, session: Session) -> None:
    client.sign_in(make_account(session))
    assert client.get("/sign-out").status_code == 405
    assert client.send("/sign-out", page="/account/data").status_code == 303
    assert client.get("/account").status_code == 303
