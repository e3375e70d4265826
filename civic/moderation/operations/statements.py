"""Writing a decision down: its statement of reasons, its line in the ledger, its news."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.accounts.models import Account
from civic.comments.models import Comment
from civic.contributions import signals
from civic.contributions.clauses import CLAUSE_BY_NUMBER
from civic.contributions.models import Contribution
from civic.database import utcnow
from civic.errors import Invalid
from civic.i18n import N_
from civic.ledger import operations as ledger
from civic.moderation.clauses import (
    MEASURE_LABELS,
    ORIGIN_LABELS,
    SCOPES,
    SET_ASIDE,
    STILL_DUE,
)
from civic.moderation.models import Appeal, Decision, Measure, Origin
from civic.moderation.policies import APPEALABLE, appeal_ends_at
from civic.text.references import new_reference

FACTS_LENGTH = 2_000
LETTER = "D"


@dataclass(frozen=True, slots=True)
class Grounds:
    """On what a decision rests. ``clause`` is a number of civic.contributions.clauses."""

    clause: str = ""
    facts: str = ""
    origin: Origin = Origin.OWN_INITIATIVE
    is_automated: bool = False


def decide(
    session: Session,
    measure: Measure,
    *,
    actor: Actor,
    grounds: Grounds,
    contribution: Contribution | None = None,
    comment: Comment | None = None,
    account: Account | None = None,
    until: datetime | None = None,
    undoes: Decision | None = None,
    tells: bool = True,
) -> Decision:
    """Write a decision, its ledger line, and the news for the person concerned.

    Raises Invalid when a measure that restricts somebody names no clause or no facts.
    """
    _check_grounds(measure, grounds)
    concerned = _concerned(contribution, comment, account)
    decision = Decision(
        reference=_free_reference(session),
        measure=measure,
        contribution=contribution,
        comment_id=comment.id if comment else None,
        account_id=concerned,
        decider_id=actor.account_id,
        origin=grounds.origin,
        is_automated=grounds.is_automated or actor.is_system,
        clause=grounds.clause,
        facts=grounds.facts.strip(),
        at=utcnow(),
        until=until,
        undoes_id=undoes.id if undoes else None,
    )
    session.add(decision)
    session.flush()
    _record(session, decision, contribution, comment)
    if tells and concerned is not None and concerned != actor.account_id:
        tell_concerned(session, decision, [concerned])
    return decision


def tell_concerned(session: Session, decision: Decision, account_ids: list[int]) -> None:
    """Let the person concerned know, with the whole statement of reasons."""
    signals.people_to_tell.send(
        session,
        event="decision",
        event_key=f"decision:{decision.reference}",
        account_ids=account_ids,
        contribution=decision.contribution,
        data=news_of(decision),
        waits=decision.measure is Measure.MERGE,
    )


def news_of(decision: Decision) -> dict[str, Any]:
    """Return what a message about ``decision`` needs; labels are msgids."""
    appealable = decision.measure in APPEALABLE
    clause = CLAUSE_BY_NUMBER.get(decision.clause)
    merged = decision.contribution if decision.measure is Measure.MERGE else None
    target = merged.duplicate_of if merged is not None else None
    return {
        "decision": decision.reference,
        "measure": decision.measure.value,
        "measure_label": MEASURE_LABELS[decision.measure],
        "scope": scope_of(decision),
        "comment_id": decision.comment_id,
        "clause": decision.clause,
        "rule_title": clause.title if clause else "",
        "rule_text": clause.text if clause else "",
        "facts": decision.facts,
        "origin": decision.origin.value,
        "origin_label": ORIGIN_LABELS[decision.origin],
        "is_automated": decision.is_automated,
        "until": decision.until.isoformat() if decision.until else None,
        **({"target": target.reference, "target_title": target.title} if target else {}),
        "appeal_until": appeal_ends_at(decision).isoformat() if appealable else None,
    }


def scope_of(decision: Decision) -> str:
    """Return what ``decision`` means for what it is about, a msgid."""
    hidden = decision.contribution if decision.measure is Measure.HIDE else None
    if hidden is None or decision.comment_id is not None:
        return SCOPES[decision.measure]
    return STILL_DUE if hidden.stays_due else SET_ASIDE


def write_appeal_line(session: Session, appeal: Appeal) -> None:
    """Write the anonymised line of an answered appeal."""
    decision = appeal.contested
    ledger.append(
        session,
        "appeal",
        reference=decision.reference,
        line={
            "measure": decision.measure.value,
            "clause": decision.clause,
            "outcome": appeal.outcome.value if appeal.outcome else "",
        },
    )


def _check_grounds(measure: Measure, grounds: Grounds) -> None:
    if len(grounds.facts) > FACTS_LENGTH:
        raise Invalid(
            N_("Ce texte est trop long : %(most)s caractères au plus."),
            field="facts",
            most=FACTS_LENGTH,
        )
    if grounds.clause and grounds.clause not in CLAUSE_BY_NUMBER:
        raise Invalid(N_("Choisissez un article de la liste."), field="clause")
    if measure not in APPEALABLE:
        return
    if not grounds.clause:
        raise Invalid(
            N_("Choisissez l’article des conditions sur lequel repose la décision."),
            field="clause",
        )
    if not grounds.facts.strip():
        raise Invalid(
            N_("Dites ce qui a été constaté : la personne concernée le lira."), field="facts"
        )


def _concerned(
    contribution: Contribution | None, comment: Comment | None, account: Account | None
) -> int | None:
    if account is not None:
        return account.id
    if comment is not None:
        return comment.author_id
    return contribution.author_id if contribution is not None else None


def _record(
    session: Session,
    decision: Decision,
    contribution: Contribution | None,
    comment: Comment | None,
) -> None:
    """Write the anonymised line of a decision."""
    subject = "account"
    if contribution is not None:
        subject = "comment" if comment is not None else contribution.kind
    days = (decision.until - decision.at).days if decision.until else None
    ledger.append(
        session,
        "decision",
        reference=decision.reference,
        line={
            "measure": decision.measure.value,
            "subject": subject,
            "clause": decision.clause,
            "origin": decision.origin.value,
            "automated": decision.is_automated,
            "days": days,
        },
        at=decision.at,
    )


def _free_reference(session: Session) -> str:
    while True:
        reference = new_reference(LETTER, secrets.SystemRandom(), length=5)
        taken = select(Decision.id).where(Decision.reference == reference)
        if session.scalar(taken) is None:
            return reference
