"""What moderation adds to the page of a contribution."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from civic.accounts.actor import Actor, Role
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.policies import is_author
from civic.moderation.clauses import MEASURE_LABELS
from civic.moderation.models import Decision, Merge
from civic.participation.sections import register_section

LATEST = 5


def register() -> None:
    """Add the sections to every contribution's page."""
    register_section("moderation", decisions_for_author)
    register_section("merged", merged_here)


def decisions_for_author(
    session: Session, contribution: Contribution, actor: Actor
) -> tuple[str, Mapping[str, Any]] | None:
    """Lead the author to the decisions about the contribution, and moderators to the queue."""
    concerned, moderates = is_author(actor, contribution), actor.has(Role.MODERATOR)
    if not concerned and not moderates:
        return None
    decisions = session.scalars(
        select(Decision)
        .where(Decision.contribution_id == contribution.id, Decision.comment_id.is_(None))
        .order_by(Decision.id.desc())
        .limit(LATEST)
    ).all()
    if not decisions and not moderates:
        return None
    return "moderation/_decisions.html", {
        "decisions": decisions,
        "moderates": moderates,
        "measures": MEASURE_LABELS,
    }


def merged_here(
    session: Session, contribution: Contribution, actor: Actor
) -> tuple[str, Mapping[str, Any]] | None:
    """Show the banner of both sides of a merge: where it went, and what came."""
    rows = session.execute(_merged_with(), {"here": contribution.id}).all()
    if not rows:
        return None
    return "moderation/_merged.html", {
        "target": next(((row[0], row[1]) for row in rows if row[2]), None),
        "sources": [(row[0], row[1]) for row in rows if not row[2]],
    }


@cache
def _merged_with() -> Select[str, str, bool]:
    other = aliased(Contribution, flat=True)
    here: BindParameter[int] = bindparam("here")
    return (
        select(other.reference, other.title, other.id == Merge.target_id)
        .join(
            Merge,
            ((Merge.source_id == here) & (Merge.target_id == other.id))
            | ((Merge.target_id == here) & (Merge.source_id == other.id)),
        )
        .where(Merge.undone_at.is_(None), other.moderation_state == ModerationState.PUBLISHED)
        .order_by(Merge.id)
        .limit(20)
    )
