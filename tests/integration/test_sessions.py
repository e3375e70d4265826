"""Sessions on the server, what ends them, and the fresh proof before what matters most."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from civic.accounts import operations
from civic.accounts.actor import Role
from civic.accounts.models import Account, AccountSession, CapabilityToken, PasswordFailure
from civic.accounts.operations.guessing import tell_owners
from civic.accounts.schedule import SESSIONS_KEPT, apply_retention
from civic.accounts.session import actor_of
from civic.accounts.tokens import sign, unsign
from civic.database import utcnow
from civic.notifications.models import OutgoingEmail
from tests.factories import make_account

PASSWORD = "cheval pile agrafe"


def mails(session: Session, template: str) -> list[OutgoingEmail]:
    found = select(OutgoingEmail).where(OutgoingEmail.template == template)
    return list(session.scalars(found.order_by(OutgoingEmail.id)))


def copied(client: Any) -> Any:
    """Another browser with the cookie of this one, as a thief has it."""
    thief = client.application.test_client()
    with client.session_transaction() as cookie:
        stolen = dict(cookie)
    with thief.session_transaction() as cookie:
        cookie.update(stolen)
    return thief


def grow_old(session: Session, **ages: timedelta) -> None:
    """Let every session be so much older."""
    values = {name: utcnow() - age for name, age in ages.items()}
    session.execute(update(AccountSession).values(values))
    session.commit()


def sign_in_by_code(client: Any, session: Session, email: str) -> Any:
    client.send("/sign-in", {"email": email})
    code = mails(session, "sign_in")[-1].data["code"]
    return client.send("/sign-in/code", {"code": code})


def test_signing_out_ends_the_session_for_a_copied_cookie_too(
    client: Any, session: Session
) -> None:
    client.sign_in(make_account(session))
    thief = copied(client)
    assert thief.get("/account").status_code == 200
    assert client.send("/sign-out").status_code == 303
    assert thief.get("/account").status_code == 303
    assert client.get("/account").status_code == 303


def test_signing_out_leaves_the_other_devices_alone(client: Any, session: Session) -> None:
    account = make_account(session)
    other = client.application.test_client().sign_in(account)
    client.sign_in(account).send("/sign-out")
    assert other.get("/account").status_code == 200


def test_a_session_ends_by_itself(client: Any, session: Session) -> None:
    client.sign_in(make_account(session))
    session.execute(update(AccountSession).values(expires_at=utcnow()))
    session.commit()
    assert client.get("/account").status_code == 303


def test_a_clock_that_is_set_back_signs_nobody_out(
    client: Any, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = int(time.time()) + 3_600
    with monkeypatch.context() as clock:
        clock.setattr(TimestampSigner, "get_timestamp", lambda _self: ahead)
        client.sign_in(make_account(session))
        link = sign({"a": 1}, purpose="test")
    assert client.get("/account").status_code == 200
    assert unsign(link, purpose="test", max_age=timedelta(days=1)) == {"a": 1}
    monkeypatch.setattr("civic.accounts.signing.datetime", _InTwoMonths)
    assert unsign(link, purpose="test", max_age=timedelta(days=1)) is None
    assert client.get("/account").status_code == 303


class _InTwoMonths(datetime):
    """A clock that was set forward."""

    @classmethod
    def now(cls, tz: Any = None) -> "_InTwoMonths":
        """Return the moment in 61 days."""
        return super().now(tz) + timedelta(days=61)


@pytest.mark.parametrize("role", list(Role))
def test_who_works_for_the_town_signs_in_each_day(
    client: Any, session: Session, role: Role
) -> None:
    client.sign_in(make_account(session, "", role))
    grow_old(session, created_at=timedelta(hours=11, minutes=59))
    assert client.get("/account").status_code == 200
    grow_old(session, created_at=timedelta(hours=12))
    assert client.get("/account").status_code == 303


def test_a_resident_who_is_given_a_role_is_no_exception(client: Any, session: Session) -> None:
    account = make_account(session)
    client.sign_in(account)
    grow_old(session, created_at=timedelta(hours=13))
    assert client.get("/account").status_code == 200
    operations.grant_role(session, account, Role.AGENT, actor=actor_of(boss(session)))
    session.commit()
    assert client.get("/account").status_code == 303


def boss(session: Session) -> Account:
    return make_account(session, "boss@example.org", Role.ADMINISTRATOR)


def test_the_list_of_devices_ends_one_of_them_and_nobody_elses(
    client: Any, session: Session
) -> None:
    account, stranger = make_account(session), make_account(session)
    other = client.application.test_client().sign_in(account)
    client.application.test_client().sign_in(stranger)
    client.sign_in(account)
    ids = dict(
        session.execute(
            select(AccountSession.account_id, func.min(AccountSession.id)).group_by(
                AccountSession.account_id
            )
        ).all()
    )
    page = client.get("/account/settings").get_data(as_text=True)
    assert page.count("/account/sessions/") == 2
    assert "Cet appareil" in page
    assert client.send(f"/account/sessions/{ids[stranger.id]}/end").status_code == 404
    assert client.send(f"/account/sessions/{ids[account.id]}/end").status_code == 303
    assert other.get("/account").status_code == 303
    assert client.get("/account").status_code == 200


def test_only_the_hash_of_the_key_is_stored(client: Any, session: Session) -> None:
    client.sign_in(make_account(session))
    with client.session_transaction() as cookie:
        key = cookie["_user_id"]
    assert key not in str(session.execute(select(AccountSession.__table__)).all())


def test_a_page_that_is_read_is_noted_after_the_answer(client: Any, session: Session) -> None:
    client.sign_in(make_account(session))
    grow_old(session, seen_at=timedelta(hours=1))
    before = session.scalar(select(AccountSession.seen_at))
    for _ in range(3):
        assert client.get("/account").status_code == 200
    session.rollback()
    session.expire_all()
    assert session.scalar(select(AccountSession.seen_at)) == before
    session.rollback()
    client.application.extensions["civic_afterwards"].write()
    assert session.scalar(select(AccountSession.seen_at)) > before


# ------------------------------------------------------------------------------- a fresh proof

GUARDED = [
    ("POST", "/account/email", {"email": "new@example.org"}),
    ("POST", "/account/password", {"password": "une longue phrase"}),
    ("GET", "/account/data/export.json", {}),
    ("POST", "/account/data/erase", {"sure": "y"}),
    ("GET", "/administration", {}),
    (
        "POST",
        "/administration/people",
        {"email": "x@e.org", "role": "agent", "department": "0", "area": "0"},
    ),
]


@pytest.fixture
def stale(client: Any, session: Session) -> Any:
    """An administrator's browser whose last proof is ten minutes old."""
    client.sign_in(boss(session))
    make_account(session, "second@example.org", Role.ADMINISTRATOR)
    grow_old(session, proved_at=timedelta(minutes=10))
    return client


