"""Storing what people submit."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions import signals
from civic.contributions.kinds import Kind
from civic.contributions.models import (
    Contribution,
    ModerationState,
    Scope,
    StatusChange,
)
from civic.contributions.operations.due import set_deadlines
from civic.contributions.operations.rows import Draft, first_steps_of, row_of
from civic.contributions.screening_registry import HoldReason
from civic.database import utcnow
from civic.errors import Invalid
from civic.i18n import N_
from civic.people.operations import person_of_account
from civic.text.references import new_reference, reference_length

BODY_LENGTH = 10_000


def store(
    session: Session,
    kind: Kind,
    draft: Draft,
    *,
    actor: Actor,
    held: bool,
    author_id: int | None,
    follow_hash: str | None,
    at: datetime | None = None,
    holds: Sequence[HoldReason] = (),
) -> Contribution:
    """Store ``draft`` as a contribution of ``kind``, held or published, and say so.

    ``at`` is the moment of receipt (now, by default); the due dates follow from its category.
    ``holds`` says why it is held, for whoever keeps that. Raises Invalid when the title is empty
    or the place is missing.
    """
    check_draft(kind, draft)
    at = at or utcnow()
    department = draft.category.department
    row = row_of(
        kind,
        draft,
        reference=_free_reference(session, kind),
        at=at,
        department_id=department.id if department else None,
        state=ModerationState.HELD if held else ModerationState.PUBLISHED,
    )
    contribution = kind.model(
        **row,
        category=draft.category,
        department=department,
        author_id=author_id,
        person_id=person_of_account(session, author_id).id if author_id is not None else None,
        entered_by_id=actor.account_id if actor.account_id != author_id else None,
        follow_hash=follow_hash,
        network_key=actor.network_key,
    )
    session.add(contribution)
    session.flush()
    (step,) = first_steps_of(row | {"id": contribution.id}, kind)
    session.add(StatusChange(**step, contribution=contribution, actor_id=actor.account_id))
    if kind.has_deadlines:
        set_deadlines(session, contribution)
    session.flush()
    _tell(session, contribution, actor, holds, held=held)
    return contribution


def _tell(
    session: Session,
    contribution: Contribution,
    actor: Actor,
    holds: Sequence[HoldReason],
    *,
    held: bool,
) -> None:
    signals.contribution_submitted.send(
        session, contribution=contribution, actor=actor, holds=tuple(holds)
    )
    if not held:
        signals.contribution_published.send(session, contribution=contribution, actor=actor)


def check_draft(kind: Kind, draft: Draft) -> None:
    """Raise Invalid for a draft that no kind could store."""
    if not draft.title:
        raise Invalid(N_("Donnez un titre, en quelques mots."), field="title")
    if len(draft.body) > BODY_LENGTH:
        raise Invalid(
            N_("Ce texte est trop long : %(most)s caractères au plus."),
            field="body",
            most=BODY_LENGTH,
        )
    if kind.code not in draft.category.kinds or not draft.category.is_active:
        raise Invalid(N_("Choisissez une catégorie de la liste."), field="category")
    if draft.scope is Scope.PLACE and draft.position is None:
        raise Invalid(
            N_("Indiquez le lieu : sur la carte, par une adresse, par une rue ou avec vos mots."),
            field="place",
        )
    if draft.scope is Scope.AREA and draft.area_id is None:
        raise Invalid(N_("Choisissez un quartier de la liste."), field="area")


def _free_reference(session: Session, kind: Kind) -> str:
    issued = session.scalar(select(func.max(Contribution.id))) or 0
    while True:
        reference = new_reference(
            kind.letter, secrets.SystemRandom(), length=reference_length(issued)
        )
        taken = select(Contribution.id).where(Contribution.reference == reference)
        if session.scalar(taken) is None:
            return reference
