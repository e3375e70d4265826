"""Conversations with real mail servers: encrypted, with a password, grumpy, away and back."""

import re
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from civic.accounts.operations import check_email, find_or_create_account
from civic.database import utcnow
from civic.errors import Invalid
from civic.notifications.delivery import Delivered, deliver_due
from civic.notifications.models import OutgoingEmail
from civic.notifications.operations import tell
from civic.notifications.rendering import render
from civic.notifications.transports import (
    FolderTransport,
    RefusedError,
    SmtpTransport,
    UnreachableError,
)
from tests.factories import make_account, make_contribution
from tests.integration.test_delivery import outbox, write
from tests.servers import free_port

USER, PASSWORD = "civic@village.example", "s3cret/@:?"
WRITTEN = "civic%40village.example:s3cret%2F%40%3A%3F"


class Server:
    """A mail server that keeps what it takes; ``per_connection`` mails, then it hangs up."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.users: list[str] = []
        self.per_connection = 0
        self.refuses_sender = ""
        self.greylists = False
        self.hangs_up_in_data = 0
        self._seen: set[str] = set()
        self._in_this_one: Counter[Any] = Counter()

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.per_connection and self._in_this_one[session.peer] >= self.per_connection:
            server.transport.close()
        if self.refuses_sender:
            return self.refuses_sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.greylists and address not in self._seen:
            self._seen.add(address)
            return "451 4.7.1 Greylisted, try again in 300 seconds"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.hangs_up_in_data:
            self.hangs_up_in_data -= 1
            server.transport.close()
            return "421 Gone"
        self.taken.append(envelope)
        self._in_this_one[session.peer] += 1
        return "250 Taken"

    def authenticate(
        self, server: SMTP, session: Any, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.users.append(data.login.decode())
        known = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=False)


Start = Callable[..., tuple[Server, int]]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def certificate(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with authority.cert_pem.tempfile() as path:
        monkeypatch.setenv("SSL_CERT_FILE", path)
        yield


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a server on a port, with aiosmtpd's own settings."""
    running: list[Controller] = []

    def started(port: int = 0, *, smtps: ssl.SSLContext | None = None, **options: Any) -> Any:
        server = Server()
        if options.pop("with_password", False):
            options |= {"authenticator": server.authenticate, "auth_required": True}
        controller = Controller(
            server,
            hostname="127.0.0.1",
            port=port or free_port(),
            ssl_context=smtps,
            server_hostname="127.0.0.1",
            **options,
        )
        controller.start()
        running.append(controller)
        return server, controller.port

    yield started
    for controller in running:
        controller.stop()


def deliver(app: Flask, session: Session, url: str) -> Delivered:
    """Send what waits, as if its time had come."""
    session.execute(update(OutgoingEmail).values(next_try_at=utcnow() - timedelta(seconds=1)))
    session.commit()
    transport = SmtpTransport(url, timeout=5)
    return deliver_due(session, transport, lambda row: render(app, session, row))


def letter(recipient: str = "ana@example.org") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "civic@village.example", recipient, "Été"
    message.set_content("Bonjour")
    return message


@pytest.mark.usefixtures("trusted")
def test_a_mail_goes_over_starttls_with_a_password(start: Start, certificate: Any) -> None:
    server, port = start(tls_context=certificate, require_starttls=True, with_password=True)
    with SmtpTransport(f"smtp+starttls://{WRITTEN}@127.0.0.1:{port}") as transport:
        transport.send(letter())
        transport.send(letter("bob@example.org"))
    assert [envelope.rcpt_tos for envelope in server.taken] == [
        ["ana@example.org"],
        ["bob@example.org"],
    ]
    assert server.users == [USER], "one conversation for both"


@pytest.mark.usefixtures("trusted")
@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd does not see the TLS around it
def test_a_mail_goes_over_tls_from_the_start(start: Start, certificate: Any) -> None:
    server, port = start(smtps=certificate, with_password=True, auth_require_tls=False)
    with SmtpTransport(f"smtps://{WRITTEN}@127.0.0.1:{port}") as transport:
        transport.send(letter())
    assert server.users == [USER]
    assert len(server.taken) == 1


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_makes_mails_wait_and_loses_none(
    app: Flask, session: Session, town: Any, start: Start, certificate: Any
) -> None:
    server, port = start(tls_context=certificate, require_starttls=True, with_password=True)
    write(session, "ana@example.org", "bob@example.org")
    wrong = f"smtp+starttls://{WRITTEN}x@127.0.0.1:{port}"
    assert deliver(app, session, wrong) == Delivered(postponed=1)
    error = outbox(session)["ana@example.org"].error
    assert "535" in error
    assert PASSWORD not in error
    right = f"smtp+starttls://{WRITTEN}@127.0.0.1:{port}"
    assert deliver(app, session, right) == Delivered(sent=2)
    assert len(server.taken) == 2


