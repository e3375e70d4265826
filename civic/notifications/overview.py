"""Sections of « Mon espace »: my contributions, what I support and what I follow."""

from typing import Any

from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from civic.accounts import overview
from civic.accounts.actor import Actor
from civic.accounts.overview import Section
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution, ModerationState
from civic.follows.models import Follow
from civic.votes.models import Vote

SHOWN = 20


def my_contributions(session: Session, actor: Actor, page: int) -> Section:
    """What the person wrote, held and hidden ones too."""
    statement = (
        select(Contribution)
        .where(Contribution.author_id == actor.account_id)
        .order_by(Contribution.submitted_at.desc(), Contribution.id.desc())
    )
    return _section(session, "notifications/_mine.html", statement, page)


def followed(session: Session, actor: Actor, page: int) -> Section:
    """What the person supports or follows, the latest moved first."""
    follows = select(Follow.contribution_id).where(
        Follow.account_id == actor.account_id, Follow.is_muted.is_(False)
    )
    votes = select(Vote.contribution_id).where(Vote.account_id == actor.account_id)
    statement = (
        select(Contribution)
        .where(
            Contribution.id.in_(follows.union(votes)),
            Contribution.moderation_state == ModerationState.PUBLISHED,
            Contribution.author_id.is_distinct_from(actor.account_id),
        )
        .order_by(Contribution.updated_at.desc(), Contribution.id.desc())
    )
    return _section(session, "notifications/_followed.html", statement, page)


def register() -> None:
    """Add the sections; twice changes nothing."""
    overview.register("contributions", 10, my_contributions)
    overview.register("followed", 20, followed)


def _section(
    session: Session, template: str, statement: Select[Contribution], page: int
) -> Section:
    """One more row than a page holds says whether there is another; past the last is the first."""
    rows = session.scalars(statement.limit(SHOWN + 1).offset((page - 1) * SHOWN)).all()
    if not rows and page > 1:
        return _section(session, template, statement, 1)
    items = [_item(one) for one in rows[:SHOWN]]
    return Section(template, {"items": items}, page=page, has_more=len(rows) > SHOWN)


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
