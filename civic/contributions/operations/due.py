"""Keeping the deadlines of a contribution, and the column that is derived from them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.contributions.deadlines import deadlines_for
from civic.contributions.models import Contribution, Deadline, Due
from civic.contributions.workflow import Status, StatusType


def set_deadlines(session: Session, contribution: Contribution) -> None:
    """Say until when to acknowledge and to resolve, from the category's days and the pauses so far.

    What is met stays as it was promised. ``contribution.due_at`` is written here, and by imports:
    that of the resolution, None while its clock stands.
    """
    acknowledge, resolve = deadlines_for(
        session, contribution.category, contribution.submitted_at, contribution
    )
    promised = _by_sort(session, contribution)
    for what, due_at in ((Due.ACKNOWLEDGE, acknowledge), (Due.RESOLVE, resolve)):
        deadline = promised.get(what)
        if due_at is None or (deadline is not None and deadline.met_at is not None):
            continue
        if deadline is None:
            session.add(Deadline(contribution_id=contribution.id, what=what, due_at=due_at))
        else:
            deadline.due_at = due_at
    contribution.due_at = resolve


def keep_deadlines(
    session: Session, contribution: Contribution, before: Status, status: Status, *, at: datetime
) -> None:
    """Follow a step of the workflow: what it meets, what is due again, whose clock stands."""
    session.flush()
    promised = _by_sort(session, contribution)
    is_over = status.type is not StatusType.OPEN
    if (acknowledge := promised.get(Due.ACKNOWLEDGE)) is not None:
        met_at = contribution.acknowledged_at or (at if is_over else None)
        acknowledge.met_at = met_at and (acknowledge.met_at or met_at)
    if (resolve := promised.get(Due.RESOLVE)) is not None:
        resolve.met_at = at if is_over else None
    for deadline in promised.values():
        if deadline.met_at is None:
            deadline.paused_at = at if status.stops_clock else None
    if before.stops_clock != status.stops_clock:
        set_deadlines(session, contribution)
    session.flush()


def follow_source(session: Session, contribution: Contribution) -> None:
    """Bring the promise of a resolution in step with what another system says of it."""
    session.flush()
    resolve, due_at = _by_sort(session, contribution).get(Due.RESOLVE), contribution.due_at
    if resolve is None:
        if due_at is None:
            return
        resolve = Deadline(contribution_id=contribution.id, what=Due.RESOLVE, due_at=due_at)
        session.add(resolve)
    resolve.due_at = due_at or resolve.due_at
    resolve.met_at = contribution.closed_at
    is_standing = due_at is None and contribution.is_open
    resolve.paused_at = contribution.status_since if is_standing else None
    session.flush()


def _by_sort(session: Session, contribution: Contribution) -> dict[Due, Deadline]:
    """Return the latest deadline of each sort."""
    rows = session.scalars(
        select(Deadline).where(Deadline.contribution_id == contribution.id).order_by(Deadline.id)
    )
    return {deadline.what: deadline for deadline in rows}
