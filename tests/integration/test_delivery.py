"""Mails leave at least once, to a real mail server or to a folder."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from civic.database import utcnow, writing
from civic.extensions import db
from civic.notifications import folder as mail_folder
from civic.notifications.delivery import (
    LONGEST_WAIT,
    MOST_TRIES,
    Delivered,
    deliver_due,
    wait_after,
)
from civic.notifications.folder import clean_folder
from civic.notifications.models import OutgoingEmail
from civic.notifications.operations import queue_mail
from civic.notifications.rendering import render
from civic.notifications.schedule import clean_mail_folder
from civic.notifications.transports import (
    FolderTransport,
    RefusedError,
    SmtpTransport,
    Transport,
)
from civic.places.models import Town
from civic.places.queries import get_town


class Postman:
    """Answers as the recipient's name asks, and keeps what it takes."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address.startswith("later"):
            return "451 Try again later"
        if address.startswith("nobody"):
            return "550 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append(envelope)
        return "250 Taken"


@pytest.fixture
def postman() -> Iterator[tuple[Postman, str]]:
    handler = Postman()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, f"smtp://127.0.0.1:{port}"
    controller.stop()


def write(session: Session, *recipients: str) -> None:
    for recipient in recipients:
        queue_mail(
            session,
            template="sign_in",
            recipient=recipient,
            locale="fr",
            data={"token": "secret-token", "code": "123456", "minutes": 15},
        )
    session.commit()


def deliver(app: Flask, session: Session, transport: Transport) -> Delivered:
    return deliver_due(session, transport, lambda row: render(app, session, row))


def outbox(session: Session) -> dict[str, OutgoingEmail]:
    session.expire_all()
    return {mail.recipient: mail for mail in session.scalars(select(OutgoingEmail))}


def test_a_mail_server_takes_postpones_and_refuses(
    app: Flask, session: Session, town: Any, postman: tuple[Postman, str]
) -> None:
    handler, url = postman
    write(session, "later@example.org", "nobody@example.org", "ana@example.org")
    done = deliver(app, session, SmtpTransport(url))
    assert (done.sent, done.postponed, done.failed) == (1, 1, 1)
    [taken] = handler.taken
    assert taken.rcpt_tos == ["ana@example.org"]
    assert b"123456" in taken.content
    found = outbox(session)
    assert found["ana@example.org"].sent_at is not None
    assert found["later@example.org"].next_try_at > utcnow()
    assert "451" in found["later@example.org"].error
    assert found["nobody@example.org"].failed_at is not None
    assert "550" in found["nobody@example.org"].error


def test_nobody_waits_while_a_mail_is_written(
    app: Flask, session: Session, town: Any, tmp_path: Path
) -> None:
    """Also where the worker runs the job once more, as a writer."""
    write(session, "ana@example.org", "bea@example.org")
    town.name = "Bourg"
    session.commit()

    def render_while_others_write(row: OutgoingEmail) -> EmailMessage:
        message = render(app, session, row)
        with writing(), db.engine.connect() as other:
            other.execute(text("UPDATE town SET name = name || '!'"))
            other.commit()
        return message

    with writing():
        done = deliver_due(session, FolderTransport(tmp_path), render_while_others_write)
        session.commit()
    assert (done.sent, done.failed) == (2, 0)
    assert session.scalar(select(Town.name)) == "Bourg!!"


