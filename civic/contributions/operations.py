"""The verbs that every kind shares. They flush, they never commit, they raise domain errors."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions import signals
from civic.contributions.deadlines import deadlines_for
from civic.contributions.hotness import hot_initial
from civic.contributions.kinds import Kind, kind_of
from civic.contributions.models import (
    Channel,
    Contribution,
    HistoryEntry,
    ModerationState,
    Scope,
    StatusChange,
)
from civic.contributions.screening_registry import HoldReason
from civic.contributions.workflow import Edge, Party, StatusType
from civic.database import utcnow
from civic.errors import Conflict, Forbidden, Invalid
from civic.i18n import N_
from civic.places.geometry import Position, morton_cell
from civic.taxonomy.models import Category, Department
from civic.text.references import new_reference, reference_length

TITLE_LENGTH = 160
BODY_LENGTH = 10_000


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person submits, whatever the kind. ``area_id`` is found by civic.places."""

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
    channel: Channel = Channel.WEB


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
    external: tuple[str, str] | None = None,
) -> Contribution:
    """Store ``draft`` as a contribution of ``kind``, held or published, and say so.

    ``at`` is the moment of receipt (now, by default); the due dates follow from its category.
    ``holds`` says why it is held, for whoever keeps that. ``external`` is (source, id) where the
    contribution has an identity of its own: the same one is never stored twice (IntegrityError).
    Raises Invalid when the title is empty or the place is missing.
    """
    check_draft(kind, draft)
    at = at or utcnow()
    contribution = kind.model(
        reference=_free_reference(session, kind),
        kind=kind.code,
        title=draft.title.strip()[:TITLE_LENGTH],
        body=draft.body.strip(),
        locale=draft.locale,
        status=kind.workflow.initial,
        status_type=kind.workflow[kind.workflow.initial].type,
        moderation_state=ModerationState.HELD if held else ModerationState.PUBLISHED,
        author_id=author_id,
        entered_by_id=actor.account_id if actor.account_id != author_id else None,
        hides_author=draft.hides_author,
        follow_hash=follow_hash,
        category=draft.category,
        department=draft.category.department,
        scope=draft.scope,
        area_id=draft.area_id,
        address=draft.address.strip()[:250],
        answers=draft.answers,
        channel=draft.channel,
        network_key=actor.network_key,
        external_source=external[0] if external else None,
        external_id=external[1] if external else None,
        submitted_at=at,
        updated_at=at,
        status_since=at,
        published_at=None if held else at,
        hot=hot_initial(at),
    )
    _set_position(contribution, draft.position)
    contribution.acknowledge_due_at, contribution.due_at = deadlines_for(
        session, draft.category, at
    )
    session.add(contribution)
    session.flush()
    session.add(_first_step(contribution, actor, at))
    session.flush()
    signals.contribution_submitted.send(
        session, contribution=contribution, actor=actor, holds=tuple(holds)
    )
    if not held:
        signals.contribution_published.send(session, contribution=contribution, actor=actor)
    return contribution


def check_draft(kind: Kind, draft: Draft) -> None:
    """Raise Invalid for a draft that no kind could store."""
    if not draft.title.strip():
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
            N_("Indiquez le lieu : sur la carte, par une adresse ou par une rue."), field="place"
        )
    if draft.scope is Scope.AREA and draft.area_id is None:
        raise Invalid(N_("Choisissez un quartier de la liste."), field="area")


def move(
    session: Session,
    contribution: Contribution,
    to: str,
    *,
    actor: Actor,
    standing: set[Party],
    sentence: str = "",
    reason: str = "",
    recipient: str = "",
    claimed_by: str = "",
    verified_by: str = "",
    cause: str = "",
    announce: bool = True,
    at: datetime | None = None,
) -> StatusChange:
    """Take one step of the workflow, write it down and say so.

    ``standing`` is civic.contributions.policies.parties(…). Raises Conflict when there is no such
    edge, Forbidden when it is not this actor's, Invalid when the public sentence, the reason or
    the recipient that the edge demands is missing.
    """
    at = at or utcnow()
    workflow = kind_of(contribution).workflow
    edge = workflow.edge(contribution.status, to)
    if edge is None:
        raise Conflict(N_("Cette étape n'est plus possible : la situation a changé entre-temps."))
    _check_edge(session, contribution, edge, actor, standing, at)
    _check_words(contribution, edge, sentence, reason, recipient)
    change = StatusChange(
        contribution=contribution,
        from_status=contribution.status,
        to_status=to,
        at=at,
        actor_id=actor.account_id,
        party=_party_shown(edge, standing),
        department_id=contribution.department_id,
        is_automatic=actor.is_system,
        sentence=sentence.strip(),
        reason=reason,
        recipient=recipient.strip(),
        claimed_by=claimed_by,
        verified_by=verified_by,
        cause=cause,
    )
    session.add(change)
    _apply(session, contribution, change)
    session.flush()
    signals.status_changed.send(
        session, contribution=contribution, change=change, announce=announce
    )
    return change


