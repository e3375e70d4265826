"""Whose cases they are, and in which view of the list."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, false, not_, or_, select, true

from civic.accounts.actor import Actor, Charge, Role
from civic.contributions.kinds import kinds
from civic.contributions.models import (
    IS_OPEN,
    IS_SET_ASIDE,
    IS_UNACKNOWLEDGED,
    Channel,
    Contribution,
    Deadline,
)
from civic.database import utcnow
from civic.database.functions import days_between
from civic.i18n import N_
from civic.ideas.workflow import IdeaStatus
from civic.incidents.workflow import IncidentStatus

SOON = timedelta(days=3)
WORKING = (IncidentStatus.PLANNED, IncidentStatus.IN_PROGRESS, IdeaStatus.ACCEPTED)
"""The statuses of work that has been promised or begun, whatever the kind."""

VIEWS: Final = {
    "mine": N_("À moi"),
    "open": N_("Tout ce qui est dû"),
    "new": N_("Nouveaux"),
    "late": N_("En retard"),
    "soon": N_("À échéance"),
    "progress": N_("En cours"),
    "contested": N_("Contestés"),
    "doubled": N_("Délai doublé"),
    "ideas": N_("Idées"),
    "closed": N_("Clos ou retirés"),
    "all": N_("Tous"),
}
"""Open, in order of what is done first; the last two hold what is not due any more."""
PAST: Final = ("closed", "all")
"""Counted only where something is looked for; « all » is where a search begins."""


def _covered(charge: Charge) -> ColumnElement[bool]:
    """Say in SQL what ``charge.covers`` says."""
    of: list[ColumnElement[bool]] = [true()]
    if charge.department_id is not None:
        of.append(Contribution.department_id == charge.department_id)
    if charge.area_ids:
        of.append(Contribution.area_id.in_(sorted(charge.area_ids)))
    return and_(*of)


def in_charge(actor: Actor) -> ColumnElement[bool]:
    """Say in SQL what civic.desk.policies.may_open lets this person work through.

    Agents have their departments and areas; mediators the contested closings and what took twice
    its time.
    """
    ways: list[ColumnElement[bool]] = [false()]
    ways += [_covered(charge) for charge in actor.charges]
    if actor.has(Role.MEDIATOR):
        ways.append(
            or_(
                and_(Contribution.status == IncidentStatus.CONTESTED, not_(IS_SET_ASIDE)),
                took_twice_its_time(utcnow()),
            )
        )
    return or_(*ways)


def took_twice_its_time(now: datetime) -> ColumnElement[bool]:
    """Say in SQL that a case at work is as many days late as it was given; nothing imported."""
    return and_(
        IS_OPEN,
        not_(IS_SET_ASIDE),
        Contribution.channel != Channel.IMPORT,
        Contribution.due_at < now,
        days_between(Contribution.due_at, now)
        >= days_between(Contribution.submitted_at, Contribution.due_at),
    )


def _unacknowledged(*, until: datetime, since: datetime | None = None) -> ColumnElement[bool]:
    """Say in SQL that it is due to be taken in charge between ``since`` and ``until``."""
    due = select(Deadline.contribution_id).where(IS_UNACKNOWLEDGED, Deadline.due_at < until)
    if since is not None:
        due = due.where(Deadline.due_at >= since)
    return Contribution.id.in_(due)


def within(view: str, actor: Actor) -> ColumnElement[bool]:
    """Say in SQL what a view of the list holds."""
    now = utcnow()
    initial = [kind.workflow.initial for kind in kinds]
    waiting = [
        status.code for kind in kinds for status in kind.workflow.statuses if not status.is_owed
    ]
    at_work = and_(IS_OPEN, not_(IS_SET_ASIDE))
    owed = and_(at_work, Contribution.status.not_in(waiting))
    conditions: dict[str, ColumnElement[bool]] = {
        "mine": and_(at_work, Contribution.assigned_to_id == actor.account_id),
        "open": owed,
        "new": and_(owed, Contribution.status.in_(initial)),
        "late": and_(owed, or_(Contribution.due_at < now, _unacknowledged(until=now))),
        "soon": and_(
            owed,
            or_(
                and_(Contribution.due_at >= now, Contribution.due_at < now + SOON),
                _unacknowledged(since=now, until=now + SOON),
            ),
        ),
        "progress": and_(owed, Contribution.status.in_(WORKING)),
        "contested": and_(owed, Contribution.status == IncidentStatus.CONTESTED),
        "doubled": took_twice_its_time(now),
        "ideas": and_(at_work, Contribution.kind == "idea"),
        "closed": not_(at_work),
        "all": true(),
    }
    return conditions[view]