@pytest.mark.parametrize(("method", "path", "data"), GUARDED)
def test_what_matters_most_asks_for_a_proof_and_goes_on_with_it(
    stale: Any, session: Session, method: str, path: str, data: dict[str, str]
) -> None:
    if method == "GET":
        asked = stale.get(path)
        assert asked.status_code == 303
        assert asked.location.startswith("/account/proof?next=")
        path, wanted = asked.location, path
    else:
        wanted = ""
    asked = stale.send(path, data) if data else stale.get(path)
    page = asked.get_data(as_text=True)
    assert "Confirmez que c’est vous" in page
    for value in data.values():
        assert f'value="{value}"' in page
    sent = stale.send(path, data | {"proof_send": "1"})
    assert "boss@example.org" in sent.get_data(as_text=True)
    code = mails(session, "proof")[-1].data["code"]
    wrong = "000000" if code != "000000" else "111111"
    refused = stale.send(path, data | {"proof": "sent", "proof_code": wrong})
    assert refused.status_code == 422
    for value in data.values():
        assert f'value="{value}"' in refused.get_data(as_text=True)
    done = stale.send(path, data | {"proof": "sent", "proof_code": code})
    assert done.status_code == 303
    if wanted:
        assert done.location == wanted
        assert stale.get(wanted).status_code == 200


