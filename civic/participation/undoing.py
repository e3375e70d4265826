"""Offering who has just taken a step its undoing, on the page of the contribution."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution, StatusChange
from civic.contributions.policies import UNDO_WINDOW
from civic.contributions.queries import find_undoable_step
from civic.participation.sections import register_section


def register() -> None:
    """Add the section to every contribution's page."""
    register_section("undo", offer_undo)


def offer_undo(
    session: Session, contribution: Contribution, actor: Actor
) -> tuple[str, Mapping[str, Any]] | None:
    """Say until when the last step can be undone; a merge is undone at the desk."""
    if contribution.duplicate_of_id is not None:
        return None
    change = find_undoable_step(session, contribution, actor)
    if change is None:
        return None
    url = url_for("participation.undo", reference=contribution.reference)
    return "participation/_undo.html", undo_words(contribution, change, url)


def undo_words(contribution: Contribution, change: StatusChange, url: str) -> dict[str, Any]:
    """Return what the offer says: which step, until when, and where it is undone."""
    return {
        "title": contribution.title,
        "reference": contribution.reference,
        "status": kind_of(contribution).workflow[change.to_status].label,
        "until": change.at + UNDO_WINDOW,
        "step": change.id,
        "url": url,
    }
