"""Taking one step of a workflow."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions import signals
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution, StatusChange
from civic.contributions.operations.due import follow_source, keep_deadlines
from civic.contributions.queries import find_closer
from civic.contributions.workflow import Edge, Party, Status, StatusType
from civic.database import utcnow
from civic.errors import Conflict, Forbidden, Invalid, refuse_all
from civic.i18n import N_
from civic.text.cleaning import clean_line, clean_text


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
    sentence, recipient = clean_text(sentence), clean_line(recipient)
    edge = _edge_to(contribution, to)
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
        sentence=sentence,
        reason=reason,
        recipient=recipient,
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


def report_step(
    session: Session,
    contribution: Contribution,
    to: str,
    *,
    cause: str,
    sentence: str = "",
    at: datetime | None = None,
    undoes: StatusChange | None = None,
) -> StatusChange:
    """Write down a step that another system took, and say so.

    It is done already, so no edge is asked for. What comes from elsewhere was promised nothing
    here: it has no deadline but what the other system gave it.
    """
    change = StatusChange(
        contribution=contribution,
        from_status=contribution.status,
        to_status=to,
        at=at or utcnow(),
        party=Party.AGENT,
        department_id=contribution.department_id,
        sentence=clean_text(sentence),
        cause=cause,
        undoes_id=undoes.id if undoes is not None else None,
    )
    session.add(change)
    _set_status(contribution, change)
    follow_source(session, contribution)
    signals.status_changed.send(session, contribution=contribution, change=change, announce=True)
    return change


def _edge_to(contribution: Contribution, to: str) -> Edge:
    edge = kind_of(contribution).workflow.edge(contribution.status, to)
    if edge is None:
        raise Conflict(N_("Cette étape n’est plus possible : la situation a changé entre-temps."))
    return edge


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
        closer = find_closer(session, contribution)
        if closer is not None and closer == actor.account_id:
            raise Forbidden(
                N_("La personne qui a clos ce dossier ne peut pas trancher sa contestation.")
            )


def _check_words(
    contribution: Contribution, edge: Edge, sentence: str, reason: str, recipient: str
) -> None:
    missing: list[Invalid] = []
    if edge.sentence and not sentence:
        due = N_("Écrivez la phrase que les habitants liront : elle est due à cette étape.")
        missing.append(Invalid(due, field="sentence"))
    if edge.reason and reason not in kind_of(contribution).workflow.reasons:
        missing.append(Invalid(N_("Choisissez un motif de la liste."), field="reason"))
    if edge.recipient and not recipient:
        whom = N_("Nommez l’autorité à qui le dossier est transmis.")
        missing.append(Invalid(whom, field="recipient"))
    if edge.target and contribution.duplicate_of_id is None:
        of_what = N_("Indiquez de quelle contribution c’est le doublon.")
        missing.append(Invalid(of_what, field="target"))
    refuse_all(missing)


def _party_shown(edge: Edge, standing: set[Party]) -> Party:
    return next(party for party in Party if party in standing and party in edge.by)


def _apply(session: Session, contribution: Contribution, change: StatusChange) -> None:
    before = kind_of(contribution).workflow[contribution.status]
    status = _set_status(contribution, change)
    if kind_of(contribution).has_deadlines:
        keep_deadlines(session, contribution, before, status, at=change.at)


def _set_status(contribution: Contribution, change: StatusChange) -> Status:
    status = kind_of(contribution).workflow[change.to_status]
    contribution.status = status.code
    contribution.status_type = status.type
    contribution.status_since = change.at
    contribution.updated_at = change.at
    contribution.closed_at = None if status.type is StatusType.OPEN else change.at
    if change.recipient:
        contribution.forwarded_to = change.recipient
    if contribution.acknowledged_at is None and change.party in {Party.AGENT, Party.MEDIATOR}:
        contribution.acknowledged_at = change.at
    return status
