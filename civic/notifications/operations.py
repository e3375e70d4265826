"""The verbs of telling people: rows only, in the transaction of what caused them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.contributions.models import Contribution
from civic.contributions.policies import UNDO_WINDOW
from civic.database import insert_many_or_ignore, utcnow
from civic.notifications.choices import NOTHING, Chosen, find_choices, list_choices
from civic.notifications.events import EVENTS
from civic.notifications.matrix import Rhythm, Scope, digest_due, scope_of
from civic.notifications.models import DigestLine, Notification, OutgoingEmail, StaffNews
from civic.notifications.queries import list_flooded
from civic.places.queries import get_town_zone
from civic.taxonomy.models import Department

Person = Row[*tuple[Any, ...]]
"""What is read of an account, without its roles."""


def tell(
    session: Session,
    *,
    event: str,
    event_key: str,
    account_ids: Iterable[int],
    contribution: Contribution | None = None,
    data: dict[str, Any],
    author_ids: Iterable[int] = (),
    stands_in: bool = False,
    waits: bool = False,
) -> None:
    """Tell people something once: on their page of news and by mail, as each has chosen.

    ``event`` is a code of civic.notifications.events; ``event_key`` names this very piece of news,
    which never reaches a person twice, whatever the number of calls. ``author_ids`` are those to
    whom it is about something of theirs: their mail opens it as theirs. ``stands_in`` says that
    these people hear in the place of those who are missing. ``waits``: it can be undone for
    UNDO_WINDOW, and no mail leaves before. Whoever was written much within the hour gets the rest
    gathered.
    """
    group = EVENTS[event].group
    if contribution is not None:
        data = _facts_of(contribution) | data
    authors = set(author_ids)
    if contribution is not None and contribution.author_id is not None:
        authors.add(contribution.author_id)
    assigned_id = contribution.assigned_to_id if contribution is not None else None
    people = [
        account
        for account in _accounts(session, sorted(set(account_ids)))
        if _may_hear(account, group, contribution)
    ]
    chosen = list_choices(session, [one.id for one in people], group) if group else {}
    not_before = utcnow() + UNDO_WINDOW if waits else utcnow()
    flooded = list_flooded(session, [one.email for one in people if one.email]) if group else set()
    told = _Told(session, event, event_key, contribution, data, not_before, flooded)
    for account in people:
        is_own = account.id in authors
        scope = scope_of(
            group, is_own=is_own, is_assigned=account.id == assigned_id, stands_in=stands_in
        )
        told.add(account, group, chosen.get(account.id, NOTHING), scope, is_own=is_own)
    told.write()


@dataclass(slots=True)
class _Told:
    """One piece of news on its ways to people."""

    session: Session
    event: str
    event_key: str
    contribution: Contribution | None
    data: dict[str, Any]
    not_before: datetime
    flooded: set[str]
    news: list[dict[str, Any]] = field(default_factory=list)
    mails: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self, account: Person, group: str | None, wishes: Chosen, scope: Scope, *, is_own: bool
    ) -> None:
        """Let one person hear as they chose; what is owed comes at once in any case."""
        row = {
            "account_id": account.id,
            "contribution_id": self.contribution.id if self.contribution else None,
            "event": self.event,
            "event_key": self.event_key,
            "data": self.data,
        }
        if group is None or wishes.on_site(group, scope):
            self.news.append(row | {"at": utcnow()})
        rhythm = wishes.mail(group, scope) if group else Rhythm.AT_ONCE
        if rhythm is Rhythm.AT_ONCE and account.email in self.flooded:
            rhythm = Rhythm.HOUR
        if not account.email or (group is not None and not account.wants_mail):
            return
        data = self.data | {
            "account_id": account.id,
            "group": group,
            "own_id": row["contribution_id"] if is_own else None,
        }
        if rhythm is Rhythm.AT_ONCE:
            self.mails.append(
                _mail(
                    template=self.event,
                    recipient=account.email,
                    locale=account.locale,
                    data=data,
                    dedupe_key=f"{self.event_key}:{account.id}",
                    not_before=self.not_before,
                )
            )
        elif rhythm is not Rhythm.OFF:
            line = _line(self.session, row | {"data": data}, rhythm, self.not_before)
            self.lines.append(line)

    def write(self) -> None:
        """Write the rows, except those that are there already."""
        insert_many_or_ignore(self.session, Notification, self.news, returning="id")
        insert_many_or_ignore(self.session, DigestLine, self.lines, returning="id")
        insert_many_or_ignore(self.session, OutgoingEmail, self.mails, returning="id")


def tell_mailbox(
    session: Session,
    department: Department,
    *,
    event: str,
    event_key: str,
    contribution: Contribution,
    data: dict[str, Any],
    locale: str,
    waits: bool = False,
) -> None:
    """Write to the mailbox of a department, as it was chosen for it; ``waits`` as for tell()."""
    not_before = utcnow() + UNDO_WINDOW if waits else utcnow()
    group = EVENTS[event].group or ""
    rhythm = find_choices(session, department).mail(group, Scope.SERVICE)
    if rhythm is Rhythm.AT_ONCE and list_flooded(session, [department.email]):
        rhythm = Rhythm.HOUR
    data = _facts_of(contribution) | data | {"group": group, "department_id": department.id}
    if rhythm is Rhythm.AT_ONCE:
        queue_mail(
            session,
            template=event,
            recipient=department.email,
            locale=locale,
            data=data,
            dedupe_key=f"{event_key}:department:{department.id}",
            not_before=not_before,
        )
    elif rhythm is not Rhythm.OFF:
        row = {
            "department_id": department.id,
            "contribution_id": contribution.id,
            "event": event,
            "event_key": event_key,
            "data": data,
        }
        insert_many_or_ignore(
            session, DigestLine, [_line(session, row, rhythm, not_before)], returning="id"
        )


def queue_mail(
    session: Session,
    *,
    template: str,
    recipient: str,
    locale: str,
    data: dict[str, Any],
    dedupe_key: str | None = None,
    not_before: datetime | None = None,
) -> None:
    """Write one mail to an address; the same ``dedupe_key`` is never written twice.

    ``template`` is a file of templates/mail (civic.notifications.mails). ``data`` is emptied once
    it was sent. It leaves at once, or not before a moment.
    """
    mail = _mail(
        template=template,
        recipient=recipient,
        locale=locale,
        data=data,
        dedupe_key=dedupe_key,
        not_before=not_before or utcnow(),
    )
    insert_many_or_ignore(session, OutgoingEmail, [mail], returning="id")


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


def mark_read(session: Session, account_id: int, *, up_to: int | None = None) -> None:
    """Mark the person's news as read: all, or those up to the id ``up_to``."""
    unread = update(Notification).where(
        Notification.account_id == account_id, Notification.read_at.is_(None)
    )
    if up_to is not None:
        unread = unread.where(Notification.id <= up_to)
    session.execute(unread.values(read_at=utcnow()).execution_options(synchronize_session=False))


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
        "thread": _thread_of(data),
        "data": data,
        "error": "",
        "next_try_at": not_before,
    }


