"""What is known of actions: pages, the status page, who is concerned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select, union
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.actions.models import (
    UPDATE_IN_FORCE,
    Action,
    ActionContribution,
    ActionFollow,
    ActionUpdate,
)
from civic.actions.workflow import ActionStatus
from civic.contributions.models import Contribution
from civic.contributions.policies import is_within_undo
from civic.contributions.workflow import StatusType
from civic.errors import NotFound, require
from civic.follows.models import Follow
from civic.i18n import N_
from civic.places.models import Area
from civic.taxonomy.models import Department
from civic.text.order import as_counted
from civic.text.slugs import slugify
from civic.votes.models import Vote

PAGE_SIZE = 20

BUCKETS: dict[str, str] = {
    "promised": N_("Promis"),
    "under_way": N_("En cours"),
    "late": N_("En retard"),
    "done": N_("Fait"),
    "abandoned": N_("Abandonné"),
}
"""The columns of the public status page, in their order."""


@dataclass(frozen=True, slots=True)
class ActionFilter:
    """Which actions a page shows."""

    bucket: str = ""
    department_id: int | None = None
    area_id: int | None = None
    before_id: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many actions of one department or area stand in each bucket."""

    name: str
    key: str
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())


def get_action(session: Session, slug: str) -> Action:
    """Return the action named ``slug``; raises NotFound."""
    return require(
        session.scalars(select(Action).where(Action.slug == slug)).one_or_none(),
        N_("Cette action n’existe pas ou plus."),
    )


def find_undoable_update(session: Session, action: Action, actor: Actor) -> ActionUpdate | None:
    """Return the last step, where ``actor`` took it so lately that they may still undo it."""
    update = session.scalars(
        select(ActionUpdate)
        .where(
            ActionUpdate.action_id == action.id,
            ActionUpdate.from_status.is_not(None),
            UPDATE_IN_FORCE,
        )
        .order_by(ActionUpdate.id.desc())
        .limit(1)
    ).first()
    if update is None or actor.account_id is None or update.before is None:
        return None
    is_own = update.actor_id == actor.account_id and update.to_status == action.status
    return update if is_own and is_within_undo(update.at) else None


def is_late(action: Action, today: date) -> bool:
    """Whether it should have ended, or begun, by the dates as they are now."""
    if action.status_type is not StatusType.OPEN:
        return False
    if action.end_on is not None and action.end_on < today:
        return True
    waits = action.status in {ActionStatus.PLANNED, ActionStatus.SCHEDULED}
    return waits and action.start_on is not None and action.start_on < today