def test_nothing_is_said_in_the_clear_where_tls_was_ordered(start: Start, certificate: Any) -> None:
    plain, plain_port = start()
    unknown, unknown_port = start(tls_context=certificate, with_password=True)
    for port, why in ((plain_port, "STARTTLS"), (unknown_port, "certificate")):
        with (
            pytest.raises(UnreachableError, match=why),
            SmtpTransport(f"smtp+starttls://{WRITTEN}@127.0.0.1:{port}") as transport,
        ):
            transport.send(letter())
    assert not plain.taken
    assert not unknown.users


def test_a_server_that_comes_back_is_given_all_that_waited(
    app: Flask, session: Session, town: Any, start: Start
) -> None:
    write(session, "ana@example.org", "bob@example.org")
    port = free_port()
    assert deliver(app, session, f"smtp://127.0.0.1:{port}") == Delivered(postponed=1)
    server, _ = start(port)
    assert deliver(app, session, f"smtp://127.0.0.1:{port}") == Delivered(sent=2)
    assert len(server.taken) == 2


def test_a_server_that_hangs_up_after_each_mail_is_called_again(
    app: Flask, session: Session, town: Any, start: Start
) -> None:
    server, port = start()
    server.per_connection = 1
    write(session, *(f"a{number}@example.org" for number in range(4)))
    assert deliver(app, session, f"smtp://127.0.0.1:{port}") == Delivered(sent=4)
    assert {envelope.rcpt_tos[0] for envelope in server.taken} == {
        f"a{number}@example.org" for number in range(4)
    }


@pytest.mark.parametrize("answer", ["550 not from you", "530 authenticate first", "451 later"])
def test_a_sender_that_is_refused_loses_no_mail(
    app: Flask, session: Session, town: Any, start: Start, answer: str
) -> None:
    server, port = start()
    server.refuses_sender = answer
    write(session, "ana@example.org", "bob@example.org")
    assert deliver(app, session, f"smtp://127.0.0.1:{port}") == Delivered(postponed=1)
    assert answer[:3] in outbox(session)["ana@example.org"].error
    server.refuses_sender = ""
    assert deliver(app, session, f"smtp://127.0.0.1:{port}") == Delivered(sent=2)


def test_an_address_that_the_server_cannot_spell_does_not_stop_the_others(
    app: Flask, session: Session, town: Any, start: Start
) -> None:
    server, port = start(enable_SMTPUTF8=False)
    write(session, "zoé@example.org", "ana@example.org")
    assert deliver(app, session, f"smtp://127.0.0.1:{port}") == Delivered(sent=1, failed=1)
    assert [envelope.rcpt_tos for envelope in server.taken] == [["ana@example.org"]]


def test_a_mail_to_an_address_with_accents_goes_where_it_can(start: Start) -> None:
    server, port = start(enable_SMTPUTF8=True)
    with SmtpTransport(f"smtp://127.0.0.1:{port}") as transport:
        transport.send(letter("zoé@example.org"))
    assert server.taken[0].rcpt_tos == ["zoé@example.org"]


def test_a_server_that_says_nothing_is_given_up(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        transport = SmtpTransport(f"smtp://127.0.0.1:{silent.getsockname()[1]}", timeout=0.3)
        with pytest.raises(UnreachableError), transport:
            transport.send(letter())


def test_a_mail_that_is_too_large_is_refused_and_the_next_one_leaves(start: Start) -> None:
    server, port = start(data_size_limit=2_000)
    large = letter()
    large.set_content("x" * 70 + "\n" * 3_000)
    with SmtpTransport(f"smtp://127.0.0.1:{port}") as transport:
        with pytest.raises(RefusedError, match="552"):
            transport.send(large)
        transport.send(letter())
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("jean@château-thierry.fr", "jean@xn--chteau-thierry-chb.fr"),
        ("ana@straße.example.org", "ana@xn--strae-oqa.example.org"),
        ("ana@ΠΑΡΆΔΕΙΓΜΑ.example.org", "ana@xn--hxajbheg2az3al.example.org"),
    ],
)
def test_a_domain_with_accents_needs_nothing_of_the_server(
    app: Flask, session: Session, town: Any, start: Start, written: str, sent: str
) -> None:
    server, port = start(enable_SMTPUTF8=False)
    account = find_or_create_account(session, email=written)
    write(session, account.email or "")
    assert deliver(app, session, f"smtp://127.0.0.1:{port}") == Delivered(sent=1)
    [envelope] = server.taken
    assert envelope.rcpt_tos == [sent]
    assert f"To: {sent}".encode() in (envelope.content or b"")


