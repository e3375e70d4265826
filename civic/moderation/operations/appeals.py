"""Appeals: contested by the person concerned, answered by somebody else."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.attachments.operations import set_photo_state
from civic.attachments.queries import list_photos_in
from civic.comments import operations as comments
from civic.comments.models import Comment
from civic.contributions import operations as contributions
from civic.contributions import signals
from civic.contributions.models import Contribution, ModerationState
from civic.database import read_again, utcnow
from civic.errors import Conflict, Forbidden, Invalid
from civic.i18n import N_
from civic.moderation.clauses import MEASURE_LABELS, OUTCOME_LABELS
from civic.moderation.models import Appeal, AppealOutcome, Decision, Measure
from civic.moderation.operations.measures import set_locked
from civic.moderation.operations.merging import undo_merge_of
from civic.moderation.operations.statements import write_appeal_line
from civic.moderation.policies import is_concerned, may_answer, may_appeal

TEXT_LENGTH = 5_000


def submit_appeal(
    session: Session, decision: Decision, *, actor: Actor, text: str, at: datetime | None = None
) -> Appeal:
    """Contest ``decision``: free, once, within six months. ``text`` may be empty: one click."""
    at = at or utcnow()
    if not is_concerned(actor, decision):
        raise Forbidden(N_("Seule la personne concernée peut contester cette décision."))
    read_again(session, decision)
    if not may_appeal(actor, decision, now=at):
        raise Conflict(
            N_(
                "Cette décision ne peut plus être contestée : son délai est passé, ou un recours "
                "a déjà été reçu."
            )
        )
    if len(text) > TEXT_LENGTH:
        raise Invalid(
            N_("Ce texte est trop long : %(most)s caractères au plus."),
            field="text",
            most=TEXT_LENGTH,
        )
    appeal = Appeal(decision=decision, author_id=actor.account_id, text=text.strip(), at=at)
    session.add(appeal)
    session.flush()
    _tell(session, appeal, "appeal_received", {})
    signals.appeal_submitted.send(
        session,
        contribution=decision.contribution,
        decider_id=decision.decider_id,
        actor=actor,
        data={
            "decision": decision.reference,
            "appeal_id": appeal.id,
            "sentence": appeal.text,
            "comment_id": decision.comment_id,
            "measure_label": MEASURE_LABELS[decision.measure],
            "facts": decision.facts,
        },
    )
    return appeal


def answer_appeal(
    session: Session, appeal: Appeal, *, actor: Actor, outcome: AppealOutcome, answer: str
) -> None:
    """Uphold the appeal, which reverses the decision at once, or reject it; with a sentence."""
    if appeal.decided_at is not None:
        raise Conflict(N_("Ce recours a déjà reçu une réponse."))
    if not may_answer(actor, appeal):
        raise Forbidden(
            N_(
                "La personne qui a pris la décision, ou qui la conteste, ne peut pas répondre au "
                "recours."
            )
        )
    if not answer.strip():
        raise Invalid(N_("Écrivez la réponse que la personne recevra."), field="answer")
    appeal.decided_by_id = actor.account_id
    appeal.decided_at = utcnow()
    appeal.outcome = outcome
    appeal.answer = answer.strip()
    session.flush()
    if outcome is AppealOutcome.UPHELD:
        reverse(session, appeal.contested, actor=actor)
    write_appeal_line(session, appeal)
    words = {
        "outcome": outcome.value,
        "outcome_label": OUTCOME_LABELS[outcome],
        "answer": appeal.answer,
    }
    _tell(session, appeal, "appeal_answered", words)


def reverse(session: Session, decision: Decision, *, actor: Actor) -> None:
    """Undo what the decision did. Redacted words are gone: only hidden photos come back."""
    decision.reversed_at = utcnow()
    session.flush()
    contribution = decision.contribution
    match decision.measure:
        case Measure.HIDE if not _hidden_otherwise(session, decision):
            comment = session.get(Comment, decision.comment_id) if decision.comment_id else None
            if comment is not None and comment.body:
                comments.publish_comment(session, comment)
            elif comment is None and contribution is not None:
                contributions.publish(session, contribution, actor=actor)
        case Measure.REDACT if contribution is not None:
            _show_hidden_photos(session, decision, contribution)
        case Measure.LOCK if contribution is not None and contribution.is_locked:
            set_locked(session, contribution, is_locked=False, actor=actor)
        case Measure.MERGE if contribution is not None and contribution.duplicate_of_id:
            undo_merge_of(session, contribution, actor=actor)
        case Measure.SUSPEND if decision.subject is not None:
            decision.subject.suspended_until = None
            session.flush()
        case _:
            return


def _show_hidden_photos(session: Session, decision: Decision, contribution: Contribution) -> None:
    if not _hidden_otherwise(session, decision):
        for photo in list_photos_in(session, contribution, ModerationState.HIDDEN):
            set_photo_state(session, photo, ModerationState.PUBLISHED)


def _hidden_otherwise(session: Session, decision: Decision) -> bool:
    """Whether a later decision of the same sort, still in force, keeps the same content hidden."""
    other = (
        select(Decision.id)
        .where(
            Decision.contribution_id == decision.contribution_id,
            Decision.comment_id == decision.comment_id,
            Decision.measure == decision.measure,
            Decision.reversed_at.is_(None),
            Decision.id > decision.id,
        )
        .limit(1)
    )
    return session.scalar(other) is not None


def _tell(session: Session, appeal: Appeal, event: str, data: dict[str, str]) -> None:
    decision = appeal.contested
    if decision.account_id is None:
        return
    signals.people_to_tell.send(
        session,
        event=event,
        event_key=f"{event}:{appeal.id}",
        account_ids=[decision.account_id],
        contribution=decision.contribution,
        data={"decision": decision.reference, "measure": decision.measure.value, **data},
    )