def list_actions(session: Session, wanted: ActionFilter, today: date) -> list[Action]:
    """Return one page of published actions, newest first, and one more to know if there is."""
    query = (
        select(Action)
        .where(Action.is_published, *_conditions(wanted, today))
        .order_by(Action.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if wanted.before_id is not None:
        query = query.where(Action.id < wanted.before_id)
    return list(session.scalars(query))


def count_by_bucket(session: Session, wanted: ActionFilter, today: date) -> dict[str, int]:
    """Return how many published actions stand in each bucket, whatever bucket is asked for."""
    plain = ActionFilter(department_id=wanted.department_id, area_id=wanted.area_id)
    row = session.execute(
        select(
            *(
                func.count().filter(bucket_condition(bucket, today)).label(bucket)
                for bucket in BUCKETS
            )
        )
        .select_from(Action)
        .where(Action.is_published, *_conditions(plain, today))
    ).one()
    return dict(row._mapping)  # noqa: SLF001 (the documented way to a mapping)


def count_by_department(session: Session, today: date) -> list[Tally]:
    """Return the counts of each department that has actions, by name."""
    rows = session.execute(
        select(Department.name, Department.code, *_counts(today))
        .join(Action, Action.department_id == Department.id)
        .where(Action.is_published)
        .group_by(Department.id, Department.name, Department.code)
        .order_by(Department.name)
    )
    return [
        Tally(name, key, dict(zip(BUCKETS, counts, strict=True))) for name, key, *counts in rows
    ]


def count_by_area(session: Session, today: date) -> list[Tally]:
    """Return the counts of each area that has actions, by name."""
    rows = session.execute(
        select(Area.name, Area.slug, *_counts(today))
        .join(Action, Action.area_id == Area.id)
        .where(Action.is_published)
        .group_by(Area.id, Area.name, Area.slug)
    )
    return [
        Tally(name, key, dict(zip(BUCKETS, counts, strict=True)))
        for name, key, *counts in sorted(rows, key=lambda row: as_counted(row[0]))
    ]


def count_contributions(session: Session, action_ids: Sequence[int]) -> dict[int, int]:
    """Return how many contributions each action answers, in one query."""
    rows = session.execute(
        select(ActionContribution.action_id, func.count())
        .where(ActionContribution.action_id.in_(action_ids))
        .group_by(ActionContribution.action_id)
    )
    return dict(rows.all())


def list_last_sentences(session: Session, action_ids: Sequence[int]) -> dict[int, str]:
    """Return the newest public sentence of each action, in one query."""
    newest = (
        select(func.max(ActionUpdate.id))
        .where(ActionUpdate.action_id.in_(action_ids), UPDATE_IN_FORCE)
        .group_by(ActionUpdate.action_id)
    )
    rows = session.execute(
        select(ActionUpdate.action_id, ActionUpdate.body).where(ActionUpdate.id.in_(newest))
    )
    return dict(rows.all())


def find_actions_of(session: Session, contribution_id: int) -> list[Action]:
    """Return the published actions that answer a contribution, oldest first."""
    return list(
        session.scalars(
            select(Action)
            .join(ActionContribution, ActionContribution.action_id == Action.id)
            .where(ActionContribution.contribution_id == contribution_id, Action.is_published)
            .order_by(Action.id)
        )
    )


def list_concerned_account_ids(
    session: Session, action: Action, *, contribution_ids: Sequence[int] | None = None
) -> set[int]:
    """Return everyone concerned, once: authors, voters and followers of what it answers.

    With ``contribution_ids``, only of those; otherwise of all, and the action's own followers.
    """
    linked = select(ActionContribution.contribution_id).where(
        ActionContribution.action_id == action.id
    )
    if contribution_ids is not None:
        linked = linked.where(ActionContribution.contribution_id.in_(contribution_ids))
    muted = select(Follow.account_id).where(
        Follow.contribution_id.in_(linked), Follow.is_muted.is_(True)
    )
    arms = [
        select(Contribution.author_id).where(
            Contribution.id.in_(linked), Contribution.author_id.is_not(None)
        ),
        select(Vote.account_id).where(
            Vote.contribution_id.in_(linked), Vote.account_id.not_in(muted)
        ),
        select(Follow.account_id).where(
            Follow.contribution_id.in_(linked), Follow.is_muted.is_(False)
        ),
    ]
    if contribution_ids is None:
        arms.append(select(ActionFollow.account_id).where(ActionFollow.action_id == action.id))
    return {account_id for (account_id,) in session.execute(union(*arms)) if account_id}


def is_following(session: Session, action: Action, account_id: int | None) -> bool:
    """Whether a person hears about an action."""
    if account_id is None:
        return False
    return session.get(ActionFollow, (action.id, account_id)) is not None


def get_contributions(session: Session, references: Sequence[str]) -> list[Contribution]:
    """Return the contributions with these references, in the order given; unknown ones raise."""
    found = {
        contribution.reference: contribution
        for contribution in session.scalars(
            select(Contribution).where(Contribution.reference.in_(references))
        )
    }
    missing = [reference for reference in references if reference not in found]
    if missing:
        raise no_contributions(missing)
    return [found[reference] for reference in references]


def no_contributions(references: Sequence[str]) -> NotFound:
    """Return the error that says that nothing has these references."""
    return NotFound(
        N_("Il n’y a pas de contribution %(reference)s."), reference=", ".join(references)
    )


def find_free_slug(session: Session, title: str) -> str:
    """Return an address for ``title`` that no other action has."""
    base = slugify(title)[:120] or "action"
    taken = set(
        session.scalars(
            select(Action.slug).where(or_(Action.slug == base, Action.slug.like(f"{base}-%")))
        )
    )
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


def bucket_condition(bucket: str, today: date) -> ColumnElement[bool]:
    """Return what is true of the actions in one column of the status page."""
    is_open = Action.status_type == StatusType.OPEN
    waits = Action.status.in_([ActionStatus.PLANNED, ActionStatus.SCHEDULED])
    late = and_(
        is_open,
        or_(
            func.coalesce(Action.end_on, today) < today,
            and_(waits, func.coalesce(Action.start_on, today) < today),
        ),
    )
    return {
        "promised": and_(is_open, waits, ~late),
        "under_way": and_(is_open, ~waits, ~late),
        "late": late,
        "done": Action.status_type == StatusType.FIXED,
        "abandoned": Action.status == ActionStatus.ABANDONED,
    }[bucket]


def _counts(today: date) -> list[ColumnElement[int]]:
    return [func.count().filter(bucket_condition(bucket, today)) for bucket in BUCKETS]


def _conditions(wanted: ActionFilter, today: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.bucket in BUCKETS:
        conditions.append(bucket_condition(wanted.bucket, today))
    if wanted.department_id is not None:
        conditions.append(Action.department_id == wanted.department_id)
    if wanted.area_id is not None:
        children = select(Area.id).where(
            or_(Area.id == wanted.area_id, Area.parent_id == wanted.area_id)
        )
        conditions.append(Action.area_id.in_(children))
    return conditions
