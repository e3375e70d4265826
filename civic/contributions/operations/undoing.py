"""Taking a step back: a line that compensates it, and everything as it was before."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions import signals
from civic.contributions.kinds import kind_of
from civic.contributions.models import IS_IN_FORCE, Contribution, HistoryEntry, StatusChange
from civic.contributions.operations.due import keep_deadlines
from civic.contributions.queries import find_undoable_step
from civic.contributions.workflow import StatusType
from civic.database import read_again, utcnow
from civic.errors import Conflict
from civic.i18n import N_

TOO_LATE = N_("Ce n’est plus possible : le délai est passé, ou il s’est passé autre chose depuis.")


def undo_step(
    session: Session, contribution: Contribution, step_id: int | None, *, actor: Actor
) -> StatusChange:
    """Undo the step ``step_id``, which ``actor`` took last, within policies.UNDO_WINDOW.

    Whoever took it may, also where it handed the case to others. Raises Conflict when it is not to
    be undone (any more); the caller undoes what else went with a merge.
    """
    read_again(session, contribution)
    change = find_undoable_step(session, contribution, actor)
    if change is None or change.id != step_id:
        raise Conflict(TOO_LATE)
    return take_back(session, contribution, change, actor=actor)


def take_back(
    session: Session, contribution: Contribution, change: StatusChange, *, actor: Actor
) -> StatusChange:
    """Compensate ``change``, the last step in force, and say so; its news never leave.

    The caller has found out that ``actor`` may.
    """
    if change.from_status is None or change.to_status != contribution.status:
        raise Conflict(TOO_LATE)
    line = StatusChange(
        contribution=contribution,
        from_status=change.to_status,
        to_status=change.from_status,
        at=utcnow(),
        actor_id=actor.account_id,
        party=change.party,
        department_id=contribution.department_id,
        cause=change.cause,
        undoes_id=change.id,
    )
    session.add(line)
    session.flush()
    _restore(session, contribution, change)
    signals.step_undone.send(session, contribution=contribution, change=change)
    keys = [f"status:{change.id}", f"step:{change.id}"]
    signals.news_taken_back.send(session, event_keys=keys, contribution=contribution)
    return line


def _restore(session: Session, contribution: Contribution, undone: StatusChange) -> None:
    """Bring back what the step changed: all of it follows from the steps that are in force."""
    workflow = kind_of(contribution).workflow
    steps = _steps_in_force(session, contribution)
    since = steps[-1].at if steps else contribution.submitted_at
    before, status = workflow[contribution.status], workflow[undone.from_status or workflow.initial]
    contribution.status, contribution.status_type = status.code, status.type
    contribution.status_since = since
    contribution.updated_at = utcnow()
    contribution.closed_at = None if status.type is StatusType.OPEN else since
    contribution.forwarded_to = next(
        (step.recipient for step in reversed(steps) if step.recipient), ""
    )
    if contribution.acknowledged_at == undone.at:
        contribution.acknowledged_at = None
    _restore_fields(session, contribution, undone)
    if kind_of(contribution).has_deadlines:
        keep_deadlines(session, contribution, before, status, at=since)
    session.flush()


def _restore_fields(session: Session, contribution: Contribution, undone: StatusChange) -> None:
    """Bring back what went with the step, from the history: period and cost of an idea."""
    entries = session.scalars(
        select(HistoryEntry)
        .where(
            HistoryEntry.contribution_id == contribution.id,
            HistoryEntry.field.in_(("period", "cost")),
            HistoryEntry.at >= undone.at,
        )
        .order_by(HistoryEntry.id.desc())
    )
    for entry in entries:
        is_cost = entry.field == "cost"
        before = (int(entry.before) if entry.before else None) if is_cost else entry.before
        setattr(contribution, entry.field, before)


def _steps_in_force(session: Session, contribution: Contribution) -> Sequence[StatusChange]:
    return session.scalars(
        select(StatusChange)
        .where(StatusChange.contribution_id == contribution.id, IS_IN_FORCE)
        .order_by(StatusChange.at, StatusChange.id)
    ).all()