def test_an_address_that_is_refused_stays_out_of_the_log(
    session: Session, town: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class Refusing(FolderTransport):
        def send(self, message: EmailMessage) -> None:
            raise RefusedError(f"550 <{str(message['To']).upper()}>: no such user")

    write(session, "ana@example.org")
    deliver_due(session, Refusing(Path()), lambda row: letter_to(row.recipient))
    assert "ANA@EXAMPLE.ORG" in outbox(session)["ana@example.org"].error
    assert "550 <<recipient>>: no such user" in caplog.text
    assert "ana@example.org" not in caplog.text.lower()


def letter_to(recipient: str) -> EmailMessage:
    message = EmailMessage()
    message["To"] = recipient
    return message


def test_what_was_sent_is_sent_once_and_its_secrets_are_forgotten(
    app: Flask, session: Session, town: Any, postman: tuple[Postman, str]
) -> None:
    handler, url = postman
    write(session, "ana@example.org")
    deliver(app, session, SmtpTransport(url))
    deliver(app, session, SmtpTransport(url))
    assert len(handler.taken) == 1
    assert outbox(session)["ana@example.org"].data == {}


def test_a_server_that_is_down_loses_nothing_and_is_asked_once(
    app: Flask, session: Session, town: Any
) -> None:
    write(session, "ana@example.org", "bob@example.org")
    done = deliver(app, session, SmtpTransport("smtp://127.0.0.1:9", timeout=2))
    assert (done.sent, done.postponed, done.failed) == (0, 1, 0)
    assert sorted(mail.tries for mail in outbox(session).values()) == [0, 1]


def test_a_worker_that_dies_while_sending_loses_nothing(
    app: Flask, session: Session, town: Any, tmp_path: Path
) -> None:
    class Killed(BaseException):
        pass

    class Dying(FolderTransport):
        def send(self, message: Any) -> None:
            raise Killed

    write(session, "ana@example.org")
    with pytest.raises(Killed):
        deliver(app, session, Dying(tmp_path))
    session.rollback()
    assert deliver(app, session, FolderTransport(tmp_path)).sent == 0
    session.execute(update(OutgoingEmail).values(next_try_at=utcnow() - timedelta(seconds=1)))
    session.commit()
    assert deliver(app, session, FolderTransport(tmp_path)).sent == 1
    assert len(list(tmp_path.glob("*.eml"))) == 1


def test_no_transaction_is_open_while_a_mail_is_handed_over(
    app: Flask, session: Session, town: Any, tmp_path: Path
) -> None:
    seen: list[bool] = []

    class Watching(FolderTransport):
        def send(self, message: Any) -> None:
            seen.append(session.in_transaction())

    write(session, "ana@example.org")
    deliver(app, session, Watching(tmp_path))
    assert seen == [False]


def test_a_mail_that_cannot_be_written_does_not_stop_the_others(
    app: Flask, session: Session, town: Any, tmp_path: Path
) -> None:
    write(session, "ana@example.org", "bob@example.org")
    session.execute(
        update(OutgoingEmail)
        .where(OutgoingEmail.recipient == "ana@example.org")
        .values(template="of_another_version")
    )
    session.commit()
    done = deliver(app, session, FolderTransport(tmp_path))
    assert (done.sent, done.failed) == (1, 1)


def test_waits_double_up_to_six_hours_and_end() -> None:
    waits = [wait_after(tries) for tries in range(1, MOST_TRIES)]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


def test_a_real_town_with_the_setting_of_the_demo_shows_no_mail(
    client: Any, session: Session
) -> None:
    assert client.get("/demo/mail").status_code == 404
    assert client.get("/demo/mail/20200101T000000-abc/html").status_code == 404


def test_the_demo_shows_the_mails_of_the_folder(app: Flask, client: Any, session: Session) -> None:
    get_town(session).is_demo = True
    session.commit()
    folder = app.extensions["civic_settings"].mail_dir
    for old in folder.glob("*.eml"):
        old.unlink()
    write(session, "ana@example.org")
    deliver(app, session, FolderTransport(folder))
    [path] = folder.glob("*.eml")
    page = client.get("/demo/mail").get_data(as_text=True)
    assert "123456" in page
    letter = client.get(f"/demo/mail/{path.stem}").get_data(as_text=True)
    assert '<a href="http://localhost/sign-in/link/secret-token?mail=fr">' in letter
    answer = FlaskClient(app, app.response_class).get(f"/demo/mail/{path.stem}/html")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get("/demo/mail/20200101T000000-abc").status_code == 404
    assert client.get("/demo/mail/..%2Fsecret_key").status_code == 404


def test_the_folder_of_a_town_without_a_mail_server_is_cleaned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = utcnow()
    ages = {"new": 0, "kept": 29, "old": 31}
    for name, days in ages.items():
        moment = now - timedelta(days=days)
        (tmp_path / f"{moment:%Y%m%dT%H%M%S}-{name}.eml").touch()
        (tmp_path / f".{moment:%Y%m%dT%H%M%S}-{name}-half.eml").touch()
    assert clean_folder(tmp_path, now) == 2
    assert not list(tmp_path.glob("*old*"))
    monkeypatch.setattr(mail_folder, "MOST_FILES", 2)
    assert clean_folder(tmp_path, now) == 2
    assert {path.name[-8:] for path in tmp_path.iterdir()} == {"-new.eml", "half.eml"}
    assert clean_folder(tmp_path / "nowhere", now) == 0


def test_a_job_cleans_it(app: Flask, session: Session) -> None:
    folder = app.extensions["civic_settings"].mail_dir
    folder.mkdir(exist_ok=True)
    forgotten = folder / "20200101T000000-forgotten.eml"
    forgotten.touch()
    clean_mail_folder(session)
    assert not forgotten.exists()


def test_a_mail_postponed_while_the_clock_was_ahead_leaves_once_it_is_set_back(
    app: Flask, session: Session, town: Any, postman: tuple[Postman, str]
) -> None:
    handler, url = postman
    write(session, "ana@example.org", "eve@example.org")
    waits = {"ana@example.org": timedelta(days=3), "eve@example.org": timedelta(hours=20)}
    for recipient, wait in waits.items():
        outbox(session)[recipient].next_try_at = utcnow() + wait
    session.commit()
    assert deliver_due(session, SmtpTransport(url), lambda row: render(app, session, row)).sent == 1
    assert [one.rcpt_tos for one in handler.taken] == [["ana@example.org"]]
