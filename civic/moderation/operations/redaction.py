"""Taking personal data out: of the text, the photos, the history and every derived copy."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.attachments.models import Photo
from civic.attachments.operations import remove_photo, set_photo_state
from civic.attachments.queries import list_photos_in
from civic.comments.models import Comment
from civic.contributions import operations as contributions
from civic.contributions import signals
from civic.contributions.models import Contribution, HistoryEntry, ModerationState
from civic.database import utcnow
from civic.errors import Invalid
from civic.flags.models import Flag, FlagOutcome
from civic.flags.operations import resolve_flags
from civic.i18n import N_
from civic.incidents.models import Incident
from civic.moderation.models import Decision, Hold, Measure
from civic.moderation.operations.measures import check_may_moderate
from civic.moderation.operations.statements import Grounds, decide
from civic.text.masking import removed_words

WRITTEN = ("title", "body", "answers", "precisions", "place", "photos")
"""The fields of the history that may quote what a person wrote."""

UNCHANGED = N_("Rien n’a été retiré : modifiez le texte ou choisissez une photo.")


def redact(
    session: Session,
    contribution: Contribution,
    *,
    actor: Actor,
    grounds: Grounds,
    title: str,
    body: str,
    precisions: str | None = None,
    clears_answers: bool = False,
    hidden_photo_ids: Collection[int] = (),
    removed_photo_ids: Collection[int] = (),
    tells: bool = True,
) -> Decision:
    """Leave only ``title`` and ``body``, hide or remove photos, and empty the history's quotes.

    Nothing keeps what was there. The author hears of it if ``tells``. Raises Invalid when nothing
    would change.
    """
    check_may_moderate(actor, contribution)
    if not title.strip():
        raise Invalid(N_("Donnez un titre, en quelques mots."), field="title")
    before = _said(contribution)
    removed = _photos_among(session, contribution, removed_photo_ids)
    hidden = _photos_among(session, contribution, set(hidden_photo_ids) - set(removed_photo_ids))
    changed = _rewrite(contribution, title, body, precisions, clears_answers=clears_answers)
    if not changed and not removed and not hidden:
        raise Invalid(UNCHANGED, field="body")
    deciding: dict[str, Any] = {"actor": actor, "grounds": grounds, "tells": tells}
    decision = decide(session, Measure.REDACT, contribution=contribution, **deciding)
    _empty_history(session, contribution)
    for name in [*changed, *(["photos"] if removed or hidden else [])]:
        contributions.record(session, contribution, name, "", "", actor, is_public=False)
    if isinstance(contribution, Incident) and contribution.precisions:
        # What the author added later is read from the history: what is left of it goes back there.
        contributions.record(session, contribution, "body", "", contribution.precisions, actor)
    _take_away(session, removed, hidden)
    contribution.updated_at = utcnow()
    resolve_flags(session, contribution, FlagOutcome.UPHELD, actor=actor)
    _empty_remarks(session, contribution)
    session.flush()
    signals.contribution_redacted.send(
        session,
        contribution=contribution,
        actor=actor,
        removed=removed_words(before, _said(contribution)),
    )
    return decision


def show_photos(
    session: Session,
    contribution: Contribution,
    photo_ids: Collection[int],
    *,
    actor: Actor,
    grounds: Grounds,
) -> Decision:
    """Let the public see hidden photos again; raises Invalid when none of these is hidden."""
    check_may_moderate(actor, contribution)
    hidden = list_photos_in(session, contribution, ModerationState.HIDDEN)
    photos = [photo for photo in hidden if photo.id in photo_ids]
    if not photos:
        raise Invalid(N_("Choisissez une photo masquée."), field="facts")
    decision = decide(
        session, Measure.RESTORE, actor=actor, grounds=grounds, contribution=contribution
    )
    for photo in photos:
        set_photo_state(session, photo, ModerationState.PUBLISHED)
    contributions.record(
        session, contribution, "photos", "hidden", "published", actor, is_public=False
    )
    return decision


def _photos_among(
    session: Session, contribution: Contribution, ids: Collection[int]
) -> list[Photo]:
    its = Photo.contribution_id == contribution.id
    return list(session.scalars(select(Photo).where(its, Photo.id.in_(ids)))) if ids else []


def _take_away(session: Session, removed: Iterable[Photo], hidden: Iterable[Photo]) -> None:
    for photo in removed:
        remove_photo(session, photo)
    for photo in hidden:
        set_photo_state(session, photo, ModerationState.HIDDEN)


def redact_comment(
    session: Session,
    comment: Comment,
    *,
    actor: Actor,
    grounds: Grounds,
    body: str,
    tells: bool = True,
) -> Decision:
    """Leave only ``body`` of a comment. Its author hears of it if ``tells``."""
    check_may_moderate(actor, comment.contribution, comment)
    if not body.strip():
        raise Invalid(N_("Gardez au moins un mot, ou retirez tout le commentaire."), field="body")
    if body.strip() == comment.body:
        raise Invalid(UNCHANGED, field="body")
    decision = decide(
        session,
        Measure.REDACT,
        actor=actor,
        grounds=grounds,
        contribution=comment.contribution,
        comment=comment,
        tells=tells,
    )
    removed = removed_words(comment.body, body)
    comment.body = body.strip()
    comment.edited_at = utcnow()
    resolve_flags(
        session, comment.contribution, FlagOutcome.UPHELD, actor=actor, comment_id=comment.id
    )
    _empty_remarks(session, comment.contribution)
    session.flush()
    signals.contribution_redacted.send(
        session, contribution=comment.contribution, actor=actor, removed=removed
    )
    return decision


def _rewrite(
    contribution: Contribution,
    title: str,
    body: str,
    precisions: str | None,
    *,
    clears_answers: bool,
) -> list[str]:
    changed = []
    for name, value in (("title", title.strip()), ("body", body.strip())):
        if getattr(contribution, name) != value:
            setattr(contribution, name, value[: contributions.BODY_LENGTH])
            changed.append(name)
    kept = precisions.strip() if precisions is not None else None
    if isinstance(contribution, Incident) and kept not in {None, contribution.precisions}:
        contribution.precisions = kept or ""
        changed.append("precisions")
    if clears_answers and contribution.answers:
        contribution.answers = {}
        changed.append("answers")
    return changed


def _said(contribution: Contribution) -> str:
    """Return all that the author wrote in it."""
    added = contribution.precisions if isinstance(contribution, Incident) else ""
    answers = " ".join(str(value) for value in (contribution.answers or {}).values())
    return f"{contribution.title}\n{contribution.body}\n{added}\n{answers}"


def _empty_remarks(session: Session, contribution: Contribution) -> None:
    """Empty what holds and answered flags quote of what was there."""
    session.execute(
        update(Hold)
        .where(Hold.contribution_id == contribution.id)
        .values(detail="")
        .execution_options(synchronize_session="fetch")
    )
    session.execute(
        update(Flag)
        .where(Flag.contribution_id == contribution.id, Flag.resolved_at.is_not(None))
        .values(text="")
        .execution_options(synchronize_session="fetch")
    )


def _empty_history(session: Session, contribution: Contribution) -> None:
    session.flush()
    session.execute(
        update(HistoryEntry)
        .where(HistoryEntry.contribution_id == contribution.id, HistoryEntry.field.in_(WRITTEN))
        .values(before="", after="", why="", is_public=False)
        .execution_options(synchronize_session="fetch")
    )
