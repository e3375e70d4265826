"""The private letters of a contribution, on its page: for its author alone."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions.models import Contribution
from civic.contributions.policies import is_author
from civic.messages.queries import list_private
from civic.participation.sections import register_section


def register() -> None:
    """Add the section to every contribution's page."""
    register_section("private", show_private)


def show_private(
    session: Session, contribution: Contribution, actor: Actor
) -> tuple[str, Mapping[str, Any]] | None:
    """Show the author what the town has written to them."""
    if not is_author(actor, contribution):
        return None
    private = list_private(session, contribution.id)
    return ("participation/_messages.html", {"private": private}) if private else None