def test_a_password_is_a_proof_too(client: Any, session: Session) -> None:
    account = make_account(session)
    operations.set_password(session, account, PASSWORD, actor=actor_of(account))
    session.commit()
    client.sign_in(account)
    grow_old(session, proved_at=timedelta(hours=1))
    data = {"email": "new@example.org"}
    assert "current-password" in client.send("/account/email", data).get_data(as_text=True)
    wrong = client.send("/account/email", data | {"proof_password": "autre chose"})
    assert wrong.status_code == 422
    assert mails(session, "email_change") == []
    assert client.send("/account/email", data | {"proof_password": PASSWORD}).status_code == 303
    assert len(mails(session, "email_change")) == 1


def test_a_code_for_one_session_proves_nothing_in_another(client: Any, session: Session) -> None:
    account = make_account(session)
    thief = client.application.test_client().sign_in(account)
    client.sign_in(account)
    grow_old(session, proved_at=timedelta(hours=1))
    client.send("/account/proof", {"proof_send": "1"})
    code = mails(session, "proof")[-1].data["code"]
    refused = thief.send("/account/proof", {"proof": "sent", "proof_code": code})
    assert refused.status_code == 422
    assert client.send("/account/proof", {"proof_code": code}).status_code == 303


def test_proofs_asked_by_a_thief_leave_the_owner_room_to_sign_in(
    client: Any, session: Session
) -> None:
    account = make_account(session, "ana@example.org")
    thief = client.application.test_client().sign_in(account)
    grow_old(session, proved_at=timedelta(hours=1))
    answers = [thief.send("/account/proof", {"proof_send": "1"}) for _ in range(7)]
    assert len(mails(session, "proof")) == 5
    assert "attendez un quart d’heure" in answers[-1].get_data(as_text=True)
    assert sign_in_by_code(client, session, "ana@example.org").status_code == 303


# ------------------------------------------------------------------------ a change of address


def ask_change(client: Any, session: Session, account: Account) -> tuple[str, str]:
    """Ask for another address; return the links to confirm and to stop it."""
    client.sign_in(account)
    assert client.send("/account/email", {"email": "new@example.org"}).status_code == 303
    confirm = mails(session, "email_change")[-1].data["token"]
    told = mails(session, "email_change_asked")[-1]
    assert told.recipient == "old@example.org"
    return f"/account/email/{confirm}", f"/account/email/stop/{told.data['stop']}"


@pytest.fixture
def account(client: Any, session: Session) -> Account:
    return make_account(session, "old@example.org")


@pytest.mark.parametrize("ending", ["/sign-out", "/account/sign-out-everywhere"])
def test_a_change_dies_with_the_session_that_asked_for_it(
    client: Any, session: Session, account: Account, ending: str
) -> None:
    thief = client.application.test_client()
    confirm, _ = ask_change(thief, session, account)
    owner = thief if ending == "/sign-out" else client.sign_in(account)
    assert owner.send(ending).status_code == 303
    assert client.application.test_client().send(confirm).status_code == 410
    session.refresh(account)
    assert account.email == "old@example.org"


def test_the_old_address_stops_a_change_with_one_button(
    client: Any, session: Session, account: Account
) -> None:
    confirm, stop = ask_change(client, session, account)
    owner = client.application.test_client()
    assert owner.get(stop).status_code == 200
    assert client.get("/account").status_code == 200
    assert owner.send(stop).status_code == 303
    assert client.get("/account").status_code == 303
    assert owner.send(confirm).status_code == 410
    assert owner.send(stop).status_code == 410


def test_stopping_comes_too_late_once_the_change_is_confirmed(
    client: Any, session: Session, account: Account
) -> None:
    confirm, stop = ask_change(client, session, account)
    assert client.send(confirm).status_code == 303
    late = client.application.test_client().send(stop)
    assert late.status_code == 410
    assert "Trop tard" in late.get_data(as_text=True)
    assert client.get("/account").status_code == 200


