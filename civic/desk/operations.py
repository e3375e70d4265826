"""What agents do with a case: move it, note, assign, reclassify; enter what came otherwise."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor, Role
from civic.accounts.models import Account
from civic.accounts.operations.people import find_or_create_account
from civic.accounts.tokens import follow_hash, hash_token, new_token
from civic.comments.operations import add_comment
from civic.comments.policies import comment_refusal, may_answer_officially
from civic.contributions import operations as contributions
from civic.contributions import signals
from civic.contributions.kinds import Kind, kind_of
from civic.contributions.models import Audience, Channel, Contribution, StatusChange
from civic.contributions.operations import Draft
from civic.contributions.policies import parties
from civic.contributions.queries import list_taken_together
from civic.contributions.workflow import CommonStatus, StatusType
from civic.database import read_again, utcnow
from civic.database.tables import lock_against_writers
from civic.desk import policies
from civic.desk.models import CALLER, InternalNote, SavedReply
from civic.errors import Conflict, Forbidden, Invalid
from civic.follows.operations import follow
from civic.i18n import N_
from civic.ideas.models import Idea
from civic.ideas.workflow import IdeaStatus
from civic.idempotency.queries import find_repeated
from civic.messages.operations import answer_in_private
from civic.participation.operations import recategorise
from civic.taxonomy.models import Category, Department
from civic.text.cleaning import clean_line

NOTE_LENGTH = 5_000
SENTENCE_LENGTH = 4_000
MOST_AT_ONCE = 50
"""The status that civic.moderation sets and takes back, votes and follows with it."""
NOT_YOURS = N_("Ce dossier n’est pas à votre service, ou c’est le vôtre.")

CLAIMANTS: Mapping[str, str] = {
    "department": N_("Le service"),
    "action": N_("Une action de la ville"),
    "author": N_("L’auteur"),
    "neighbour": N_("Un voisin"),
}
"""Who says that it is settled."""

BY_HAND = (Channel.TELEPHONE, Channel.COUNTER, Channel.LETTER)


@dataclass(frozen=True, slots=True)
class Step:
    """One step as an agent asks for it. ``seen`` is the status that the page showed."""

    to: str
    seen: str
    sentence: str = ""
    reason: str = ""
    recipient: str = ""
    claimed_by: str = ""
    period: str = ""
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """Who asked, and how it came."""

    channel: Channel
    received_at: datetime
    email: str = ""
    caller: str = ""
    telephone: str = ""


def move_case(
    session: Session,
    contribution: Contribution,
    step: Step,
    *,
    actor: Actor,
    at: datetime | None = None,
) -> StatusChange:
    """Take one step. Raises Conflict when the case has moved since the page was shown."""
    if contribution.status != step.seen:
        raise Conflict(N_("Ce dossier a changé pendant que vous l’aviez sous les yeux."))
    if len(step.sentence) > SENTENCE_LENGTH:
        raise Invalid(
            N_("Ce texte est trop long : %(most)s caractères au plus."),
            field="sentence",
            most=SENTENCE_LENGTH,
        )
    if CommonStatus.DUPLICATE in {step.to, contribution.status}:
        raise Conflict(N_("Réunir et séparer deux dossiers se fait sur leur propre page."))
    workflow = kind_of(contribution).workflow
    edge = workflow.edge(contribution.status, step.to)
    claims = edge is not None and workflow[edge.to].type is StatusType.FIXED
    change = contributions.move(
        session,
        contribution,
        step.to,
        actor=actor,
        standing=parties(actor, contribution, is_supporter=False),
        sentence=step.sentence,
        reason=step.reason,
        recipient=step.recipient[:160],
        claimed_by=(step.claimed_by if step.claimed_by in CLAIMANTS else "department")
        if claims
        else "",
        at=at,
    )
    if isinstance(contribution, Idea) and step.to == IdeaStatus.ACCEPTED:
        _promise(session, contribution, step, actor=actor)
    return change


def _promise(session: Session, idea: Idea, step: Step, *, actor: Actor) -> None:
    """Say when and at what cost; what was said before stays in the history, for an undoing."""
    new = {"period": step.period.strip()[:80], "cost": step.cost}
    for name, value in new.items():
        before = getattr(idea, name)
        if before != value:
            was, now = ("" if one is None else str(one) for one in (before, value))
            contributions.record(session, idea, name, was, now, actor, is_public=False)
            setattr(idea, name, value)
    session.flush()


def move_many(session: Session, cases: Sequence[Contribution], step: Step, *, actor: Actor) -> int:
    """Take the same step with several cases, all or none; return how many."""
    if not cases:
        raise Invalid(N_("Choisissez au moins un dossier."))
    if len(cases) > MOST_AT_ONCE:
        raise Invalid(N_("Cinquante dossiers au plus à la fois."))
    if len({(case.kind, case.status) for case in cases}) > 1:
        raise Invalid(N_("Choisissez des dossiers du même type et à la même étape."))
    at = utcnow()
    for case in cases:
        move_case(session, case, step, actor=actor, at=at)
    return len(cases)


def undo_many(session: Session, step_id: int | None, *, actor: Actor) -> tuple[int, int]:
    """Undo the step ``step_id``, the first of those that were taken at once, and the others.

    Returns how many were undone, and how many stay: something else has happened to their cases.
    Raises Conflict when none can be undone (any more).
    """
    first = session.get(StatusChange, step_id) if step_id is not None else None
    if first is None or first.actor_id is None or first.actor_id != actor.account_id:
        raise Conflict(contributions.TOO_LATE)
    steps = list_taken_together(session, first)
    undone = 0
    for step in steps:
        try:
            contributions.undo_step(session, step.contribution, step.id, actor=actor)
        except Conflict:
            continue
        undone += 1
    if not undone:
        raise Conflict(contributions.TOO_LATE)
    return undone, len(steps) - undone


def answer(
    session: Session, contribution: Contribution, body: str, *, audience: Audience, actor: Actor
) -> None:
    """Say something in the name of the department, or to the author alone; raises Invalid."""
    if audience is Audience.AUTHOR:
        answer_in_private(session, contribution, body, actor=actor)
        return
    refusal = comment_refusal(actor, contribution)
    if not refusal and not may_answer_officially(actor, contribution):
        refusal = N_("Seul le service en charge répond en public : choisissez d’abord un service.")
    if refusal:
        raise Invalid(refusal, field="audience")
    add_comment(session, contribution, actor=actor, body=body, as_department=True)


def add_note(
    session: Session, contribution: Contribution, body: str, *, actor: Actor
) -> InternalNote:
    """Leave a note for colleagues; it is never public. Sent twice within minutes, it is one."""
    if not policies.may_note(actor, contribution):
        raise Forbidden(NOT_YOURS)
    if not body.strip():
        raise Invalid(N_("Écrivez la note."), field="body")
    if len(body) > NOTE_LENGTH:
        raise Invalid(
            N_("Ce texte est trop long : %(most)s caractères au plus."),
            field="body",
            most=NOTE_LENGTH,
        )
    read_again(session, contribution)
    written = {
        "contribution_id": contribution.id,
        "author_id": actor.account_id,
        "body": body.strip(),
    }
    if (said := find_repeated(session, InternalNote, InternalNote.at, **written)) is not None:
        return said
    note = InternalNote(**written)
    session.add(note)
    session.flush()
    return note


def assign(
    session: Session, contribution: Contribution, account: Account | None, *, actor: Actor
) -> None:
    """Say who does it, or (None) nobody in particular. Only who is in charge can be named."""
    _check_in_charge(actor, contribution)
    if account is not None and not policies.works_for(session, account, contribution):
        raise Invalid(
            N_("Cette personne ne travaille pas pour le service de ce dossier."), field="account"
        )
    before = contribution.assigned_to
    if (before.id if before else None) == (account.id if account else None):
        return
    contributions.record(
        session,
        contribution,
        "assigned_to",
        before.display_name if before else "",
        account.display_name if account else "",
        actor,
        is_public=False,
    )
    contribution.assigned_to = account
    session.flush()
    if account is not None:
        signals.assigned.send(session, contribution=contribution, actor=actor)


def reclassify(
    session: Session,
    contribution: Contribution,
    *,
    actor: Actor,
    category: Category,
    answers: Mapping[str, Any],
    department: Department | None,
    why: str,
) -> None:
    """Change what it is about, with its answers, or who is in charge, and say why.

    A new category brings its department along unless another one is chosen. Who was assigned is
    freed when they do not work for the new department.
    """
    _check_in_charge(actor, contribution)
    before = (contribution.category_id, contribution.department_id)
    other_department = department is not None and department.id != contribution.department_id
    if category.id == contribution.category_id and not other_department:
        raise Invalid(N_("Choisissez une autre catégorie ou un autre service."), field="category")
    if not why.strip():
        raise Invalid(N_("Dites pourquoi : l’auteur le lira."), field="why")
    why = why.strip()[:500]
    if category.id != contribution.category_id:
        recategorise(session, contribution, category, answers, actor=actor, why=why)
    if department is not None and (other_department or before[0] == category.id):
        contributions.change_department(session, contribution, department, actor=actor, why=why)
    assigned = contribution.assigned_to
    if assigned is not None and not policies.works_for(session, assigned, contribution):
        contribution.assigned_to = None
    session.flush()


def enter_on_behalf(
    session: Session,
    kind: Kind,
    draft: Draft,
    behalf: OnBehalf,
    *,
    actor: Actor,
    form_key: str = "",
    attach: Callable[[Contribution], None] | None = None,
) -> tuple[Contribution, str]:
    """Store what a resident said by telephone, by letter or at the counter.

    Returns it with the clear token of its private follow-up link, to be handed over. With an
    address the resident is the author and gets the acknowledgement; the name is never public. A
    form sent twice, which has one ``form_key``, is stored once.
    """
    _check_entering(actor, behalf)
    token = hash_token(form_key, purpose="follow-link")[:40] if form_key else new_token()
    read_again(session, session.get_one(Account, actor.account_id))
    twin = session.scalar(select(Contribution).filter_by(follow_hash=follow_hash(token)))
    if twin is not None:
        return twin, token
    email = behalf.email
    author = find_or_create_account(session, email=email, locale=draft.locale) if email else None
    contribution = contributions.store(
        session,
        kind,
        replace(draft, channel=behalf.channel, hides_author=True),
        actor=replace(actor, network_key=None),
        held=False,
        author_id=author.id if author else None,
        follow_hash=follow_hash(token),
        at=behalf.received_at,
    )
    contribution.entered_by_id = actor.account_id
    if attach is not None:
        attach(contribution)
    if author is not None:
        follow(session, contribution, account_id=author.id)
    reached = [text for text in map(clean_line, (behalf.caller, behalf.telephone)) if text]
    if reached:
        note = f"{CALLER} {', '.join(reached)[:200]}"
        session.add(
            InternalNote(contribution_id=contribution.id, author_id=actor.account_id, body=note)
        )
    signals.acknowledgement_due.send(session, contribution=contribution, follow_token=token)
    session.flush()
    return contribution, token


def _check_entering(actor: Actor, behalf: OnBehalf) -> None:
    if not actor.has(Role.AGENT):
        raise Forbidden(N_("Seuls les agents saisissent les demandes reçues autrement."))
    if behalf.channel not in BY_HAND:
        raise Invalid(N_("Dites comment la demande est arrivée."), field="channel")
    if behalf.received_at > utcnow():
        raise Invalid(N_("Ce jour n’est pas encore venu."), field="received_on")


def save_reply(
    session: Session,
    reply: SavedReply | None,
    *,
    actor: Actor,
    title: str,
    body: str,
    department_id: int | None,
    status: str,
    kind: str = "",
    category_id: int | None = None,
) -> SavedReply:
    """Keep a sentence for next time, or change one that was kept. Sent twice, it is one."""
    if not title.strip():
        raise Invalid(N_("Donnez un titre à la réponse."), field="title")
    if not body.strip():
        raise Invalid(N_("Écrivez le texte de la réponse."), field="body")
    if reply is not None and not policies.may_edit_reply(actor, reply):
        raise Forbidden(N_("Cette réponse est à un autre service."))
    written: dict[str, Any] = {
        "title": title.strip()[:120],
        "body": body.strip()[:SENTENCE_LENGTH],
        "department_id": department_id,
        "status": status[:24],
        "kind": kind,
        "category_id": category_id,
    }
    if reply is None:
        lock_against_writers(session, SavedReply)
        own = {**written, "created_by_id": actor.account_id}
        reply = session.scalars(select(SavedReply).filter_by(**own)).first()
    kept = reply or SavedReply(created_by_id=actor.account_id)
    for name, value in written.items():
        setattr(kept, name, value)
    if not policies.may_edit_reply(actor, kept):
        raise Invalid(N_("Choisissez un de vos services."), field="department")
    session.add(kept)
    session.flush()
    return kept


def delete_reply(session: Session, reply: SavedReply, *, actor: Actor) -> None:
    """Forget a kept reply."""
    if not policies.may_edit_reply(actor, reply):
        raise Forbidden(N_("Cette réponse est à un autre service."))
    session.delete(reply)
    session.flush()


def _check_in_charge(actor: Actor, contribution: Contribution) -> None:
    if not policies.may_reclassify(actor, contribution):
        raise Forbidden(NOT_YOURS)
