"""What accounts say: mails to their owners, and what erasure and copy of their data take along."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from civic.accounts import signals
from civic.accounts.models import Account, AccountSession
from civic.notifications.choices import find_choices
from civic.notifications.folder import forget_after_commit
from civic.notifications.models import DigestLine, NewsChoice, Notification, OutgoingEmail
from civic.notifications.operations import queue_mail


def send_sign_in(session: Session, *, email: str, locale: str, **data: Any) -> None:
    """Write the mail of a link and a code."""
    queue_mail(session, template="sign_in", recipient=email, locale=locale, data=data)


def send_proof(session: Session, *, account: Account, **data: Any) -> None:
    """Write the mail of a code that shows anew whose account it is."""
    _write_to(session, account, "proof", data)


def send_email_change(
    session: Session, *, account: Account, email: str, token: str, stop: str
) -> None:
    """Write the mail that confirms a new address, and the one that lets the old one stop it."""
    queue_mail(
        session,
        template="email_change",
        recipient=email,
        locale=account.locale,
        data={"token": token},
    )
    _write_to(session, account, "email_change_asked", {"stop": stop})


def warn_of_guessing(session: Session, *, account: Account, failures: int) -> None:
    """Let the owner know that somebody tries passwords."""
    _write_to(session, account, "password_guessed", {"failures": failures})


def warn_of_device(session: Session, *, account: Account, opened: AccountSession) -> None:
    """Let the owner know of a sign-in from a device that was not seen before."""
    data = {"device": opened.device, "at": opened.created_at.isoformat()}
    _write_to(session, account, "new_device", data)


def _write_to(session: Session, account: Account, template: str, data: dict[str, Any]) -> None:
    if account.email is not None:
        queue_mail(
            session, template=template, recipient=account.email, locale=account.locale, data=data
        )


def warn_former_address(session: Session, *, account: Account, before: str) -> None:
    """Let the former address know, in case it was somebody else who changed it."""
    queue_mail(session, template="email_changed", recipient=before, locale=account.locale, data={})


def warn_inactive(session: Session, *, account: Account, erase_at: Any) -> None:
    """Announce the erasure of an account that nobody uses."""
    if account.email is None:
        return
    queue_mail(
        session,
        template="inactivity",
        recipient=account.email,
        locale=account.locale,
        data={"erase_at": erase_at.isoformat()},
        dedupe_key=f"inactivity:{account.id}:{erase_at:%Y-%m-%d}",
    )


def forget(session: Session, *, account: Account) -> None:
    """Erase news and mails, those in the folder too."""
    for told in (Notification, DigestLine, NewsChoice):
        session.execute(delete(told).where(told.account_id == account.id))
    forget_after_commit(session, [account.email or "", account.display_name])
    if account.email:
        session.execute(delete(OutgoingEmail).where(OutgoingEmail.recipient == account.email))


def export(session: Session, *, account: Account, data: dict[str, Any]) -> None:
    """Add news and mails to the copy of the data."""
    news = session.scalars(
        select(Notification).where(Notification.account_id == account.id).order_by(Notification.id)
    )
    data["notifications"] = [
        {"at": item.at.isoformat(), "event": item.event, "data": item.data} for item in news
    ]
    data["news_choices"] = [
        {"topic": topic, "scope": scope, "channel": channel, "rhythm": rhythm}
        for (topic, scope, channel), rhythm in find_choices(session, account).rhythms.items()
    ]
    mails = session.scalars(
        select(OutgoingEmail)
        .where(OutgoingEmail.recipient == account.email)
        .order_by(OutgoingEmail.id)
    )
    data["mails"] = [
        {
            "template": mail.template,
            "written_at": mail.created_at.isoformat(),
            "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
        }
        for mail in mails
    ]


def connect() -> None:
    """Listen; listening twice changes nothing."""
    signals.sign_in_requested.connect(send_sign_in)
    signals.proof_requested.connect(send_proof)
    signals.password_guessed.connect(warn_of_guessing)
    signals.new_device_used.connect(warn_of_device)
    signals.email_change_requested.connect(send_email_change)
    signals.email_changed.connect(warn_former_address)
    signals.inactivity_found.connect(warn_inactive)
    signals.account_erased.connect(forget)
    signals.account_exported.connect(export)
