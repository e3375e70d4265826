"""The verbs of telling people: rows only, in the transaction of what caused them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.contributions.models import Contribution
from civic.contributions.policies import UNDO_WINDOW
from civic.database import insert_many_or_ignore, utcnow
from civic.notifications.events import EVENTS
from civic.notifications.models import Notification, OutgoingEmail, StaffNews
from civic.tasks.queue import enqueue_after_commit

DELIVERY: Final = "civic.notifications.schedule.deliver_mail"
"""The job that empties the outbox."""
STAFF_NEWS: Final = "civic.notifications.schedule.tell_staff"
"""The job that tells the staff."""


def tell(
    session: Session,
    *,
    event: str,
    event_key: str,
    account_ids: Iterable[int],
    contribution: Contribution | None = None,
    data: dict[str, Any],
    author_ids: Iterable[int] = (),
    waits: bool = False,
) -> int:
    """Tell people something once: on their page of news, and by mail to those who want it.

    ``event`` is a code of civic.notifications.events; ``event_key`` names this very piece of news,
    which never reaches a person twice, whatever the number of calls. ``author_ids`` are those to
    whom it is about something of theirs: their mail opens it as theirs. ``waits``: it can be undone
    for UNDO_WINDOW, and no mail leaves before. Returns how many people had not heard yet.
    """
    group = EVENTS[event].group
    now = utcnow()
    if contribution is not None:
        data = _facts_of(contribution) | data
    people = {
        account.id: account
        for account in _accounts(session, sorted(set(account_ids)))
        if _may_hear(account, group, contribution)
    }
    rows = [
        {
            "account_id": account_id,
            "contribution_id": contribution.id if contribution else None,
            "event": event,
            "event_key": event_key,
            "data": data,
            "at": now,
        }
        for account_id in people
    ]
    told = insert_many_or_ignore(session, Notification, rows, returning="account_id")
    authors = set(author_ids)
    if contribution is not None and contribution.author_id is not None:
        authors.add(contribution.author_id)
    mails = [
        _mail(
            template=event,
            recipient=account.email,
            locale=account.locale,
            data=data
            | {
                "account_id": account.id,
                "group": group,
                "own_id": contribution.id if contribution and account.id in authors else None,
            },
            dedupe_key=f"{event_key}:{account.id}",
            not_before=now + UNDO_WINDOW if waits else now,
        )
        for account in (people[id] for id in sorted(told))
        if account.email and _wants(account, group)
    ]
    _queue(session, mails)
    return len(told)


def queue_mail(
    session: Session,
    *,
    template: str,
    recipient: str,
    locale: str,
    data: dict[str, Any],
    dedupe_key: str | None = None,
) -> None:
    """Write one mail to an address; the same ``dedupe_key`` is never written twice.

    ``template`` is a name of civic.notifications.mails. ``data`` is emptied once it was sent.
    """
    mail = _mail(
        template=template,
        recipient=recipient,
        locale=locale,
        data=data,
        dedupe_key=dedupe_key,
        not_before=utcnow(),
    )
    _queue(session, [mail])


def note_for_staff(
    session: Session,
    event: str,
    contribution_id: int | None,
    *,
    actor_id: int | None,
    data: dict[str, Any] | None = None,
) -> None:
    """Have the staff whom it concerns told of ``event``; never the actor."""
    session.add(
        StaffNews(event=event, contribution_id=contribution_id, actor_id=actor_id, data=data or {})
    )
    session.flush()
    enqueue_after_commit(session, STAFF_NEWS)


def mark_read(session: Session, account_id: int, *, up_to: int | None = None) -> None:
    """Mark the person's news as read: all, or those up to the id ``up_to``."""
    unread = update(Notification).where(
        Notification.account_id == account_id, Notification.read_at.is_(None)
    )
    if up_to is not None:
        unread = unread.where(Notification.id <= up_to)
    session.execute(unread.values(read_at=utcnow()).execution_options(synchronize_session=False))


def refuse_mails(session: Session, account: Account, group: str | None) -> None:
    """Send this person no more mails about ``group``, or (None) none but what is due to them."""
    if group is None:
        account.wants_mail = False
    else:
        refused = set(account.preferences.get("refused_mail", ())) | {group}
        account.preferences = {**account.preferences, "refused_mail": sorted(refused)}
    session.flush()


def _mail(
    *,
    template: str,
    recipient: str,
    locale: str,
    data: dict[str, Any],
    dedupe_key: str | None,
    not_before: datetime,
) -> dict[str, Any]:
    return {
        "message_id": uuid4().hex,
        "dedupe_key": dedupe_key,
        "recipient": recipient,
        "locale": locale,
        "template": template,
        "data": data,
        "error": "",
        "next_try_at": not_before,
    }


def _queue(session: Session, mails: list[dict[str, Any]]) -> None:
    if insert_many_or_ignore(session, OutgoingEmail, mails, returning="id"):
        enqueue_after_commit(session, DELIVERY)


def _facts_of(contribution: Contribution) -> dict[str, Any]:
    return {
        "kind": contribution.kind,
        "reference": contribution.reference,
        "title": contribution.title,
        "path": f"/c/{contribution.reference}",
    }


def _accounts(session: Session, ids: list[int]) -> Iterator[Row[Any]]:
    """Read in batches, without the roles: there may be thousands."""
    for start in range(0, len(ids), 500):
        yield from session.execute(
            select(
                Account.id,
                Account.email,
                Account.locale,
                Account.wants_mail,
                Account.preferences,
                Account.erased_at,
                Account.suspended_until,
            ).where(Account.id.in_(ids[start : start + 500]))
        )


def _may_hear(account: Row[Any], group: str | None, contribution: Contribution | None) -> bool:
    """Whether news still go there: who is suspended hears of their own file, and what is owed."""
    if account.erased_at is not None:
        return False
    if group is None or account.suspended_until is None or account.suspended_until <= utcnow():
        return True
    return contribution is not None and contribution.author_id == account.id and group == "status"


def _wants(account: Row[Any], group: str | None) -> bool:
    if group is None:
        return True
    refused = account.preferences.get("refused_mail", ())
    return bool(account.wants_mail) and group not in refused
