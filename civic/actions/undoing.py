"""Taking back the last step of an action, and with it the steps of its contributions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.actions.models import Action, ActionUpdate
from civic.actions.queries import find_undoable_update
from civic.actions.workflow import WORKFLOW
from civic.attachments.operations import set_photo_state
from civic.contributions import operations as contributions
from civic.contributions import signals
from civic.contributions.models import (
    IS_IN_FORCE,
    Contribution,
    ModerationState,
    StatusChange,
)
from civic.database import read_again, utcnow
from civic.errors import Conflict

_DAYS = ("finished_on", "start_on", "end_on", "first_start_on", "first_end_on")


def kept_of(action: Action) -> dict[str, Any]:
    """Return what a step may change of ``action``, to be kept with the step."""
    days = {name: getattr(action, name) for name in _DAYS}
    return {
        "status_since": action.status_since.isoformat(),
        "progress": action.progress,
        **{name: day.isoformat() if day else None for name, day in days.items()},
    }


def undo_update(
    session: Session, action: Action, update_id: int | None, *, actor: Actor
) -> ActionUpdate:
    """Undo the step ``update_id``, which ``actor`` took last, within UNDO_WINDOW.

    A line compensates it, the contributions that it moved stand where they stood, and its mails
    never leave. Raises Conflict when it is not to be undone (any more).
    """
    read_again(session, action)
    update = find_undoable_update(session, action, actor)
    if update is None or update.id != update_id or update.from_status is None:
        raise Conflict(contributions.TOO_LATE)
    line = ActionUpdate(
        action_id=action.id,
        actor_id=actor.account_id,
        body="",
        from_status=update.to_status,
        to_status=update.from_status,
        undoes_id=update.id,
    )
    session.add(line)
    _restore(action, update.from_status, update.before or {})
    line.progress = action.progress
    for photo in update.photos:
        set_photo_state(session, photo, ModerationState.HIDDEN)
    session.flush()
    _take_contributions_back(session, action, update, actor=actor)
    session.expire(action, ["updates"])
    key = f"action-update:{update.id}"
    signals.news_taken_back.send(session, event_keys=[key], contribution=None)
    return line


def _restore(action: Action, status: str, before: dict[str, Any]) -> None:
    action.status, action.status_type = status, WORKFLOW[status].type
    action.status_since = datetime.fromisoformat(before["status_since"])
    action.progress = before["progress"]
    for name in _DAYS:
        setattr(action, name, date.fromisoformat(before[name]) if before[name] else None)
    action.updated_at = utcnow()


def _take_contributions_back(
    session: Session, action: Action, update: ActionUpdate, *, actor: Actor
) -> None:
    """Take back the steps that went with ``update``, unless something has happened to one since."""
    steps = session.scalars(
        select(StatusChange)
        .join(Contribution, Contribution.id == StatusChange.contribution_id)
        .where(
            StatusChange.cause == action.slug,
            StatusChange.contribution_id.in_([one.id for one in action.contributions]),
            StatusChange.actor_id == actor.account_id,
            StatusChange.at >= update.at,
            IS_IN_FORCE,
        )
        .order_by(StatusChange.id.desc())
    ).all()
    for step in steps:
        contribution = step.contribution
        read_again(session, contribution)
        if step.to_status == contribution.status:
            contributions.take_back(session, contribution, step, actor=actor)