def _thread_of(data: dict[str, Any]) -> str:
    """Return what the mails of one matter share: its reference, the action's, the decision's."""
    action = f"action-{data['action_id']}" if data.get("action_id") else ""
    return str(data.get("reference") or action or data.get("decision") or "")[:40]


def _facts_of(contribution: Contribution) -> dict[str, Any]:
    return {
        "kind": contribution.kind,
        "reference": contribution.reference,
        "title": contribution.title,
        "path": f"/c/{contribution.reference}",
    }


def _accounts(session: Session, ids: list[int]) -> Iterator[Person]:
    """Read in batches, without the roles: there may be thousands."""
    for start in range(0, len(ids), 500):
        yield from session.execute(
            select(
                Account.id,
                Account.email,
                Account.locale,
                Account.wants_mail,
                Account.erased_at,
                Account.suspended_until,
            ).where(Account.id.in_(ids[start : start + 500]))
        )


def _may_hear(account: Person, group: str | None, contribution: Contribution | None) -> bool:
    """Whether news still go there: who is suspended hears of their own file, and what is owed."""
    if account.erased_at is not None:
        return False
    if group is None or account.suspended_until is None or account.suspended_until <= utcnow():
        return True
    return contribution is not None and contribution.author_id == account.id and group == "status"


def _line(
    session: Session, row: dict[str, Any], rhythm: Rhythm, not_before: datetime
) -> dict[str, Any]:
    due_at = digest_due(not_before, rhythm, get_town_zone(session))
    return row | {"at": utcnow(), "due_at": due_at}
