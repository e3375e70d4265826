"""The service actions of the demo town, told through the real verbs with the clock set back.

Each takes contributions of its categories that lie near each other; the sample keeps those free.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, Actor
from civic.actions.models import Action
from civic.actions.operations import (
    ActionDraft,
    MilestoneDraft,
    create_action,
    follow,
    post_update,
)
from civic.actions.workflow import ActionStatus
from civic.attachments.models import Photo
from civic.contributions.models import Contribution
from civic.contributions.operations import move
from civic.contributions.workflow import Party
from civic.database.clock import replaying
from civic.demo import wording
from civic.demo.lives import Case
from civic.demo.promises import COMMITMENTS, Commitment, News
from civic.demo.sample import ZONE
from civic.demo.town import People
from civic.incidents.schedule import CONFIRM_AFTER, CONFIRMED
from civic.incidents.workflow import IncidentStatus
from civic.places.models import Area
from civic.taxonomy.models import Department

Pictures = Callable[[str, str, datetime], Photo]


def choose(random: Random, cases: Iterable[Case], now: datetime) -> list[list[Case]]:
    """Return which cases each commitment answers: near each other, and each case once."""
    taken: set[int] = set()
    waiting = [case for case in cases if case.lat is not None]
    chosen = []
    for commitment in COMMITMENTS:
        born_before = now - timedelta(days=max(commitment.created + 1, commitment.youngest))
        born_after = now - timedelta(days=max(commitment.created + 25, commitment.oldest))
        fitting = [
            case
            for case in waiting
            if case.category in commitment.categories
            and case.id not in taken
            and born_after <= case.submitted_at <= born_before
        ]
        near = _cluster(random, fitting, commitment)
        taken.update(case.id for case in near)
        chosen.append(near)
    return chosen


def _cluster(random: Random, fitting: Sequence[Case], commitment: Commitment) -> list[Case]:
    if commitment.kind == "idea":
        return sorted(fitting, key=lambda case: -len(case.votes))[: commitment.number]
    if commitment.near is not None:
        lat, lon = commitment.near
        return sorted(fitting, key=lambda case: _apart(case, lat, lon))[: commitment.number]
    best: list[Case] = []
    width = float("inf")
    for centre in random.sample(fitting, min(12, len(fitting))):
        lat, lon = centre.lat or 0.0, centre.lon or 0.0
        near = sorted(fitting, key=partial(_apart, lat=lat, lon=lon))[: commitment.number]
        if near and _apart(near[-1], lat, lon) < width:
            best, width = near, _apart(near[-1], lat, lon)
    return best


def _apart(case: Case, lat: float, lon: float) -> float:
    return ((case.lat or 0) - lat) ** 2 + (((case.lon or 0) - lon) * 0.66) ** 2


def commit_to(
    session: Session,
    random: Random,
    chosen: Sequence[Sequence[Case]],
    people: People,
    now: datetime,
    pictures: Pictures,
) -> list[Action]:
    """Create the actions and play their news; return them."""
    actor = people["agent"]
    departments = {row.code: row for row in session.scalars(select(Department))}
    actions = []
    for commitment, cases in zip(COMMITMENTS, chosen, strict=True):
        ids = [case.id for case in cases]
        linked = session.scalars(
            select(Contribution).where(Contribution.id.in_(ids)).order_by(Contribution.id)
        ).all()
        area = session.get(Area, cases[0].area_id) if cases and cases[0].area_id else None
        department = departments[commitment.department]
        draft = _draft(commitment, department, area, now)
        with replaying(now - timedelta(days=commitment.created)):
            action = create_action(session, draft, linked, actor=actor)
        for speaker in random.sample(people.speakers, random.randint(3, 20)):
            follow(session, action, actor=speaker)
        for news in commitment.news:
            _tell(session, action, news, actor, now, pictures)
        _mark_milestones(session, action, commitment, now)
        _finish(session, action, actor, now)
        actions.append(action)
    return actions


def _draft(
    commitment: Commitment, department: Department, area: Area | None, now: datetime
) -> ActionDraft:
    return ActionDraft(
        title=_typeset(commitment.title.format(area=area.name if area else "tout Paris")),
        body=_typeset(commitment.body),
        department=department,
        start_on=_day(now, commitment.start),
        end_on=_day(now, commitment.end),
        cost=commitment.cost,
        budget_line=commitment.budget_line,
        milestones=[
            MilestoneDraft(title, _day(now, due)) for title, due, _ in commitment.milestones
        ],
    )


def _typeset(text: str) -> str:
    """Keep a line from beginning with a colon."""
    return text.replace(" :", "\N{NO-BREAK SPACE}:")


def _tell(
    session: Session,
    action: Action,
    news: News,
    actor: Actor,
    now: datetime,
    pictures: Pictures,
) -> None:
    moment = now - timedelta(days=news.days_ago)
    photos = [pictures(news.picture, news.alt, moment)] if news.picture else []
    with replaying(moment):
        post_update(
            session,
            action,
            actor=actor,
            body=_typeset(news.body),
            to=news.to,
            reason=news.reason,
            progress=news.progress,
            end_on=_day(now, news.end_in) if news.end_in is not None else None,
            photos=photos,
        )


def _finish(session: Session, action: Action, actor: Actor, now: datetime) -> None:
    """Play what comes after: single repairs where it was abandoned, silence that confirms."""
    for contribution in action.contributions:
        if action.status == ActionStatus.ABANDONED and contribution.is_open:
            with replaying(action.status_since + timedelta(days=4)):
                move(
                    session,
                    contribution,
                    IncidentStatus.RESOLVED,
                    actor=actor,
                    standing={Party.AGENT},
                    sentence=wording.ANSWERS[action.department.code][0],
                    claimed_by="department",
                )
        confirmed_at = contribution.status_since + CONFIRM_AFTER + timedelta(minutes=10)
        if contribution.status == IncidentStatus.RESOLVED and confirmed_at < now:
            with replaying(confirmed_at):
                move(
                    session,
                    contribution,
                    IncidentStatus.CONFIRMED,
                    actor=SYSTEM,
                    standing={Party.SYSTEM},
                    sentence=CONFIRMED,
                    verified_by="silence",
                )


def _mark_milestones(
    session: Session,
    action: Action,
    commitment: Commitment,
    now: datetime,
) -> None:
    """Say which milestones were reached, on the day they were."""
    for milestone, (_, due, is_done) in zip(action.milestones, commitment.milestones, strict=True):
        milestone.done_on = _day(now, due) if is_done else None
    session.flush()


def _day(now: datetime, days: int) -> date:
    return (now.astimezone(ZONE) + timedelta(days=days)).date()