def test_a_confirmed_change_ends_the_other_sessions(
    client: Any, session: Session, account: Account
) -> None:
    other = client.application.test_client().sign_in(account)
    confirm, _ = ask_change(client, session, account)
    assert client.application.test_client().send(confirm).status_code == 303
    assert other.get("/account").status_code == 303
    assert client.get("/account").status_code == 200


def test_only_the_last_change_that_was_asked_can_be_confirmed(
    client: Any, session: Session, account: Account
) -> None:
    first, _ = ask_change(client, session, account)
    second, _ = ask_change(client, session, account)
    assert client.send(first).status_code == 410
    assert client.send(second).status_code == 303
    assert client.send(second).status_code == 410


def test_a_new_password_ends_the_other_sessions(client: Any, session: Session) -> None:
    account = make_account(session)
    thief = client.application.test_client().sign_in(account)
    client.sign_in(account)
    assert client.send("/account/password", {"password": PASSWORD}).status_code == 303
    assert thief.get("/account").status_code == 303
    assert client.get("/account").status_code == 200


# ------------------------------------------------------------------------- codes and passwords


def test_fifty_wrong_codes_from_elsewhere_leave_the_owners_code_alone(
    client: Any, session: Session
) -> None:
    client.send("/sign-in", {"email": "ana@example.org"})
    code = mails(session, "sign_in")[-1].data["code"]
    wrong = "000000" if code != "000000" else "111111"
    attacker = client.application.test_client()
    attacker.send("/sign-in", {"email": "ana@example.org"})
    for _ in range(50):
        assert attacker.send("/sign-in/code", {"code": wrong}).status_code == 422
    assert attacker.send("/sign-in/code", {"code": code}).status_code == 422
    assert client.send("/sign-in/code", {"code": code}).status_code == 303


def test_the_link_opens_in_any_browser(client: Any, session: Session) -> None:
    client.send("/sign-in", {"email": "ana@example.org"})
    path = f"/sign-in/link/{mails(session, 'sign_in')[-1].data['token']}"
    assert client.application.test_client().send(path).status_code == 303


def test_who_is_refused_a_code_has_a_link_that_holds(client: Any, session: Session) -> None:
    attacker = client.application.test_client()
    for _ in range(30):
        attacker.send("/sign-in", {"email": "ana@example.org"})
    assert client.send("/sign-in", {"email": "ana@example.org"}).status_code == 422
    path = f"/sign-in/link/{mails(session, 'sign_in')[-1].data['token']}"
    assert client.send(path).status_code == 303
    assert client.send("/sign-out").status_code == 303
    # Whoever has read the mailbox may ask again at once.
    assert sign_in_by_code(client, session, "ana@example.org").status_code == 303


def guess(client: Any, password: str, email: str = "ana@example.org") -> Any:
    return client.send("/sign-in/password", {"email": email, "password": password})


