"""Storing what people submit."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions import signals
from civic.contributions.hotness import hot_initial
from civic.contributions.kinds import Kind
from civic.contributions.models import (
    Channel,
    Contribution,
    ModerationState,
    Scope,
    StatusChange,
)
from civic.contributions.operations.due import set_deadlines
from civic.contributions.operations.editing import TITLE_LENGTH, set_position
from civic.contributions.screening_registry import HoldReason
from civic.contributions.workflow import Party
from civic.database import utcnow
from civic.errors import Invalid
from civic.i18n import N_
from civic.people.operations import person_of_account
from civic.places.geometry import Position
from civic.taxonomy.models import Category
from civic.text.cleaning import clean_line, clean_text
from civic.text.references import new_reference, reference_length

BODY_LENGTH = 10_000


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person submits, whatever the kind. ``area_id`` is found by civic.places.

    ``captions`` say what its photos show: they are kept with the photos, and read with the text.
    """

    title: str
    body: str
    category: Category
    scope: Scope = Scope.PLACE
    position: Position | None = None
    area_id: int | None = None
    address: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    hides_author: bool = False
    locale: str = "fr"
    captions: Sequence[str] = ()
    channel: Channel = Channel.WEB

    def __post_init__(self) -> None:
        """Clean the texts, wherever they come from."""
        for name, clean in (("title", clean_line), ("body", clean_text), ("address", clean_line)):
            object.__setattr__(self, name, clean(getattr(self, name)))


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
    contribution = kind.model(
        reference=_free_reference(session, kind),
        kind=kind.code,
        title=draft.title[:TITLE_LENGTH],
        body=draft.body,
        locale=draft.locale,
        status=kind.workflow.initial,
        status_type=kind.workflow[kind.workflow.initial].type,
        moderation_state=ModerationState.HELD if held else ModerationState.PUBLISHED,
        author_id=author_id,
        person_id=person_of_account(session, author_id).id if author_id is not None else None,
        entered_by_id=actor.account_id if actor.account_id != author_id else None,
        hides_author=draft.hides_author,
        follow_hash=follow_hash,
        category=draft.category,
        department=draft.category.department,
        scope=draft.scope,
        area_id=draft.area_id,
        address=draft.address[:250],
        answers=draft.answers,
        channel=draft.channel,
        network_key=actor.network_key,
        submitted_at=at,
        updated_at=at,
        status_since=at,
        published_at=None if held else at,
        hot=hot_initial(at),
    )
    set_position(contribution, draft.position)
    session.add(contribution)
    session.flush()
    session.add(_first_step(contribution, actor, at))
    if kind.has_deadlines:
        set_deadlines(session, contribution)
    session.flush()
    signals.contribution_submitted.send(
        session, contribution=contribution, actor=actor, holds=tuple(holds)
    )
    if not held:
        signals.contribution_published.send(session, contribution=contribution, actor=actor)
    return contribution


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


def _first_step(contribution: Contribution, actor: Actor, at: datetime) -> StatusChange:
    return StatusChange(
        contribution=contribution,
        from_status=None,
        to_status=contribution.status,
        at=at,
        actor_id=actor.account_id,
        party=Party.AUTHOR,
        department_id=contribution.department.id if contribution.department else None,
    )
