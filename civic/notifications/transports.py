"""How a mail leaves: to a mail server, or into a folder where there is none."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import unquote, urlsplit

from civic.settings import Settings

TIMEOUT_S = 20
CLOSING = 421
TOO_LARGE = 552


class UnreachableError(Exception):
    """The mail server does not answer: all mails wait."""


class PostponedError(Exception):
    """The mail server does not take this mail now (4xx)."""


class RefusedError(Exception):
    """The mail server will never take this mail (5xx)."""


class Transport(Protocol):
    """A way out, used as a context: it is closed at the end."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def send(self, message: EmailMessage) -> None:
        """Hand ``message`` over, or raise one of the errors of this module."""


class FolderTransport:
    """Mails as files ``<time>-<id>.eml``: a reader sees a whole file or none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return

    def send(self, message: EmailMessage) -> None:
        """Write the file; PostponedError when the disk refuses."""
        moment = message["Date"].datetime
        identity = str(message["Message-ID"]).strip("<>").partition("@")[0]
        name = f"{moment:%Y%m%dT%H%M%S}-{identity}.eml"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self._folder / f".{name}"
            part.write_bytes(message.as_bytes(policy=message.policy.clone(linesep="\r\n")))
            part.replace(self._folder / name)
        except OSError as error:
            raise PostponedError(str(error)) from error


class SmtpTransport:
    """A mail server, with one connection for all mails of a round."""

    def __init__(self, url: str, *, timeout: float = TIMEOUT_S) -> None:
        """``url``: smtp://…, smtp+starttls://user:password@host:port or smtps://…."""
        parts = urlsplit(url)
        self._scheme = parts.scheme
        self._host = parts.hostname or ""
        self._port = parts.port or {"smtps": 465, "smtp+starttls": 587}.get(parts.scheme, 25)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._timeout = timeout
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def send(self, message: EmailMessage) -> None:
        """Hand it over; the connection is opened when first needed.

        A server that has hung up after some mails is called again once.
        """
        if self._server is not None:
            try:
                self._hand_over(self._server, message)
            except UnreachableError:
                self._close()
            else:
                return
        self._hand_over(self._open(), message)

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage) -> None:
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _refusal(code, said) from error
        except smtplib.SMTPSenderRefused as error:
            if error.smtp_code == TOO_LARGE:
                raise _refusal(error.smtp_code, error.smtp_error) from error
            # Our sender, or that we have not signed in: it says nothing of this mail.
            raise UnreachableError(str(_refusal(error.smtp_code, error.smtp_error))) from error
        except smtplib.SMTPNotSupportedError as error:
            # An address with accents, and a server that cannot spell it.
            raise RefusedError(str(error)) from error
        except smtplib.SMTPResponseException as error:
            if error.smtp_code == CLOSING:
                raise UnreachableError(str(error)) from error
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise UnreachableError(str(error)) from error

    def _open(self) -> smtplib.SMTP:
        try:
            server = self._connected()
        except smtplib.SMTPAuthenticationError as error:
            # What it answers may repeat what it was told.
            raise UnreachableError(f"{error.smtp_code} the password is not accepted") from error
        except smtplib.SMTPException as error:
            raise UnreachableError(str(error)) from error
        except OSError as error:
            raise UnreachableError(f"{self._host}:{self._port}: {error}") from error
        self._server = server
        return server

    def _connected(self) -> smtplib.SMTP:
        if self._scheme == "smtps":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            if self._scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server

    def _close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()


def transport_of(settings: Settings) -> Transport:
    """Return the way out that the settings name."""
    if settings.smtp_url:
        return SmtpTransport(settings.smtp_url)
    return FolderTransport(settings.mail_dir)


def _refusal(code: int, said: bytes | str) -> Exception:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    sentence = f"{code} {text}"
    return RefusedError(sentence) if code >= 500 else PostponedError(sentence)