def test_a_senders_domain_with_accents_needs_nothing_either(
    app: Flask, session: Session, town: Any, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, port = start(enable_SMTPUTF8=False)
    settings = replace(
        app.extensions["civic_settings"],
        mail_from="mairie@château-thierry.example",
        public_url="https://château-thierry.example:8443",
    )
    monkeypatch.setitem(app.extensions, "civic_settings", settings)
    account = make_account(session)
    data = {"subject": "Bonjour", "text": "Un mot."}
    tell(session, event="message", event_key="m", account_ids=[account.id], data=data)
    session.commit()
    assert deliver(app, session, f"smtp://127.0.0.1:{port}") == Delivered(sent=1)
    [envelope] = server.taken
    assert envelope.mail_from == "mairie@xn--chteau-thierry-chb.example"
    head, _, _ = (envelope.content or b"").partition(b"\r\n\r\n")
    assert head.isascii()
    assert b"<https://xn--chteau-thierry-chb.example:8443/mail/refuse/" in head.replace(
        b"\r\n ", b""
    )


def test_a_mail_program_finds_how_to_stop_the_mails_and_the_thread(
    app: Flask, session: Session, town: Any, start: Start, tmp_path: Path
) -> None:
    """Long addresses in headers are not spelt otherwise on their way."""
    server, port = start()
    account, incident = make_account(session), make_contribution(session)
    for number in range(3):
        tell(
            session,
            event="comment",
            event_key=f"comment:{number}",
            account_ids=[account.id],
            contribution=incident,
            data={"comment": "Oui."},
        )
    session.commit()
    deliver_due(session, FolderTransport(tmp_path), lambda row: render(app, session, row))
    account_ids = {"account_id": account.id, "group": "comments", "reference": incident.reference}
    kept = account_ids | {"comment": "Oui.", "title": "Banc", "path": "/map"}
    session.execute(update(OutgoingEmail).values(sent_at=None, data=kept))
    session.commit()
    assert deliver(app, session, f"smtp://127.0.0.1:{port}").sent == 3
    written = [path.read_bytes() for path in tmp_path.glob("*.eml")]
    assert len(written) == 3
    for mail in [*written, *(envelope.content or b"" for envelope in server.taken)]:
        head, _, _ = mail.partition(b"\r\n\r\n")
        assert re.search(
            rb"^List-Unsubscribe: <http://localhost/mail/refuse/\S+>\r$", head, re.MULTILINE
        )
        for name in (b"References", b"In-Reply-To", b"List-Id"):
            assert not re.search(rb"^" + name + rb":.*=\?", head, re.MULTILINE)


@pytest.mark.parametrize("path", ["/sign-in", "/incidents/new"])
def test_only_accents_before_the_at_are_refused_and_at_the_form(
    client: Any, session: Session, path: str
) -> None:
    with pytest.raises(Invalid, match="accents"):
        check_email("zoé@example.org")
    assert check_email("jean@Château-Thierry.fr") == "jean@château-thierry.fr"
    assert check_email("jean@xn--chteau-thierry-chb.fr") == "jean@château-thierry.fr"
    sent = client.send(path, {"email": "zoé@example.org"})
    assert sent.status_code == 422
    assert "des accents avant le @" in sent.get_data(as_text=True)
    assert not outbox(session)


def test_a_server_that_greylists_gets_each_mail_once(
    app: Flask, session: Session, town: Any, start: Start
) -> None:
    server, port = start()
    server.greylists = True
    write(session, "ana@example.org", "bob@example.org")
    url = f"smtp://127.0.0.1:{port}"
    assert deliver(app, session, url) == Delivered(postponed=2)
    assert outbox(session)["ana@example.org"].next_try_at > utcnow()
    assert deliver(app, session, url) == Delivered(sent=2)
    assert deliver(app, session, url) == Delivered()
    assert sorted(one.rcpt_tos[0] for one in server.taken) == ["ana@example.org", "bob@example.org"]


def test_a_server_that_hangs_up_within_a_mail_gets_it_again_and_the_others_once(
    app: Flask, session: Session, town: Any, start: Start
) -> None:
    server, port = start()
    server.hangs_up_in_data = 1
    recipients = ["ana@example.org", "ben@example.org", "eve@example.org"]
    write(session, *recipients)
    for _ in range(3):
        deliver(app, session, f"smtp://127.0.0.1:{port}")
    assert sorted(one.rcpt_tos[0] for one in server.taken) == recipients
    assert all(mail.sent_at is not None for mail in outbox(session).values())
