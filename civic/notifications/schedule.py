"""What leaves by itself: mails, reminders to departments; and what is not kept for ever."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import and_, delete, select, true
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account, RoleGrant
from civic.contributions.kinds import kinds
from civic.contributions.models import (
    IS_OPEN,
    IS_SET_ASIDE,
    IS_UNACKNOWLEDGED,
    Channel,
    Contribution,
    Deadline,
    Due,
)
from civic.database import utcnow
from civic.notifications.choices import Owner, find_choices
from civic.notifications.delivery import deliver_due
from civic.notifications.digests import write_due_digests
from civic.notifications.fanout import tell_waiting_news
from civic.notifications.folder import clean_folder
from civic.notifications.matrix import Rhythm, Scope
from civic.notifications.models import Notification, OutgoingEmail
from civic.notifications.operations import queue_mail
from civic.notifications.rendering import render
from civic.notifications.transports import transport_of
from civic.places.queries import get_town_language
from civic.settings import Settings
from civic.tasks.schedule import daily, every
from civic.taxonomy.models import Department

KEEPS_MAILS = timedelta(days=90)
KEEPS_NEWS = timedelta(days=365)
SOON = 0.8
"""The part of its time after which a department is reminded of what it owes."""
REMINDER, OVERDUE = "reminder", "overdue"
DEADLINES = "deadlines"


@every(seconds=1)
def deliver_mail(session: Session) -> None:
    """Send what waits in the outbox."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    transport = transport_of(app.extensions["civic_settings"])
    deliver_due(session, transport, lambda row: render(app, session, row))


@every(seconds=5)
def tell_staff(session: Session) -> None:
    """Tell the staff what has happened to cases."""
    tell_waiting_news(session)


@every(minutes=1)
def send_digests(session: Session) -> None:
    """Write the digests whose time has come."""
    write_due_digests(session)


@dataclass(frozen=True, slots=True)
class Crossed:
    """One contribution that has just come near one of its two due dates, or gone past it."""

    title: str
    reference: str
    due_at: datetime
    is_late: bool
    what: Due = Due.RESOLVE


@daily(at="05:30")
def remind_departments(session: Session) -> None:
    """Write to each department about what reached 80 % of its time, or its end, since last time.

    One mail a day at most, and each of their two clocks twice in all. Imported ones are left out:
    they are another system's past.
    """
    now = utcnow()
    for department in _departments(session):
        prefix = f"{REMINDER}:{department.id}:"
        crossed = crossed_since(session, department, _last_mail(session, prefix, now), now)
        if not crossed or not department.email or not _wants_deadlines(session, department):
            continue
        queue_mail(
            session,
            template=REMINDER,
            recipient=department.email,
            locale=get_town_language(session),
            dedupe_key=f"{prefix}{now.isoformat()}",
            data={
                "department_id": department.id,
                "group": DEADLINES,
                "late": [_item(one) for one in crossed if one.is_late],
                "soon": [_item(one) for one in crossed if not one.is_late],
            },
        )
        session.commit()


@daily(at="05:35")
def tell_supervisors(session: Session) -> None:
    """Write to each supervisor about what went past its due date since last time, by department."""
    now = utcnow()
    departments = _departments(session)
    for account in supervisors(session):
        if not account.wants_mail or not _wants_deadlines(session, account):
            continue
        prefix = f"{OVERDUE}:{account.id}:"
        since = _last_mail(session, prefix, now)
        late = [
            (
                department,
                [one for one in crossed_since(session, department, since, now) if one.is_late],
            )
            for department in departments
        ]
        if not any(found for _, found in late):
            continue
        queue_mail(
            session,
            template=OVERDUE,
            recipient=account.email or "",
            locale=account.locale,
            dedupe_key=f"{prefix}{now.isoformat()}",
            data={
                "account_id": account.id,
                "group": DEADLINES,
                "departments": [
                    {
                        "name": department.name_in(account.locale),
                        "late": [_item(one) for one in found],
                    }
                    for department, found in late
                    if found
                ],
            },
        )
        session.commit()


