"""Saying something, correcting it, taking it back, finding it helpful."""

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.comments import policies
from civic.comments.models import Comment, CommentVote, Stance
from civic.contributions import signals
from civic.contributions.counters import count_down, count_up
from civic.contributions.hotness import COMMENT_WEIGHT, wilson_lower_bound
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.screening_registry import HoldReason, screen
from civic.database import insert_or_ignore, utcnow
from civic.errors import Conflict, Forbidden, Invalid
from civic.i18n import N_
from civic.idempotency.operations import claim
from civic.idempotency.queries import SAME_WORDS, find_repeated
from civic.text.cleaning import clean_text

BODY_LENGTH = 4000


def add_comment(
    session: Session,
    contribution: Contribution,
    *,
    actor: Actor,
    body: str,
    stance: Stance = Stance.NEITHER,
    parent_id: int | None = None,
    as_department: bool = False,
) -> Comment:
    """Say ``body`` under ``contribution``; held when a screener has a reason, public otherwise.

    An answer to an answer joins the same thread: there is one level. The same words sent twice
    within minutes are one comment. Raises Forbidden with the sentence of the policy, Invalid for
    a text that is empty or too long.
    """
    _check_may_comment(actor, contribution)
    body = _checked(body)
    thread_id = _thread_of(session, contribution, parent_id)
    written = {
        "contribution_id": contribution.id,
        "parent_id": thread_id,
        "author_id": actor.account_id,
        "body": body,
    }
    words = f"{contribution.id}:{actor.account_id}:{thread_id}:{body}"
    key = sha256(words.encode()).hexdigest()
    if not claim(session, "comment", key, kept=SAME_WORDS):
        said = find_repeated(session, Comment, Comment.created_at, **written)
        if said is not None:
            return said
    official = as_department and policies.may_answer_officially(actor, contribution)
    takes_stance = kind_of(contribution).takes_stances and thread_id is None and not official
    # Answers of the town are not screened: their author answers for them by name inside the town.
    holds = [] if official else screen(session, body, actor=actor, contribution=contribution)
    comment = Comment(
        **written,
        department_id=contribution.department_id if official else None,
        stance=stance if takes_stance else Stance.NEITHER,
        moderation_state=ModerationState.HELD,
        network_key=actor.network_key,
        created_at=utcnow(),
    )
    session.add(comment)
    session.flush()
    _submit(session, contribution, comment, actor, holds)
    return comment


def edit_comment(
    session: Session, comment: Comment, *, actor: Actor, body: str, stance: Stance | None = None
) -> None:
    """Correct one's own comment; it is screened anew. Raises Forbidden, Conflict or Invalid."""
    if not policies.is_own(actor, comment.author_id):
        raise Forbidden(N_("Seul son auteur peut corriger un commentaire."))
    has_replies = _has_replies(session, comment)
    if not policies.may_edit_comment(actor, comment, has_replies=has_replies):
        raise Conflict(
            N_(
                "Ce commentaire ne peut plus être corrigé : quelqu’un a répondu, ou 15 minutes "
                "ont passé. Vous pouvez en écrire un autre ou le retirer."
            )
        )
    contribution = comment.contribution
    _check_may_comment(actor, contribution)
    body = _checked(body)
    official = comment.department_id is not None
    if stance is not None and kind_of(contribution).takes_stances and comment.parent_id is None:
        comment.stance = Stance.NEITHER if official else stance
    comment.body = body
    comment.edited_at = utcnow()
    session.flush()
    holds = [] if official else screen(session, body, actor=actor, contribution=contribution)
    if comment.is_public and not holds:
        return
    if comment.is_public or holds:
        hold_comment(session, comment)
        _submit(session, contribution, comment, actor, holds)


def withdraw_comment(session: Session, comment: Comment, *, actor: Actor) -> None:
    """Take one's own words back; answers to them stay, under a line that says so."""
    if not policies.may_withdraw_comment(actor, comment):
        raise Forbidden(N_("Seul son auteur peut retirer un commentaire."))
    empty_comment(session, comment)


def empty_comment(session: Session, comment: Comment) -> None:
    """Leave nothing of a comment but its place among the answers to it."""
    hide_comment(session, comment)
    comment.body = ""
    comment.network_key = None
    session.flush()


def publish_comment(session: Session, comment: Comment) -> None:
    """Let the public read it; count, heat and the people concerned follow."""
    if comment.is_public:
        return
    comment.moderation_state = ModerationState.PUBLISHED
    session.flush()
    contribution = comment.contribution
    count_up(session, contribution, "comment_count", comment.created_at, COMMENT_WEIGHT)
    parent = session.get(Comment, comment.parent_id) if comment.parent_id else None
    signals.comment_published.send(
        session,
        contribution=contribution,
        comment_id=comment.id,
        body=comment.body,
        author_id=comment.author_id,
        parent_author_id=parent.author_id if parent else None,
        department_id=comment.department_id,
    )


