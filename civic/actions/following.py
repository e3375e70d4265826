"""How contributions follow an action, whatever path their own workflow prescribes."""

from collections import deque

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.actions.models import Action
from civic.actions.workflow import GOALS, ActionStatus
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution
from civic.contributions.operations import move
from civic.contributions.queries import find_last_step
from civic.contributions.workflow import Party, StatusType, Workflow

STANDING = {Party.AGENT}


def bring_along(
    session: Session, action: Action, contribution: Contribution, *, actor: Actor, sentence: str
) -> bool:
    """Move ``contribution`` to where its action stands, with one public sentence.

    What is closed stays so, unless the action itself settled it and goes on, and a kind without a
    goal does not move. Nobody is told: the action tells everyone once. Returns whether it moved.
    """
    goal = GOALS.get(contribution.kind, {}).get(action.status)
    if goal is None or not (contribution.is_open or _was_settled_by(session, contribution, action)):
        return False
    path = steps_towards(kind_of(contribution).workflow, contribution.status, goal)
    for status in path:
        move(
            session,
            contribution,
            status,
            actor=actor,
            standing=STANDING,
            sentence=sentence,
            claimed_by="action" if status == goal and action.status == ActionStatus.DONE else "",
            cause=action.slug,
            announce=False,
        )
    return bool(path)


def _was_settled_by(session: Session, contribution: Contribution, action: Action) -> bool:
    """Whether it stands where this action, which is open again, has brought it."""
    last = find_last_step(session, contribution)
    if last is None or action.status_type is not StatusType.OPEN:
        return False
    return (last.cause, last.to_status) == (action.slug, contribution.status)


def steps_towards(workflow: Workflow, origin: str, goal: str) -> list[str]:
    """Return the shortest path of an agent's own steps through open statuses, or nothing.

    Steps that name a reason, another authority or another contribution are never taken.
    """
    queue: deque[list[str]] = deque([[origin]])
    seen = {origin}
    while queue:
        path = queue.popleft()
        if path[-1] == goal:
            return path[1:]
        for edge in workflow.allowed_from(path[-1], STANDING):
            passable = workflow[edge.to].type is StatusType.OPEN or edge.to == goal
            silent = not (edge.reason or edge.recipient or edge.target)
            if passable and silent and edge.to not in seen and not workflow[edge.to].stops_clock:
                seen.add(edge.to)
                queue.append([*path, edge.to])
    return []