def supervisors(session: Session) -> list[Account]:
    """Return the agents who work for the whole town; where there is none, the administrators."""
    grants = {
        Role.AGENT: and_(RoleGrant.department_id.is_(None), RoleGrant.area_id.is_(None)),
        Role.ADMINISTRATOR: true(),
    }
    for role, whole_town in grants.items():
        holders = select(RoleGrant.account_id).where(RoleGrant.role == role, whole_town)
        found = session.scalars(
            select(Account)
            .where(Account.id.in_(holders), Account.email.is_not(None))
            .order_by(Account.id)
        ).all()
        if found:
            return list(found)
    return []


def crossed_since(
    session: Session, department: Department, since: datetime, now: datetime
) -> list[Crossed]:
    """Return what came near its due date, or passed it, after ``since`` and until ``now``."""
    stopped = [
        status.code for kind in kinds for status in kind.workflow.statuses if status.stops_clock
    ]
    owed = (
        Contribution.department_id == department.id,
        IS_OPEN,
        ~IS_SET_ASIDE,
        Contribution.status.not_in(stopped),
        Contribution.channel != Channel.IMPORT,
    )
    case = (Contribution.title, Contribution.reference, Contribution.submitted_at)
    clocks: dict[Due, Any] = {
        Due.ACKNOWLEDGE: select(*case, Deadline.due_at)
        .join(Deadline, Deadline.contribution_id == Contribution.id)
        .where(*owed, IS_UNACKNOWLEDGED, Deadline.due_at > since)
        .order_by(Deadline.due_at),
        Due.RESOLVE: select(*case, Contribution.due_at)
        .where(*owed, Contribution.due_at > since)
        .order_by(Contribution.due_at),
    }
    found = []
    for what, asked in clocks.items():
        rows: Sequence[Any] = session.execute(asked).all()
        for title, reference, submitted_at, due_at in rows:
            near = submitted_at + SOON * (due_at - submitted_at)
            if since < due_at <= now or since < near <= now:
                found.append(Crossed(title, reference, due_at, due_at <= now, what))
    return found


@daily(at="03:20")
def forget_old_news(session: Session) -> None:
    """Delete mails after 90 days, sent or failed, and news after a year."""
    now = utcnow()
    session.execute(
        delete(OutgoingEmail).where(
            OutgoingEmail.created_at < now - KEEPS_MAILS,
            OutgoingEmail.sent_at.is_not(None) | OutgoingEmail.failed_at.is_not(None),
        )
    )
    session.execute(delete(Notification).where(Notification.at < now - KEEPS_NEWS))


@daily(at="03:25")
def clean_mail_folder(session: Session) -> None:
    """Keep the folder that mails go to without a mail server from filling the disk."""
    settings: Settings = current_app.extensions["civic_settings"]
    clean_folder(settings.mail_dir, utcnow())


def _wants_deadlines(session: Session, owner: Owner) -> bool:
    return find_choices(session, owner).mail(DEADLINES, Scope.SERVICE) is not Rhythm.OFF


def _departments(session: Session) -> Sequence[Department]:
    return session.scalars(
        select(Department).where(Department.is_active).order_by(Department.name)
    ).all()


def _last_mail(session: Session, prefix: str, now: datetime) -> datetime:
    """When the last mail of these keys was written; a week ago where there is none or older."""
    key = session.scalar(
        select(OutgoingEmail.dedupe_key)
        .where(OutgoingEmail.dedupe_key.startswith(prefix, autoescape=True))
        .order_by(OutgoingEmail.id.desc())
        .limit(1)
    )
    week_ago = now - timedelta(days=7)
    return max(datetime.fromisoformat(key.removeprefix(prefix)), week_ago) if key else week_ago


def _item(crossed: Crossed) -> dict[str, str]:
    return {
        "title": crossed.title,
        "reference": crossed.reference,
        "due_at": crossed.due_at.isoformat(),
        "what": crossed.what.value,
    }
