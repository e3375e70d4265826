"""Sections of « Mon espace »: my contributions, what I support and what I follow."""

from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts import overview
from civic.accounts.actor import Actor
from civic.accounts.overview import Section
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution, ModerationState
from civic.follows.models import Follow
from civic.votes.models import Vote

SHOWN = 20


def my_contributions(session: Session, actor: Actor) -> Section:
    """What the person wrote, held and hidden ones too."""
    found = session.scalars(
        select(Contribution)
        .where(Contribution.author_id == actor.account_id)
        .order_by(Contribution.submitted_at.desc())
        .limit(SHOWN)
    )
    return Section("notifications/_mine.html", {"items": [_item(one) for one in found]})


def followed(session: Session, actor: Actor) -> Section:
    """What the person supports or follows, the latest moved first."""
    follows = select(Follow.contribution_id).where(
        Follow.account_id == actor.account_id, Follow.is_muted.is_(False)
    )
    votes = select(Vote.contribution_id).where(Vote.account_id == actor.account_id)
    found = session.scalars(
        select(Contribution)
        .where(
            Contribution.id.in_(follows.union(votes)),
            Contribution.moderation_state == ModerationState.PUBLISHED,
            Contribution.author_id.is_distinct_from(actor.account_id),
        )
        .order_by(Contribution.updated_at.desc())
        .limit(SHOWN)
    )
    return Section("notifications/_followed.html", {"items": [_item(one) for one in found]})


def register() -> None:
    """Add the sections; twice changes nothing."""
    overview.register("contributions", 10, my_contributions)
    overview.register("followed", 20, followed)


def _item(contribution: Contribution) -> dict[str, Any]:
    kind = kind_of(contribution)
    status = kind.workflow[contribution.status]
    return {
        "path": f"/c/{contribution.reference}",
        "kind": kind.code,
        "kind_label": gettext(kind.label),
        "title": contribution.title,
        "reference": contribution.reference,
        "status_label": gettext(status.label),
        "status_type": status.type.value,
        "status_icon": status.icon,
        "when": contribution.submitted_at,
        "votes": contribution.vote_count,
        "state": contribution.moderation_state.value,
    }
