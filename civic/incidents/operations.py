"""Reporting an incident, and what its author and the neighbours do with it afterwards."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, Actor
from civic.contributions.kinds import kinds
from civic.contributions.models import IS_IN_FORCE, Contribution, StatusChange
from civic.contributions.operations import BODY_LENGTH, Draft, move, record
from civic.contributions.policies import may_add, parties
from civic.contributions.signals import contribution_edited
from civic.contributions.workflow import Party
from civic.database import read_again, utcnow
from civic.errors import Forbidden, Invalid
from civic.i18n import N_
from civic.incidents.models import Incident
from civic.incidents.workflow import IncidentStatus
from civic.participation.submission.following import refuse_held
from civic.participation.submission.operations import Received, Sender, submit
from civic.places.queries import get_town_day
from civic.text.cleaning import clean_text
from civic.votes.models import Vote
from civic.votes.queries import has_voted

CODE = "incident"
NEIGHBOURS_NEEDED = 3
PRECISION_LENGTH = 2_000
NO_QUESTION = N_("Aucune question n’attend votre réponse.")
NOT_YOURS = N_(
    "Seuls l’auteur et les personnes qui ont dit « Moi aussi » peuvent contester une clôture."
)


class Say(Protocol):
    """A verb by which the author says something in public."""

    def __call__(self, session: Session, incident: Incident, text: str, *, actor: Actor) -> None:
        """Say ``text``; raises Invalid for one that cannot be shown."""


def submit_incident(
    session: Session,
    draft: Draft,
    *,
    sender: Sender,
    form_key: str,
    attach: Callable[[Contribution], None] | None = None,
) -> Received:
    """Take a report from a person; see civic.participation.submission.operations.submit."""
    return submit(session, kinds[CODE], draft, sender=sender, form_key=form_key, attach=attach)


def add_precision(session: Session, incident: Incident, text: str, *, actor: Actor) -> None:
    """Add what the author has to add below the first text, dated, for everybody to read.

    The same words sent twice are one.
    """
    if not may_add(actor, incident):
        raise Forbidden(N_("Seul l’auteur peut compléter, tant que le dossier est ouvert."))
    text = _said(session, incident, text, actor)
    today = get_town_day(session)
    read_again(session, incident)
    before = incident.precisions
    if before.endswith(f"] {text}"):
        return
    after = f"{before}\n\n[{today:%d/%m/%Y}] {text}".strip()
    if len(after) > BODY_LENGTH:
        raise Invalid(
            N_("Vous avez déjà beaucoup ajouté : écrivez plutôt un commentaire."), field="text"
        )
    record(session, incident, "precisions", before, after, actor)
    incident.precisions = after
    incident.updated_at = utcnow()
    session.flush()
    contribution_edited.send(session, contribution=incident, actor=actor, fields=["precisions"])


def answer_question(session: Session, incident: Incident, text: str, *, actor: Actor) -> None:
    """Answer what the department asked; the incident is acknowledged again, its clock runs."""
    text = _said(session, incident, text, actor)
    standing = parties(actor, incident, is_supporter=False)
    move(
        session,
        incident,
        IncidentStatus.ACKNOWLEDGED,
        actor=actor,
        standing=standing,
        sentence=text,
    )


def confirm_resolved(session: Session, incident: Incident, *, actor: Actor) -> None:
    """The author has seen that it is fixed."""
    standing = parties(actor, incident, is_supporter=False)
    move(
        session,
        incident,
        IncidentStatus.CONFIRMED,
        actor=actor,
        standing=standing,
        claimed_by=claimant(session, incident),
        verified_by="author",
    )


def contest(
    session: Session,
    incident: Incident,
    sentence: str,
    *,
    actor: Actor,
    captions: Sequence[str] = (),
) -> StatusChange:
    """Author or supporter: it is not settled. Returns the step, for photos to hang on.

    ``captions`` say what these show.
    """
    supports = has_voted(session, incident.id, actor.account_id)
    standing = parties(actor, incident, is_supporter=supports)
    sentence = _said(session, incident, sentence, actor)
    if captions:
        refuse_held(session, incident, "\n\n".join(captions), actor=actor, field="photos")
    return move(
        session,
        incident,
        IncidentStatus.CONTESTED,
        actor=actor,
        standing=standing,
        sentence=sentence,
    )


def may_contest(incident: Incident, *, is_supporter: bool) -> bool:
    """Whether its closing can still be contested, by its author or by a supporter."""
    party = Party.SUPPORTER if is_supporter else Party.AUTHOR
    edge = kinds[CODE].workflow.edge(incident.status, IncidentStatus.CONTESTED)
    if edge is None or party not in edge.by or not incident.is_public:
        return False
    age = utcnow() - incident.status_since
    return edge.within_days is None or age <= timedelta(days=edge.within_days)


def question_of(session: Session, incident: Incident) -> str:
    """Return what the department asked last."""
    return (
        session.scalar(
            select(StatusChange.sentence)
            .where(
                StatusChange.contribution_id == incident.id,
                StatusChange.to_status == IncidentStatus.QUESTION_ASKED,
                IS_IN_FORCE,
            )
            .order_by(StatusChange.at.desc(), StatusChange.id.desc())
            .limit(1)
        )
        or ""
    )


def claimant(session: Session, incident: Incident) -> str:
    """Return who said that it is fixed, as the last step to « resolved » wrote it."""
    found = session.scalar(
        select(StatusChange.claimed_by)
        .where(
            StatusChange.contribution_id == incident.id,
            StatusChange.to_status == IncidentStatus.RESOLVED,
            IS_IN_FORCE,
        )
        .order_by(StatusChange.at.desc(), StatusChange.id.desc())
        .limit(1)
    )
    return found or "department"


def confirm_by_neighbours(session: Session, incident: Incident) -> bool:
    """Confirm a resolved incident once three people other than its author have said so.

    Those count who voted since it was declared resolved. Returns whether it was confirmed now.
    """
    if incident.status != IncidentStatus.RESOLVED:
        return False
    statement = (
        select(func.count())
        .select_from(Vote)
        .where(Vote.contribution_id == incident.id, Vote.at >= incident.status_since)
    )
    if incident.author_id is not None:
        statement = statement.where(Vote.account_id != incident.author_id)
    if (session.scalar(statement) or 0) < NEIGHBOURS_NEEDED:
        return False
    move(
        session,
        incident,
        IncidentStatus.CONFIRMED,
        actor=SYSTEM,
        standing={Party.SYSTEM},
        claimed_by=claimant(session, incident),
        verified_by="neighbour",
    )
    return True


def _said(session: Session, incident: Incident, text: str, actor: Actor) -> str:
    """Return what a person says in public, checked: it is shown at once."""
    text = clean_text(text)
    if not text:
        raise Invalid(N_("Écrivez ce que vous avez à dire."), field="text")
    if len(text) > PRECISION_LENGTH:
        raise Invalid(
            N_("Ce texte est trop long : %(most)s caractères au plus."),
            field="text",
            most=PRECISION_LENGTH,
        )
    refuse_held(session, incident, text, actor=actor)
    return text
