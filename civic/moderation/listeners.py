"""What moderation does when others act: read what is written, keep the reasons of what is held."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.accounts.models import Account
from civic.accounts.signals import account_exported
from civic.attachments.models import Photo
from civic.attachments.operations import set_photo_state
from civic.comments.models import Comment
from civic.contributions import screening_registry, signals
from civic.contributions.clauses import CLAUSE_BY_NUMBER
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.screening_registry import HoldReason, Screener
from civic.database import utcnow
from civic.flags.models import Flag
from civic.moderation import screening
from civic.moderation.models import Appeal, AppealLevel, Decision, Measure
from civic.moderation.operations.holds import hold_for, is_waiting
from civic.moderation.operations.merging import settle_lent
from civic.moderation.queries.holds import list_hold_reasons
from civic.places.queries import find_town
from civic.taxonomy.models import PublicationPolicy

POLICY, HELD, SUSPENDED, RECORD, PHOTOS = "policy", "held", "suspended", "record", "photos"

SHORT, SHORT_LIMIT = timedelta(minutes=10), screening.BURST_LIMIT
DAY, DAY_LIMIT = timedelta(days=1), 30
NETWORK_TIMES = 6
"""How much more is taken of a network than of an account: many people share one."""
LOOK_BACK = 100
"""How many of the latest texts a new one is compared with."""
FEWEST_WORDS = 8
"""« Lampadaire éteint » is said by many; a whole paragraph twice is not."""
BAD_RECORD_DAYS, BAD_RECORD = 180, 2
GOOD_RECORD = 3
"""So many published texts, none of them from today: a burst does not vouch for itself."""


def register(own_hosts: Sequence[str]) -> None:
    """Take part in what the kernel and the capabilities announce."""
    screening_registry.screeners[:] = [screener_for(own_hosts)]
    screening_registry.hold_explainers[:] = [list_hold_reasons]
    screening_registry.removal_explainers[:] = [explain_removal]
    signals.contribution_submitted.connect(keep_holds)
    signals.photos_attached.connect(hold_photos)
    signals.comment_submitted.connect(keep_comment_holds)
    signals.contribution_hidden.connect(keep_hold)
    signals.flag_resolved.connect(answer_flag)
    signals.vote_withdrawn.connect(take_lent_vote_back)
    account_exported.connect(export)


def take_lent_vote_back(session: Session, contribution: Contribution, **_: Any) -> None:
    """Take a vote withdrawn at a duplicate back where the duplicate lent it."""
    settle_lent(session, contribution.duplicate_of)


def export(session: Session, account: Account, data: dict[str, Any], **_: Any) -> None:
    """Give the person the appeals they wrote, with what came of them."""
    appeals = session.scalars(
        select(Appeal)
        .where(Appeal.author_id == account.id, Appeal.level == AppealLevel.MODERATION)
        .order_by(Appeal.id)
    )
    data["appeals"] = [
        {
            "decision": appeal.contested.reference,
            "at": appeal.at.isoformat(),
            "text": appeal.text,
            "outcome": appeal.outcome.value if appeal.outcome else None,
            "answer": appeal.answer,
        }
        for appeal in appeals
    ]


def screener_for(own_hosts: Sequence[str]) -> Screener:
    """Return the function that reads every new text; links to ``own_hosts`` hold nobody."""

    def read(
        session: Session, text: str, actor: Actor, contribution: Contribution | None
    ) -> list[HoldReason]:
        if actor.is_system or actor.is_staff:
            return []
        reasons: list[HoldReason] = []
        if actor.is_suspended:
            reasons.append(HoldReason(SUSPENDED))
        published, hidden = _record_of(session, actor)
        if hidden >= BAD_RECORD * _times(actor):
            reasons.append(HoldReason(RECORD, str(hidden)))
        town = find_town(session)
        found = screening.screen(
            text,
            blocked_words=screening.blocked_words_with(town.blocked_words if town else ""),
            trusted=published >= GOOD_RECORD and not hidden,
            verified=actor.is_verified,
            own_hosts=own_hosts,
            known_fingerprints=_known_fingerprints(session, text),
            recent_count=_recent_count(session, actor),
        )
        return [*reasons, *found]

    return read


def keep_holds(
    session: Session,
    *,
    contribution: Contribution,
    actor: Actor,
    holds: Sequence[HoldReason] = (),
    **_others: Any,
) -> None:
    """Write down why a new contribution is held; without a reason, its category wants it."""
    if contribution.moderation_state is not ModerationState.HELD:
        return
    hold_for(
        session,
        holds or [HoldReason(POLICY, contribution.category.name)],
        contribution_id=contribution.id,
        actor=actor,
    )


def hold_photos(
    session: Session,
    *,
    contribution: Contribution,
    status_change_id: int | None,
    actor: Actor,
    **_others: Any,
) -> None:
    """Keep the photos of newcomers from the public until somebody has looked: faces, plates.

    Nothing here can tell what a photo shows, so who took it decides: with a good record it is shown
    at once. Only where the category asks to weigh the risk; the text is public meanwhile.
    """
    if contribution.category.policy is not PublicationPolicy.RISK or actor.is_staff:
        return
    published, hidden = _record_of(session, actor)
    if published >= GOOD_RECORD and not hidden:
        return
    wanted = (Photo.contribution_id, contribution.id), (Photo.status_change_id, status_change_id)
    for photo in session.scalars(select(Photo).where(*(column == id for column, id in wanted))):
        if photo.moderation_state is ModerationState.PUBLISHED:
            set_photo_state(session, photo, ModerationState.HELD)
    hold_for(session, [HoldReason(PHOTOS)], contribution_id=contribution.id, actor=actor)


def keep_comment_holds(
    session: Session,
    *,
    contribution: Contribution,
    comment: Comment,
    actor: Actor,
    holds: Sequence[HoldReason] = (),
    **_others: Any,
) -> None:
    """Write down why a new comment is held; without a reason, it is published at once."""
    hold_for(session, holds, contribution_id=contribution.id, comment_id=comment.id, actor=actor)


def keep_hold(
    session: Session, *, contribution: Contribution, actor: Actor, **_others: Any
) -> None:
    """What goes back to waiting comes into the queue, whoever sent it there."""
    if contribution.moderation_state is not ModerationState.HELD:
        return
    if not is_waiting(session, contribution.id):
        hold_for(session, [HoldReason(HELD)], contribution_id=contribution.id, actor=actor)


def answer_flag(
    session: Session, *, contribution: Contribution, flag: Flag, **_others: Any
) -> None:
    """Tell the person who asked what came of it."""
    if flag.outcome is None:
        return
    signals.people_to_tell.send(
        session,
        event="flag_answered",
        event_key=f"flag:{flag.id}",
        account_ids=[flag.account_id] if flag.account_id is not None else [],
        contribution=contribution,
        data={
            "receipt": flag.receipt,
            "outcome": flag.outcome.value,
            "email": "" if flag.account_id is not None else flag.email,
        },
    )


def explain_removal(session: Session, contribution: Contribution) -> str:
    """Return the title of the clause that a hidden contribution was removed by."""
    number = session.scalar(
        select(Decision.clause)
        .where(
            Decision.contribution_id == contribution.id,
            Decision.comment_id.is_(None),
            Decision.measure == Measure.HIDE,
            Decision.reversed_at.is_(None),
        )
        .order_by(Decision.id.desc())
        .limit(1)
    )
    clause = CLAUSE_BY_NUMBER.get(number or "")
    return clause.title if clause else ""


def _record_of(session: Session, actor: Actor) -> tuple[int, int]:
    """Return how many texts of the same source were published, and how many lately removed."""
    since = utcnow() - timedelta(days=BAD_RECORD_DAYS)
    source = _source(Contribution.author_id, Contribution.network_key, actor)
    if source is None:
        return 0, 0
    published = 0
    if actor.account_id is not None:
        state = Contribution.moderation_state == ModerationState.PUBLISHED
        kept = select(Contribution.id).where(
            Contribution.author_id == actor.account_id,
            state,
            Contribution.submitted_at < utcnow() - DAY,
        )
        published = _count(session, kept.limit(GOOD_RECORD))
    removed = (
        select(Contribution.id)
        .where(source, Contribution.moderation_state == ModerationState.HIDDEN)
        .where(Contribution.updated_at >= since)
        .limit(BAD_RECORD * _times(actor))
    )
    return published, _count(session, removed)


def _recent_count(session: Session, actor: Actor) -> int:
    """Return the texts of the same source in ten minutes, or in a day where those are many."""
    counted: Callable[[timedelta], int] = lambda window: sum(  # noqa: E731 (one place)
        _count(session, select(model.id).where(source, at >= utcnow() - window))
        for model, source, at in (
            (
                Contribution,
                _source(Contribution.author_id, Contribution.network_key, actor),
                Contribution.submitted_at,
            ),
            (Comment, _source(Comment.author_id, Comment.network_key, actor), Comment.created_at),
        )
        if source is not None
    )
    times = _times(actor)
    short = counted(SHORT)
    if short >= SHORT_LIMIT * times:
        return short
    long = counted(DAY)
    return long if long >= DAY_LIMIT * times else 0


def _source(author: Any, network: Any, actor: Actor) -> ColumnElement[bool] | None:
    """Whose texts are judged together: those of an account, of visitors those of their network."""
    if actor.account_id is not None:
        return cast("ColumnElement[bool]", author == actor.account_id)
    if actor.network_key is None:
        return None
    return cast("ColumnElement[bool]", network == actor.network_key)


def _times(actor: Actor) -> int:
    return 1 if actor.account_id is not None else NETWORK_TIMES


def _known_fingerprints(session: Session, text: str) -> set[str]:
    if len(text.split()) < FEWEST_WORDS:
        return set()
    known = set()
    latest = (
        select(Contribution.title, Contribution.body)
        .where(Contribution.submitted_at >= utcnow() - DAY)
        .order_by(Contribution.id.desc())
        .limit(LOOK_BACK)
    )
    for title, body in session.execute(latest):
        known |= {screening.fingerprint(f"{title}\n{body}"), screening.fingerprint(body)}
    comments = (
        select(Comment.body)
        .where(Comment.created_at >= utcnow() - DAY)
        .order_by(Comment.id.desc())
        .limit(LOOK_BACK)
    )
    return known | {screening.fingerprint(body) for body in session.scalars(comments)}


def _count(session: Session, rows: Any) -> int:
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0
