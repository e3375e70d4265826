"""Decisions, appeals, and what became of the author."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload, lazyload, selectinload

from civic.accounts.models import Account
from civic.attachments.models import Photo
from civic.comments.models import Comment
from civic.contributions.models import Contribution, ModerationState
from civic.errors import NotFound, require
from civic.i18n import N_
from civic.moderation.models import Appeal, AppealLevel, Decision, Measure, Merge
from civic.text.references import normalise_reference

PAGE = 40


@dataclass(frozen=True, slots=True)
class AuthorRecord:
    """What is known of a person's part in the town. ``account`` is None for a visitor."""

    account: Account | None
    contributions: int
    hidden: int
    comments: int
    hidden_comments: int
    decisions: Sequence[Decision]


@dataclass(frozen=True, slots=True)
class DecisionFilters:
    """Which decisions to list; empty means all."""

    measure: str = ""
    account_id: int | None = None


def get_decision(session: Session, reference: str) -> Decision:
    """Return a decision with its contribution, its people and its appeals; raises NotFound."""
    return require(
        session.scalars(
            select(Decision)
            .where(Decision.reference == (normalise_reference(reference) or ""))
            .options(
                joinedload(Decision.contribution).options(joinedload(Contribution.area)),
                selectinload(Decision.appeals),
            )
        ).first(),
        N_("Aucune décision ne porte cette référence."),
    )


def list_decisions(
    session: Session,
    filters: DecisionFilters,
    *,
    before: int | None = None,
    limit: int = PAGE,
) -> tuple[list[Decision], int | None]:
    """Return decisions, the latest first, and the id to ask the next page with."""
    query = (
        select(Decision)
        .order_by(Decision.id.desc())
        .options(
            joinedload(Decision.contribution).options(
                lazyload(Contribution.category), lazyload(Contribution.department)
            ),
            joinedload(Decision.decider).options(lazyload(Account.grants)),
            selectinload(Decision.appeals),
        )
    )
    if filters.measure in set(Measure):
        query = query.where(Decision.measure == Measure(filters.measure))
    if filters.account_id is not None:
        query = query.where(Decision.account_id == filters.account_id)
    if before is not None:
        query = query.where(Decision.id < before)
    rows = list(session.scalars(query.limit(limit + 1)))
    return rows[:limit], (rows[limit - 1].id if len(rows) > limit else None)


def list_open_appeals(
    session: Session, *, after: int | None = None, limit: int = PAGE
) -> tuple[list[Appeal], int | None]:
    """Return the appeals that wait, the oldest first, and the id to ask the next page with."""
    query = (
        select(Appeal)
        .where(Appeal.level == AppealLevel.MODERATION, Appeal.decided_at.is_(None))
        .order_by(Appeal.id)
        .options(
            joinedload(Appeal.decision).options(
                joinedload(Decision.contribution).options(
                    lazyload(Contribution.category), lazyload(Contribution.department)
                ),
                joinedload(Decision.decider).options(lazyload(Account.grants)),
            )
        )
    )
    if after is not None:
        query = query.where(Appeal.id > after)
    rows = list(session.scalars(query.limit(limit + 1)))
    return rows[:limit], (rows[limit - 1].id if len(rows) > limit else None)


def get_appeal(session: Session, appeal_id: int) -> Appeal:
    """Return one appeal against a decision of the moderation; raises NotFound."""
    found = session.get(Appeal, appeal_id)
    if found is None or found.level is not AppealLevel.MODERATION:
        raise NotFound(N_("Ce recours n’existe pas."))
    return found


def get_account(session: Session, account_id: int) -> Account:
    """Return one account; raises NotFound."""
    return require(session.get(Account, account_id), N_("Ce compte n’existe pas."))


def get_comment(session: Session, contribution_id: int, comment_id: int) -> Comment:
    """Return a comment of this contribution; raises NotFound."""
    found = session.get(Comment, comment_id)
    if found is None or found.contribution_id != contribution_id:
        raise NotFound(N_("Ce commentaire n’existe pas."))
    return found


def get_record(session: Session, account_id: int | None, *, limit: int = 5) -> AuthorRecord:
    """Count what a person wrote and what was removed, with the latest decisions about them."""
    if account_id is None:
        return AuthorRecord(None, 0, 0, 0, 0, ())
    counts: list[int] = []
    for model in (Contribution, Comment):
        hidden = case((model.moderation_state == ModerationState.HIDDEN, 1), else_=0)
        row = session.execute(
            select(func.count(), func.coalesce(func.sum(hidden), 0)).where(
                model.author_id == account_id
            )
        ).one()
        counts += [int(row[0]), int(row[1])]
    decisions = session.scalars(
        select(Decision)
        .where(Decision.account_id == account_id)
        .order_by(Decision.id.desc())
        .limit(limit)
    ).all()
    return AuthorRecord(
        session.get(Account, account_id), counts[0], counts[1], counts[2], counts[3], decisions
    )


def list_decisions_about(session: Session, contribution_id: int) -> Sequence[Decision]:
    """Return what was decided about a contribution and its comments, the latest first."""
    return session.scalars(
        select(Decision)
        .where(Decision.contribution_id == contribution_id)
        .order_by(Decision.id.desc())
        .limit(20)
    ).all()


def list_photos(session: Session, contribution_id: int) -> Sequence[Photo]:
    """Return every photo of a contribution, hidden ones too."""
    return session.scalars(
        select(Photo)
        .where(Photo.contribution_id == contribution_id)
        .order_by(Photo.position, Photo.id)
    ).all()


def find_open_merge(session: Session, contribution_id: int) -> Merge | None:
    """Return the merge that made a duplicate of this contribution, if it stands."""
    return session.scalars(
        select(Merge)
        .where(Merge.source_id == contribution_id, Merge.undone_at.is_(None))
        .order_by(Merge.id.desc())
    ).first()


def list_latest_by(
    session: Session, account_id: int, *, limit: int = 20
) -> tuple[Sequence[Contribution], Sequence[Comment]]:
    """Return what a person wrote of late for the public, whatever became of it."""
    contributions = session.scalars(
        select(Contribution)
        .where(
            Contribution.author_id == account_id,
            Contribution.moderation_state != ModerationState.PRIVATE,
        )
        .order_by(Contribution.id.desc())
        .limit(limit)
    ).all()
    comments = session.scalars(
        select(Comment)
        .where(Comment.author_id == account_id)
        .order_by(Comment.id.desc())
        .limit(limit)
        .options(joinedload(Comment.contribution))
    ).all()
    return contributions, comments
