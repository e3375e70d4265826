"""Finding one contribution, and the steps it may take."""

from collections.abc import Iterable, Sequence
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, defer, joinedload, lazyload, undefer, with_polymorphic

from civic.accounts.actor import Actor
from civic.accounts.models import Account
from civic.contributions.kinds import kind_of
from civic.contributions.models import IS_IN_FORCE, Contribution, StatusChange
from civic.contributions.policies import is_author, is_within_undo
from civic.contributions.workflow import Edge, Party
from civic.errors import NotFound, require
from civic.i18n import N_
from civic.places.models import Area
from civic.taxonomy.models import Category
from civic.text.references import normalise_reference

UNKNOWN = N_("Aucune contribution ne porte cette référence.")


def find_contribution(session: Session, reference: str) -> Contribution | None:
    """Return the contribution known by ``reference``, in any spelling people use, or None.

    One query brings its kind's own columns, its category with the questions, department, area and
    author along.
    """
    canonical = normalise_reference(reference)
    if canonical is None:
        return None
    found = session.scalars(_by_reference(), {"canonical": canonical})
    return found.unique().one_or_none()


def _find_alone(session: Session, reference: str) -> Contribution | None:
    asked = {"canonical": normalise_reference(reference)}
    return session.scalars(_by_reference_alone(), asked).one_or_none()


@cache
def _by_reference_alone() -> Select[Contribution]:
    known = Contribution.reference == bindparam("canonical")
    return select(Contribution).where(known).options(lazyload("*"))


@cache
def _by_reference() -> Select[Contribution]:
    """Once, when every kind is mapped: putting this together takes longer than the answer."""
    whole = with_polymorphic(Contribution, "*")
    return (
        select(whole)
        .where(whole.reference == bindparam("canonical"))
        .options(
            joinedload(whole.category).joinedload(Category.questions),
            # Outlines are large, and no page of a contribution draws them.
            joinedload(whole.area).options(defer(Area.outline), defer(Area.drawing)),
            joinedload(whole.author).options(lazyload(Account.grants)),
            undefer(whole.acknowledge_due_at),
        )
    )


def get_contribution(session: Session, reference: str, *, alone: bool = False) -> Contribution:
    """Return the contribution known by ``reference``; raises NotFound.

    ``alone``: without what :func:`find_contribution` brings along, for who needs none of it.
    """
    return require(
        _find_alone(session, reference) if alone else find_contribution(session, reference), UNKNOWN
    )


def check_known(contribution: Contribution, *, may: bool) -> None:
    """Raise NotFound, as for a reference that nothing has, when it is neither public nor ``may``.

    Whoever may not see what is held or private must not learn that it exists.
    """
    if not may and not contribution.is_public:
        raise NotFound(UNKNOWN)


def find_closer(session: Session, contribution: Contribution) -> int | None:
    """Return who took the step before the present status: who closed what is contested now."""
    return session.scalars(
        select(StatusChange.actor_id)
        .where(
            StatusChange.contribution_id == contribution.id,
            StatusChange.to_status != contribution.status,
            StatusChange.from_status.is_not(None),
            IS_IN_FORCE,
        )
        .order_by(StatusChange.at.desc(), StatusChange.id.desc())
    ).first()


def find_last_step(session: Session, contribution: Contribution) -> StatusChange | None:
    """Return the step that is in force and was written last."""
    return session.scalars(
        select(StatusChange)
        .where(StatusChange.contribution_id == contribution.id, IS_IN_FORCE)
        .order_by(StatusChange.id.desc())
        .limit(1)
    ).first()


def find_undoable_step(
    session: Session, contribution: Contribution, actor: Actor
) -> StatusChange | None:
    """Return the last step, where ``actor`` took it so lately that they may still undo it.

    The author's own is theirs by account and by private link. What an action brought about is
    undone with the action's own step.
    """
    since = contribution.status_since
    # It may be before the beginning, where a clock was ahead then.
    if since == contribution.submitted_at or not is_within_undo(since):
        return None
    change = find_last_step(session, contribution)
    if change is None or change.from_status is None or change.to_status != contribution.status:
        return None
    is_alone = not change.cause or contribution.duplicate_of_id is not None
    is_own = actor.account_id is not None and change.actor_id == actor.account_id
    is_authors = change.party is Party.AUTHOR and is_author(actor, contribution)
    return change if is_alone and (is_own or is_authors) else None


def list_taken_together(session: Session, change: StatusChange) -> Sequence[StatusChange]:
    """Return the steps in force that were taken at once, of which ``change`` is the first."""
    return session.scalars(
        select(StatusChange)
        .where(
            StatusChange.id >= change.id,
            StatusChange.at == change.at,
            StatusChange.actor_id == change.actor_id,
            StatusChange.to_status == change.to_status,
            StatusChange.cause == change.cause,
            IS_IN_FORCE,
        )
        .order_by(StatusChange.id)
    ).all()


def list_possible_steps(
    session: Session, contribution: Contribution, *, actor: Actor, standing: Iterable[Party]
) -> list[Edge]:
    """Return the steps that ``actor`` may take now, standing so: what is offered is possible."""
    edges = kind_of(contribution).workflow.allowed_from(contribution.status, standing)
    if not any(edge.by_another for edge in edges) or actor.account_id is None:
        return edges
    is_closer = find_closer(session, contribution) == actor.account_id
    return [edge for edge in edges if not (edge.by_another and is_closer)]
