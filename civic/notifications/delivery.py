"""Emptying the outbox: each mail by itself, at least once.

A mail is claimed before it is sent: its next try is put some minutes away and committed. Two
workers therefore do not send it at once, and one that dies in between loses nothing: the claim
ends by itself.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civic.database import read_only, utcnow, writing
from civic.notifications.models import OutgoingEmail
from civic.notifications.queries import is_due, list_due_email_ids
from civic.notifications.standing import A_DAY, goes_on, is_too_much, may_leave
from civic.notifications.transports import (
    PostponedError,
    RefusedError,
    Transport,
    UnreachableError,
)

log = logging.getLogger(__name__)
CLAIM = timedelta(minutes=5)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
MOST_TRIES = 20
"""With the waits above: about four days."""
ROUND = 50

Renderer = Callable[[OutgoingEmail], EmailMessage]


@dataclass(slots=True)
class Delivered:
    """What became of the mails of one call."""

    sent: int = 0
    postponed: int = 0
    failed: int = 0


def deliver_due(session: Session, transport: Transport, render: Renderer) -> Delivered:
    """Send every mail whose time has come, committing after each; returns what became of them.

    Once the server does not answer, the rest waits for another call. Nobody waits for a lock of the
    database while a mail is written from what is read.
    """
    done = Delivered()
    with transport, read_only():
        while ids := list_due_email_ids(session, utcnow(), ROUND):
            # What is claimed begins anew: whoever only reads keeps nobody from writing.
            session.commit()
            for mail_id in ids:
                mail = _claim(session, mail_id)
                if mail is None:
                    continue
                try:
                    _deliver(session, transport, render, mail, done)
                except UnreachableError as error:
                    _postpone(mail, str(error), done)
                    session.commit()
                    log.warning("the mail server does not answer: %s", error)
                    return done
                session.commit()
    return done


def _deliver(
    session: Session,
    transport: Transport,
    render: Renderer,
    mail: OutgoingEmail,
    done: Delivered,
) -> None:
    too_much = is_too_much(session, mail)
    is_kept = too_much and goes_on(session, mail)
    if too_much or not may_leave(session, mail):
        session.commit()
        if is_kept:
            mail.next_try_at = utcnow() + A_DAY
        else:
            session.delete(mail)
        return
    try:
        message = render(mail)
        # No transaction stays open while a mail server takes its time.
        session.commit()
        transport.send(message)
    except PostponedError as error:
        _postpone(mail, str(error), done)
    except RefusedError as error:
        _fail(mail, str(error), done)
    except (UnreachableError, DBAPIError):
        raise
    except Exception as error:
        # A mail that cannot be written must not keep the others from leaving.
        log.exception("mail %s cannot be written", mail.id)
        _fail(mail, repr(error), done)
    else:
        mail.sent_at = utcnow()
        mail.data = {}
        mail.error = ""
        done.sent += 1


def _claim(session: Session, mail_id: int) -> OutgoingEmail | None:
    """Take a mail for this worker; None when another was quicker."""
    now = utcnow()
    with writing():
        claimed = session.execute(
            update(OutgoingEmail)
            .where(
                OutgoingEmail.id == mail_id,
                OutgoingEmail.sent_at.is_(None),
                OutgoingEmail.failed_at.is_(None),
                is_due(now),
            )
            .values(next_try_at=now + CLAIM, tries=OutgoingEmail.tries + 1)
            .returning(OutgoingEmail.id)
            .execution_options(synchronize_session=False)
        ).first()
        session.commit()
    if claimed is None:
        return None
    return session.get(OutgoingEmail, mail_id, populate_existing=True)


def _postpone(mail: OutgoingEmail, error: str, done: Delivered) -> None:
    if mail.tries >= MOST_TRIES:
        _fail(mail, error, done)
        return
    mail.next_try_at = utcnow() + wait_after(mail.tries)
    mail.error = error[:500]
    done.postponed += 1


def _fail(mail: OutgoingEmail, error: str, done: Delivered) -> None:
    mail.failed_at = utcnow()
    mail.data = {}
    mail.error = error[:500]
    # Servers repeat the address that they refuse: it does not belong in a log.
    said = re.sub(re.escape(mail.recipient), "<recipient>", error, flags=re.IGNORECASE)
    log.warning("mail %s (%s) failed: %s", mail.id, mail.template, said)
    done.failed += 1


def wait_after(tries: int) -> timedelta:
    """Return how long to wait after so many tries: doubled each time, six hours at most."""
    doublings = min(tries - 1, 20)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
