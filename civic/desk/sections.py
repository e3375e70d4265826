"""What the desk adds to the public page of a contribution: the way in, for who is in charge."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions.models import Contribution
from civic.desk.policies import may_open
from civic.participation.sections import register_section


def register() -> None:
    """Add the section to every contribution's page."""
    register_section("desk", way_in)


def way_in(
    session: Session, contribution: Contribution, actor: Actor
) -> tuple[str, Mapping[str, Any]] | None:
    """Lead the staff in charge to the case."""
    return ("desk/_link.html", {}) if may_open(actor, contribution) else None
