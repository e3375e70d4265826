"""What actions add to the page of a contribution that they answer."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.actions.queries import find_actions_of
from civic.actions.workflow import WORKFLOW
from civic.contributions.models import Contribution
from civic.participation.sections import register_section


def register() -> None:
    """Add the section to every contribution's page."""
    register_section("actions", linked_actions)


def linked_actions(
    session: Session, contribution: Contribution, actor: Actor
) -> tuple[str, Mapping[str, Any]] | None:
    """Return the published actions that answer ``contribution``, or None."""
    actions = find_actions_of(session, contribution.id)
    if not actions:
        return None
    rows = [{"action": action, "status": WORKFLOW[action.status]} for action in actions]
    return "actions/_linked.html", {"rows": rows}