def test_what_was_counted_while_the_clock_was_ahead_locks_nobody_out(
    client: Any, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_account(session, "ana@example.org")
    operations.set_password(session, account, PASSWORD, actor=actor_of(account))
    session.commit()
    ahead = utcnow() + timedelta(days=3)
    with monkeypatch.context() as clock:
        for module in ("guessing", "sign_in"):
            clock.setattr(f"civic.accounts.operations.{module}.utcnow", lambda: ahead)
        for number in range(7):
            guess(client.application.test_client(), f"faux {number}")
            client.application.test_client().send("/sign-in", {"email": "ana@example.org"})
    assert guess(client.application.test_client(), PASSWORD).status_code == 303
    assert sign_in_by_code(client, session, "ana@example.org").status_code == 303


def test_guessed_passwords_are_slowed_down_from_wherever_they_come(
    client: Any, session: Session
) -> None:
    account = make_account(session, "ana@example.org")
    operations.set_password(session, account, PASSWORD, actor=actor_of(account))
    session.commit()
    answers: dict[str, list[Any]] = {}
    for email in ("ana@example.org", "nobody@example.org"):
        answers[email] = [
            guess(client.application.test_client(), f"faux {number}", email) for number in range(7)
        ]
    for given in answers.values():
        assert [answer.status_code for answer in given] == [422] * 5 + [429] * 2
        assert 1 <= int(given[-1].headers["Retry-After"]) <= 30
    known, unknown = (given[-1].get_data(as_text=True) for given in answers.values())
    assert "Trop de mots de passe faux" in known
    assert "Vous pourrez réessayer" in unknown
    # Even the right one has to rest; the code by mail does not.
    assert guess(client.application.test_client(), PASSWORD).status_code == 429
    assert sign_in_by_code(client, session, "ana@example.org").status_code == 303


def test_a_device_of_the_owner_is_not_slowed_down_by_others(client: Any, session: Session) -> None:
    sign_in_by_code(client, session, "ana@example.org")
    account = session.scalars(select(Account)).one()
    operations.set_password(session, account, PASSWORD, actor=actor_of(account))
    session.commit()
    for number in range(9):
        guess(client.application.test_client(), f"faux {number}")
    client.send("/sign-out")
    assert guess(client, PASSWORD).status_code == 303


def test_the_owner_hears_once_that_the_password_is_guessed(client: Any, session: Session) -> None:
    account = make_account(session, "ana@example.org")
    operations.set_password(session, account, PASSWORD, actor=actor_of(account))
    make_account(session, "without@example.org")
    for email in ("ana@example.org", "without@example.org", "nobody@example.org"):
        for _ in range(10):
            assert guess(client, "faux", email).status_code == 422
            session.execute(update(PasswordFailure).values(again_at=utcnow()))
            session.commit()
    for _ in range(2):
        tell_owners(session)
        session.commit()
    assert [mail.recipient for mail in mails(session, "password_guessed")] == ["ana@example.org"]


def test_a_right_password_forgets_the_wrong_ones(client: Any, session: Session) -> None:
    account = make_account(session, "ana@example.org")
    operations.set_password(session, account, PASSWORD, actor=actor_of(account))
    session.commit()
    for _ in range(3):
        for _ in range(4):
            assert guess(client, "faux").status_code == 422
        assert guess(client, PASSWORD).status_code == 303
        client.send("/sign-out")


# ------------------------------------------------------------------------------- new devices


def test_a_sign_in_from_a_new_device_is_told_and_from_a_known_one_is_not(
    client: Any, session: Session
) -> None:
    for _ in range(2):
        sign_in_by_code(client, session, "ana@example.org")
        assert mails(session, "new_device") == []
        client.send("/sign-out")
    elsewhere = client.application.test_client()
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    elsewhere.environ_base["HTTP_USER_AGENT"] = firefox
    sign_in_by_code(elsewhere, session, "ana@example.org")
    (told,) = mails(session, "new_device")
    assert told.recipient == "ana@example.org"
    assert told.data["device"] == "Firefox, Windows"


def test_what_has_ended_is_forgotten_in_the_end(client: Any, session: Session) -> None:
    account = make_account(session, "old@example.org")
    ask_change(client, session, account)
    client.send("/sign-out")
    apply_retention(session, dry_run=False)
    assert session.scalar(select(func.count()).select_from(AccountSession)) == 1
    old = utcnow() - SESSIONS_KEPT - timedelta(days=1)
    session.execute(update(AccountSession).values(ended_at=old))
    session.execute(update(CapabilityToken).values(expires_at=old))
    session.commit()
    apply_retention(session, dry_run=False)
    assert session.scalar(select(func.count()).select_from(AccountSession)) == 0
    assert session.scalar(select(func.count()).select_from(CapabilityToken)) == 0


def test_erasing_ends_sessions_and_forgets_tokens(client: Any, session: Session) -> None:
    account = make_account(session, "old@example.org")
    other = client.application.test_client().sign_in(account)
    confirm, stop = ask_change(client, session, account)
    assert client.send("/account/data/erase", {"sure": "y"}).status_code == 303
    for path in (confirm, stop):
        assert client.send(path).status_code == 410
    assert other.get("/account").status_code == 303
    assert session.scalar(select(func.count()).select_from(AccountSession)) == 0