def publish(session: Session, contribution: Contribution, *, actor: Actor) -> None:
    """Let the public see it (again). The caller keeps the decision or policy that allows it."""
    if contribution.is_public:
        return
    _set_state(session, contribution, ModerationState.PUBLISHED, actor)
    contribution.published_at = contribution.published_at or utcnow()
    session.flush()
    signals.contribution_published.send(session, contribution=contribution, actor=actor)


def hold(session: Session, contribution: Contribution, *, actor: Actor) -> None:
    """Keep it from the public until a moderator has looked."""
    if contribution.moderation_state == ModerationState.HELD:
        return
    _set_state(session, contribution, ModerationState.HELD, actor)
    signals.contribution_hidden.send(session, contribution=contribution, actor=actor)


def hide(session: Session, contribution: Contribution, *, actor: Actor) -> None:
    """Keep it from the public. The caller keeps the decision."""
    if contribution.moderation_state == ModerationState.HIDDEN:
        return
    _set_state(session, contribution, ModerationState.HIDDEN, actor)
    signals.contribution_hidden.send(session, contribution=contribution, actor=actor)


def edit_text(
    session: Session,
    contribution: Contribution,
    *,
    actor: Actor,
    title: str,
    body: str,
    why: str = "",
) -> None:
    """Change title and body, keeping what they were in the history."""
    if not title.strip():
        raise Invalid(N_("Donnez un titre, en quelques mots."), field="title")
    changed = []
    for name, value in (("title", title.strip()[:TITLE_LENGTH]), ("body", body.strip())):
        if getattr(contribution, name) != value:
            record(session, contribution, name, getattr(contribution, name), value, actor, why)
            setattr(contribution, name, value)
            changed.append(name)
    if changed:
        _touch(session, contribution)
        signals.contribution_edited.send(
            session, contribution=contribution, actor=actor, fields=changed
        )


def change_category(
    session: Session, contribution: Contribution, category: Category, *, actor: Actor, why: str = ""
) -> None:
    """Change what it is about; the department and the due dates follow the new category."""
    if category.id == contribution.category_id:
        return
    if contribution.kind not in category.kinds:
        raise Invalid(N_("Choisissez une catégorie de la liste."), field="category")
    record(session, contribution, "category", contribution.category.name, category.name, actor, why)
    contribution.category = category
    if category.department is not None:
        change_department(session, contribution, category.department, actor=actor, why=why)
    contribution.acknowledge_due_at, contribution.due_at = deadlines_for(
        session, category, contribution.submitted_at, contribution
    )
    _touch(session, contribution)
    signals.contribution_edited.send(
        session, contribution=contribution, actor=actor, fields=["category"]
    )


def change_department(
    session: Session,
    contribution: Contribution,
    department: Department,
    *,
    actor: Actor,
    why: str = "",
) -> None:
    """Hand it to another department of the town."""
    if contribution.department is not None and department.id == contribution.department.id:
        return
    before = contribution.department.name if contribution.department else ""
    record(session, contribution, "department", before, department.name, actor, why)
    contribution.department = department
    _touch(session, contribution)


def relocate(
    session: Session,
    contribution: Contribution,
    position: Position,
    *,
    area_id: int | None,
    address: str,
    actor: Actor,
    why: str = "",
) -> None:
    """Move it to another place."""
    record(session, contribution, "place", contribution.address, address, actor, why)
    _set_position(contribution, position)
    contribution.area_id = area_id
    contribution.address = address.strip()[:250]
    _touch(session, contribution)
    signals.contribution_edited.send(
        session, contribution=contribution, actor=actor, fields=["place"]
    )