def hold_comment(session: Session, comment: Comment) -> None:
    """Keep it from the public until a moderator has looked."""
    _take_from_public(session, comment, ModerationState.HELD)


def hide_comment(session: Session, comment: Comment) -> None:
    """Keep it from the public. The caller keeps the decision, or it is the author's own wish."""
    _take_from_public(session, comment, ModerationState.HIDDEN)


def judge_comment(
    session: Session, comment: Comment, *, actor: Actor, is_helpful: bool | None
) -> None:
    """Say that a comment helps or not, or (None) take that back: one person, one judgement."""
    if not policies.may_judge(actor, comment):
        raise Forbidden(N_("Vous ne pouvez pas juger ce commentaire."))
    before = session.execute(
        delete(CommentVote)
        .where(CommentVote.comment_id == comment.id, CommentVote.account_id == actor.account_id)
        .returning(CommentVote.is_helpful)
        .execution_options(synchronize_session=False)
    ).scalar()
    after = None
    if is_helpful is not None:
        values = {
            "comment_id": comment.id,
            "account_id": actor.account_id,
            "is_helpful": is_helpful,
            "at": utcnow(),
        }
        after = is_helpful if insert_or_ignore(session, CommentVote, values) else None
    _count_judgements(
        session,
        comment.id,
        helpful=(after is True) - (before is True),
        unhelpful=(after is False) - (before is False),
    )


def forget_author(session: Session, account_id: int) -> None:
    """Leave the comments of an erased account without a name, and remove its judgements."""
    session.execute(
        update(Comment)
        .where(Comment.author_id == account_id)
        .values(author_id=None, network_key=None)
        .execution_options(synchronize_session="fetch")
    )
    judged = session.execute(
        delete(CommentVote)
        .where(CommentVote.account_id == account_id)
        .returning(CommentVote.comment_id, CommentVote.is_helpful)
        .execution_options(synchronize_session=False)
    ).all()
    for comment_id, is_helpful in sorted(judged):
        _count_judgements(
            session, comment_id, helpful=-int(is_helpful), unhelpful=-int(not is_helpful)
        )


def _check_may_comment(actor: Actor, contribution: Contribution) -> None:
    refusal = policies.comment_refusal(actor, contribution)
    if refusal:
        raise Forbidden(refusal)
    if not actor.is_resident:
        raise Forbidden(N_("Connectez-vous avec une adresse vérifiée pour participer."))


def _checked(body: str) -> str:
    body = clean_text(body)
    if not body:
        raise Invalid(N_("Écrivez votre commentaire."), field="body")
    if len(body) > BODY_LENGTH:
        raise Invalid(
            N_("Ce texte est trop long : %(most)s caractères au plus."),
            field="body",
            most=BODY_LENGTH,
        )
    return body


def _thread_of(session: Session, contribution: Contribution, parent_id: int | None) -> int | None:
    if parent_id is None:
        return None
    parent = session.get(Comment, parent_id)
    if parent is None or parent.contribution_id != contribution.id or not parent.is_public:
        raise Conflict(N_("Le commentaire auquel vous répondez n’est plus là."))
    return parent.parent_id or parent.id


def _submit(
    session: Session,
    contribution: Contribution,
    comment: Comment,
    actor: Actor,
    holds: Sequence[HoldReason],
) -> None:
    signals.comment_submitted.send(
        session, contribution=contribution, comment=comment, actor=actor, holds=list(holds)
    )
    if not holds:
        publish_comment(session, comment)


def _take_from_public(session: Session, comment: Comment, state: ModerationState) -> None:
    was_public = comment.is_public
    comment.moderation_state = state
    session.flush()
    if not was_public:
        return
    count_down(session, comment.contribution, "comment_count")
    signals.comment_hidden.send(session, contribution=comment.contribution, comment_id=comment.id)


def _has_replies(session: Session, comment: Comment) -> bool:
    return bool(
        session.scalar(
            select(
                exists().where(
                    Comment.parent_id == comment.id,
                    Comment.moderation_state != ModerationState.HIDDEN,
                )
            )
        )
    )


def _count_judgements(session: Session, comment_id: int, *, helpful: int, unhelpful: int) -> None:
    if not helpful and not unhelpful:
        return
    # Counted first: on a server with many writers that takes the row, and the score fits it.
    counts = session.execute(
        update(Comment)
        .where(Comment.id == comment_id)
        .values(
            helpful_count=Comment.helpful_count + helpful,
            unhelpful_count=Comment.unhelpful_count + unhelpful,
        )
        .returning(Comment.helpful_count, Comment.unhelpful_count)
        .execution_options(synchronize_session=False)
    ).one()
    score = wilson_lower_bound(counts[0], counts[0] + counts[1])
    session.execute(
        update(Comment)
        .where(Comment.id == comment_id)
        .values(score=score)
        .execution_options(synchronize_session=False)
    )
    comment = session.get_one(Comment, comment_id)
    session.refresh(comment, ["helpful_count", "unhelpful_count", "score"])
