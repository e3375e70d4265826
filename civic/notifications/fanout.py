"""Telling the staff what happened to cases: whom it concerns is found when it is told.

Each row of the queue is claimed and told in one transaction: a worker that dies in between loses
nothing and tells nobody twice.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.accounts.session import actor_of
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.policies import is_in_charge
from civic.contributions.workflow import CommonStatus
from civic.notifications.events import EVENTS
from civic.notifications.models import StaffNews
from civic.notifications.operations import tell, tell_mailbox
from civic.notifications.queries import list_holders
from civic.places.queries import get_town_language
from civic.taxonomy.models import Department

log = logging.getLogger(__name__)
_WITH_MAILBOX = {"cases", "contested", "answered"}
APPOINT = "/administration/people"


@dataclass(slots=True)
class Hearers:
    """Whom a piece of news concerns: people, and a department that has a mailbox.

    ``nobody`` when these stand in for those who are missing.
    """

    people: Sequence[Account] = ()
    department: Department | None = None
    nobody: bool = False


def tell_waiting_news(session: Session) -> None:
    """Tell what waits, the oldest first, committing after each; one that fails keeps no other."""
    last = 0
    while (id := _next_id(session, last)) is not None:
        last = id
        try:
            news = _claim(session, id)
            if news is not None:
                _tell(session, news)
            session.commit()
        except DBAPIError:
            raise
        except Exception:
            session.rollback()
            log.exception("news %s cannot be told to the staff", id)


def find_hearers(session: Session, news: StaffNews, contribution: Contribution | None) -> Hearers:
    """Return whom ``news`` concerns now: by their role, department and area, less who caused it."""
    group = EVENTS[news.event].group or ""
    match group:
        case "held" | "flagged":
            found = Hearers(list_holders(session, Role.MODERATOR))
        case "appeals":
            found = Hearers(list_holders(session, Role.MEDIATOR))
        case "assigned":
            assigned = contribution.assigned_to if contribution is not None else None
            return Hearers(_without(news, contribution, [assigned] if assigned else []))
        case _:
            found = _in_charge(session, contribution, group)
    if not found.people and found.department is None:
        return Hearers(list_holders(session, Role.ADMINISTRATOR), nobody=True)
    if found.department is not None:
        # In a small town the mailbox of a department is somebody's own: one mail is enough.
        own = {account.email for account in found.people}
        found.department = None if found.department.email.lower() in own else found.department
    found.people = _without(news, contribution, found.people)
    return found


def _in_charge(session: Session, contribution: Contribution | None, group: str) -> Hearers:
    if contribution is None:
        return Hearers()
    agents = [
        account
        for account in list_holders(session, Role.AGENT, near=contribution)
        if is_in_charge(actor_of(account), contribution)
    ]
    department = contribution.department
    has_mailbox = department is not None and department.email and group in _WITH_MAILBOX
    return Hearers(agents, department if has_mailbox else None)


def _without(
    news: StaffNews, contribution: Contribution | None, people: Sequence[Account]
) -> list[Account]:
    """Leave out who caused it, who wrote the contribution, and whose decision is contested."""
    left_out = {news.actor_id, news.data.get("decider_id")}
    if contribution is not None:
        left_out.add(contribution.author_id)
    return [one for one in people if one.id not in left_out]


def _tell(session: Session, news: StaffNews) -> None:
    contribution = session.get(Contribution, news.contribution_id) if news.contribution_id else None
    if contribution is not None and _is_over(news, contribution):
        return
    group = EVENTS[news.event].group or ""
    hearers = find_hearers(session, news, contribution)
    step_id = news.data.get("step")
    about = f"{news.event}:{news.contribution_id or 0}:{news.at.isoformat()}"
    key = f"step:{step_id}" if step_id else about
    data = news.data | {
        "event": news.event,
        "path": APPOINT if hearers.nobody else _path_of(news, group, contribution),
        "nobody": hearers.nobody,
        "due_at": contribution.due_at.isoformat() if contribution and contribution.due_at else None,
    }
    tell(
        session,
        event=news.event,
        event_key=key,
        account_ids=[one.id for one in hearers.people],
        contribution=contribution,
        data=data,
        stands_in=hearers.nobody,
        waits=bool(step_id),
    )
    if hearers.department is not None and contribution is not None:
        tell_mailbox(
            session,
            hearers.department,
            event=news.event,
            event_key=key,
            contribution=contribution,
            data=data,
            locale=get_town_language(session),
            waits=bool(step_id),
        )


def _is_over(news: StaffNews, contribution: Contribution) -> bool:
    """Whether nobody needs to act on it any more."""
    group = EVENTS[news.event].group
    if group == "held":
        return contribution.moderation_state is ModerationState.HIDDEN
    return contribution.status == CommonStatus.WITHDRAWN and group != "flagged"


def _path_of(news: StaffNews, group: str, contribution: Contribution | None) -> str:
    """Return the page on which somebody deals with it."""
    if group == "appeals" or contribution is None:
        appeal_id = news.data.get("appeal_id")
        return f"/moderation/appeals/{appeal_id}" if appeal_id else "/moderation/appeals"
    if group in {"held", "flagged"}:
        comment_id = news.data.get("comment_id")
        asked = f"?comment={comment_id}" if comment_id else ""
        return f"/moderation/{contribution.id}{asked}"
    return f"/desk/{contribution.reference}"


def _next_id(session: Session, after: int) -> int | None:
    return session.scalar(select(func.min(StaffNews.id)).where(StaffNews.id > after))


def _claim(session: Session, id: int) -> StaffNews | None:
    """Take one row for this worker, with those that say the same; None when another has it.

    What the others have of their own is ``also``; who caused some of them hears of the rest. Each
    appeal is told alone, since each is answered alone.
    """
    news = session.get(StaffNews, id)
    if news is None:
        return None
    same = StaffNews.id == id
    if news.contribution_id is not None and news.event != "appeal":
        same = (StaffNews.contribution_id == news.contribution_id) & (StaffNews.event == news.event)
    session.expunge(news)
    table = StaffNews.__table__.c
    gone = session.execute(
        delete(StaffNews)
        .where(same)
        .returning(table.id, table.actor_id, table.data)
        .execution_options(synchronize_session=False)
    ).all()
    if id not in {one.id for one in gone}:
        return None
    others = sorted((one for one in gone if one.id != id), key=lambda one: int(one.id))
    if others:
        news.data = news.data | {"also": [one.data for one in others]}
    if any(one.actor_id != news.actor_id for one in others):
        news.actor_id = None
    return news