def record(
    session: Session,
    contribution: Contribution,
    field_name: str,
    before: str,
    after: str,
    actor: Actor,
    why: str = "",
    *,
    is_public: bool = True,
) -> None:
    """Write one line of the history."""
    session.add(
        HistoryEntry(
            contribution_id=contribution.id,
            actor_id=actor.account_id,
            field=field_name,
            before=before,
            after=after,
            why=why.strip(),
            is_public=is_public,
        )
    )


def _free_reference(session: Session, kind: Kind) -> str:
    issued = session.scalar(select(func.max(Contribution.id))) or 0
    while True:
        reference = new_reference(
            kind.letter, secrets.SystemRandom(), length=reference_length(issued)
        )
        taken = select(Contribution.id).where(Contribution.reference == reference)
        if session.scalar(taken) is None:
            return reference


def _set_position(contribution: Contribution, position: Position | None) -> None:
    if position is None:
        contribution.lat = contribution.lon = contribution.cell = None
        return
    contribution.lat, contribution.lon = position.lat, position.lon
    contribution.cell = morton_cell(position.lat, position.lon)


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


def _check_edge(
    session: Session,
    contribution: Contribution,
    edge: Edge,
    actor: Actor,
    standing: set[Party],
    at: datetime,
) -> None:
    if edge.by.isdisjoint(standing):
        raise Forbidden(N_("Cette étape ne peut pas être faite avec vos droits."))
    limit = edge.within_days
    if limit is not None and at - contribution.status_since > timedelta(days=limit):
        raise Conflict(
            N_("Le délai de %(days)s jours est passé. Faites un nouveau signalement."),
            days=limit,
        )
    if edge.by_another and not actor.is_system:
        closer = session.scalars(
            select(StatusChange.actor_id)
            .where(
                StatusChange.contribution_id == contribution.id,
                StatusChange.to_status != contribution.status,
                StatusChange.from_status.is_not(None),
            )
            .order_by(StatusChange.at.desc(), StatusChange.id.desc())
        ).first()
        if closer is not None and closer == actor.account_id:
            raise Forbidden(
                N_("La personne qui a clos ce dossier ne peut pas trancher sa contestation.")
            )


def _check_words(
    contribution: Contribution, edge: Edge, sentence: str, reason: str, recipient: str
) -> None:
    reasons = kind_of(contribution).workflow.reasons
    if edge.sentence and not sentence.strip():
        raise Invalid(
            N_("Écrivez la phrase que les habitants liront : elle est due à cette étape."),
            field="sentence",
        )
    if edge.reason and reason not in reasons:
        raise Invalid(N_("Choisissez un motif de la liste."), field="reason")
    if edge.recipient and not recipient.strip():
        raise Invalid(N_("Nommez l'autorité à qui le dossier est transmis."), field="recipient")
    if edge.target and contribution.duplicate_of_id is None:
        raise Invalid(N_("Indiquez de quelle contribution c'est le doublon."), field="target")


def _party_shown(edge: Edge, standing: set[Party]) -> Party:
    return next(party for party in Party if party in standing and party in edge.by)


def _apply(session: Session, contribution: Contribution, change: StatusChange) -> None:
    workflow = kind_of(contribution).workflow
    before, status = workflow[contribution.status], workflow[change.to_status]
    contribution.status = status.code
    contribution.status_type = status.type
    contribution.status_since = change.at
    contribution.updated_at = change.at
    contribution.closed_at = None if status.type is StatusType.OPEN else change.at
    if change.recipient:
        contribution.forwarded_to = change.recipient
    if contribution.acknowledged_at is None and change.party in {Party.AGENT, Party.MEDIATOR}:
        contribution.acknowledged_at = change.at
    if before.stops_clock != status.stops_clock:
        session.flush()
        _, contribution.due_at = deadlines_for(
            session, contribution.category, contribution.submitted_at, contribution
        )


def _set_state(
    session: Session, contribution: Contribution, state: ModerationState, actor: Actor
) -> None:
    record(
        session,
        contribution,
        "moderation_state",
        contribution.moderation_state.value,
        state.value,
        actor,
        is_public=False,
    )
    contribution.moderation_state = state
    _touch(session, contribution)


def _touch(session: Session, contribution: Contribution) -> None:
    contribution.updated_at = utcnow()
    session.flush()
