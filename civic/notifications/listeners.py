"""What the features below and beside say, turned into news and mails in the same transaction."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, delete, or_, select
from sqlalchemy.orm import Session

from civic.accounts.tokens import hash_token
from civic.contributions import signals
from civic.contributions.contact import Contact, contact_for
from civic.contributions.deadlines import silence_date
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution, ModerationState, StatusChange
from civic.contributions.workflow import CommonStatus, Party
from civic.incidents.workflow import IncidentStatus
from civic.notifications.cases import MOST_QUOTED, TITLES
from civic.notifications.folder import forget_after_commit
from civic.notifications.models import DigestLine, Notification, OutgoingEmail
from civic.notifications.operations import queue_mail, tell
from civic.notifications.queries import list_audience
from civic.taxonomy.models import Department
from civic.text.markdown import readable, shorten

_ABOUT_COMMENTS = ("comment", "reply")
_ABOUT_TWO = ("merged", "unmerged", "decision")
"""Merging and undoing it are told by civic.moderation, which knows both sides."""


def path_of(contribution: Contribution) -> str:
    """Return the permanent short link of a contribution."""
    return f"/c/{contribution.reference}"


def acknowledge(session: Session, *, contribution: Contribution, follow_token: str) -> None:
    """Owe the author an acknowledgement (CRPA L112-11), whatever mails they want."""
    author = contribution.author
    if author is None or author.email is None:
        return
    queue_mail(
        session,
        template="acknowledgement",
        recipient=author.email,
        locale=contribution.locale,
        dedupe_key=f"acknowledgement:{contribution.id}",
        data={
            "kind": contribution.kind,
            "reference": contribution.reference,
            "title": contribution.title,
            "submitted_at": contribution.submitted_at.isoformat(),
            "due_at": contribution.due_at.isoformat() if contribution.due_at else None,
            "silence_on": silence_date(session, contribution.submitted_at).isoformat(),
            "department": _addresses(contact_for(session, contribution)),
            "is_held": contribution.moderation_state == ModerationState.HELD,
            "follow_token": follow_token,
            "path": path_of(contribution),
        },
    )


def tell_status(
    session: Session, *, contribution: Contribution, change: StatusChange, announce: bool
) -> None:
    """Tell author, voters and followers of one step; only the author while it is not public."""
    if not announce or change.from_status is None:
        return
    if CommonStatus.DUPLICATE in {change.from_status, change.to_status}:
        return
    workflow = kind_of(contribution).workflow
    status = workflow[change.to_status]
    people = _people(session, contribution) - {change.actor_id}
    if change.party is Party.AUTHOR:
        # By the private link nobody is signed in: it is the author's own act all the same.
        people.discard(contribution.author_id or 0)
    tell(
        session,
        event="status_changed",
        event_key=f"status:{change.id}",
        account_ids=_ids(people),
        contribution=contribution,
        data={
            "status": status.label,
            "status_code": status.code,
            "status_type": status.type.value,
            "explanation": status.explanation,
            "sentence": change.sentence,
            "step": change.id,
            "party": change.party.value,
            "reason": workflow.reasons.get(change.reason, ""),
            "recipient": change.recipient,
            "department": _department(contribution.department),
            "is_automatic": change.is_automatic,
            "due_at": contribution.due_at.isoformat() if contribution.due_at else None,
            "is_open": contribution.is_open,
            "may_contest": workflow.edge(status.code, IncidentStatus.CONTESTED) is not None,
        },
        waits=change.actor_id is not None or change.party is Party.AUTHOR,
    )


def tell_comment(
    session: Session,
    *,
    contribution: Contribution,
    comment_id: int,
    body: str,
    author_id: int | None,
    parent_author_id: int | None,
    department_id: int | None,
    **_: Any,
) -> None:
    """Tell the person answered, then author and followers, each once; never who wrote it."""
    department = session.get(Department, department_id) if department_id else None
    data = {
        "path": f"{path_of(contribution)}?comments=newest#comment-{comment_id}",
        "comment_id": comment_id,
        "comment": shorten(readable(body), MOST_QUOTED),
        "department": _department(department),
    }
    key = f"comment:{comment_id}"
    if parent_author_id is not None and parent_author_id != author_id:
        tell(
            session,
            event="reply",
            event_key=key,
            account_ids=[parent_author_id],
            contribution=contribution,
            data=data,
        )
    people = list_audience(session, [contribution], voters=False) - {author_id}
    tell(
        session,
        event="comment",
        event_key=key,
        account_ids=_ids(people),
        contribution=contribution,
        data=data,
    )


def tell_people(
    session: Session,
    *,
    event: str,
    event_key: str,
    data: dict[str, Any],
    account_ids: Iterable[int] | None = None,
    contribution: Contribution | None = None,
    contributions: Iterable[Contribution] = (),
    waits: bool = False,
    **_: Any,
) -> None:
    """Tell what a neighbour has to tell; see civic.contributions.signals.people_to_tell."""
    about = list(contributions) or ([contribution] if contribution else [])
    if account_ids is None:
        account_ids = list_audience(session, about)
    tell(
        session,
        event=event,
        event_key=event_key,
        account_ids=account_ids,
        contribution=contribution,
        data={key: value for key, value in data.items() if key != "email"},
        author_ids=[item.author_id for item in about if item.author_id is not None],
        waits=waits,
    )
    if data.get("email"):
        queue_mail(
            session,
            template=event,
            recipient=data["email"],
            locale=data.get("locale", "fr"),
            data={key: value for key, value in data.items() if key != "email"},
            dedupe_key=f"{event_key}:{hash_token(data['email'], purpose='recipient')[:32]}",
        )


def take_back(
    session: Session, *, event_keys: Iterable[str], contribution: Contribution | None, **_: Any
) -> None:
    """Forget news of what was undone, and the mails about it, which still wait."""
    about = Notification.contribution_id.is_not_distinct_from(contribution and contribution.id)
    for key in event_keys:
        session.execute(delete(Notification).where(about, Notification.event_key == key))
        session.execute(delete(DigestLine).where(DigestLine.event_key == key))
        session.execute(
            delete(OutgoingEmail).where(
                OutgoingEmail.sent_at.is_(None),
                OutgoingEmail.dedupe_key.startswith(f"{key}:", autoescape=True),
            )
        )


def follow_redaction(session: Session, *, contribution: Contribution, **_: Any) -> None:
    """Personal data leaves news and waiting mails too: the title as it is now, nothing quoted."""
    reference = contribution.reference
    news = session.scalars(
        select(Notification).where(
            or_(
                Notification.contribution_id == contribution.id,
                and_(Notification.event.in_(_ABOUT_TWO), _names(Notification, reference)),
            )
        )
    )
    mails = session.scalars(
        select(OutgoingEmail).where(
            OutgoingEmail.sent_at.is_(None),
            cast(OutgoingEmail.data, Text).contains(reference, autoescape=True),
        )
    )
    lines = session.scalars(select(DigestLine).where(DigestLine.contribution_id == contribution.id))
    for item in (*news, *mails, *lines):
        item.data = _without_quotes(item.data, contribution)
    forget_after_commit(session, [reference])


def _without_quotes(data: Any, contribution: Contribution) -> Any:
    """Return the data of news or of a mail, lists in it included, as they are after a redaction."""
    if isinstance(data, list):
        return [_without_quotes(value, contribution) for value in data]
    if not isinstance(data, dict):
        return data
    named = {
        title: contribution.title
        for key, title in TITLES.items()
        if data.get(key) == contribution.reference
    }
    kept = {
        key: _without_quotes(value, contribution)
        for key, value in data.items()
        if not (named and key in {"also", "comment", "message", "sentence"})
    }
    return kept | named


def _names(model: type[Notification | OutgoingEmail], reference: str) -> ColumnElement[bool]:
    return or_(*(model.data[key].as_string() == reference for key in TITLES))


def withdraw_mails(session: Session, *, contribution: Contribution, **_: Any) -> None:
    """Take back the mails that still wait and would show what is hidden now.

    The author is owed theirs: the acknowledgement, the steps of their own file, the decision.
    """
    waiting = select(OutgoingEmail).where(
        OutgoingEmail.sent_at.is_(None),
        OutgoingEmail.template.in_(("status_changed", *_ABOUT_COMMENTS)),
        OutgoingEmail.data["reference"].as_string() == contribution.reference,
    )
    for mail in session.scalars(waiting):
        if mail.template in _ABOUT_COMMENTS or mail.data.get("own_id") != contribution.id:
            session.delete(mail)
    session.flush()


def withdraw_comment(
    session: Session, *, contribution: Contribution, comment_id: int, **_: Any
) -> None:
    """Take back news, and the mails that still wait, of a comment which is hidden now."""
    for told in (Notification, DigestLine):
        session.execute(
            delete(told).where(
                told.contribution_id == contribution.id,
                told.event_key == f"comment:{comment_id}",
            )
        )
    session.execute(
        delete(OutgoingEmail).where(
            OutgoingEmail.sent_at.is_(None),
            OutgoingEmail.template.in_(_ABOUT_COMMENTS),
            OutgoingEmail.dedupe_key.startswith(f"comment:{comment_id}:"),
        )
    )


def connect() -> None:
    """Listen; connecting twice changes nothing."""
    signals.acknowledgement_due.connect(acknowledge)
    signals.status_changed.connect(tell_status)
    signals.comment_published.connect(tell_comment)
    signals.people_to_tell.connect(tell_people)
    signals.news_taken_back.connect(take_back)
    signals.contribution_redacted.connect(follow_redaction)
    signals.contribution_hidden.connect(withdraw_mails)
    signals.comment_hidden.connect(withdraw_comment)


def _people(session: Session, contribution: Contribution) -> set[int]:
    if contribution.is_public:
        return list_audience(session, [contribution])
    return {contribution.author_id} if contribution.author_id is not None else set()


def _ids(people: set[int]) -> list[int]:
    return sorted(people)


def _department(department: Department | None) -> dict[str, str] | None:
    return _addresses(department) if department is not None else None


def _addresses(service: Department | Contact) -> dict[str, str]:
    return {
        "fr": service.name,
        "en": service.name_in("en"),
        "email": service.email,
        "postal_address": service.postal_address,
        "telephone": service.telephone,
    }
