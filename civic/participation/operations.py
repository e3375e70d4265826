"""What touches several capabilities at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.attachments.operations import attach, describe, draft_photos, remove_photo
from civic.attachments.policies import may_describe
from civic.attachments.queries import list_photos
from civic.contributions import signals
from civic.contributions.models import Contribution
from civic.contributions.operations import change_category, edit_text, record, relocate
from civic.contributions.policies import is_author, may_work_on
from civic.database import utcnow
from civic.errors import Forbidden
from civic.follows import operations as follows
from civic.i18n import N_
from civic.participation.submission.answers import told_answers
from civic.participation.submission.following import check_text, edit_own, refuse_held
from civic.participation.submission.place import PlaceFound
from civic.taxonomy.models import Category
from civic.votes.queries import has_voted


def add_photos(
    session: Session,
    contribution: Contribution,
    draft_token: str,
    *,
    actor: Actor,
    status_change_id: int | None = None,
) -> None:
    """Give a person's photos to ``contribution``; who must look at them first is told."""
    if attach(session, contribution, draft_token, status_change_id=status_change_id):
        signals.photos_attached.send(
            session, contribution=contribution, status_change_id=status_change_id, actor=actor
        )


def recategorise(
    session: Session,
    contribution: Contribution,
    category: Category,
    answers: Mapping[str, Any],
    *,
    actor: Actor,
    why: str = "",
) -> None:
    """Say what it is about, and answer the questions of that category; the history keeps both.

    What was answered to the questions of another category stays.
    """
    before = contribution.answers
    asked = {question.code for question in category.questions}
    kept = {code: value for code, value in before.items() if code not in asked}
    was = told_answers(contribution.category, before)
    change_category(session, contribution, category, actor=actor, why=why)
    after = {**kept, **answers}
    if after == before:
        return
    told = told_answers(category, after)
    record(session, contribution, "answers", was, told, actor, why)
    contribution.answers = after
    contribution.updated_at = utcnow()
    session.flush()


@dataclass(frozen=True, slots=True)
class Correction:
    """What a contribution should say instead; None leaves category, answers or place as they are.

    ``draft_token`` names the photos to add. ``why`` is public.
    """

    title: str
    body: str
    category: Category | None = None
    answers: Mapping[str, Any] | None = None
    place: PlaceFound | None = None
    draft_token: str = ""
    removed_photo_ids: Collection[int] = ()
    why: str = ""


def correct(
    session: Session, contribution: Contribution, correction: Correction, *, actor: Actor
) -> None:
    """Correct text, category, place and photos; each change is a line of the public history.

    Authors may within the time that the policy leaves, agents on what is theirs. Department and
    due dates follow the category. Raises Conflict when that time is over, Invalid for what cannot
    be stored or would be held.
    """
    title, body = correction.title, correction.body
    is_agent = may_work_on(actor, contribution)
    why = correction.why if is_agent else ""
    if is_agent:
        check_text(title, body)
        edit_text(session, contribution, actor=actor, title=title, body=body, why=why)
    else:
        edit_own(session, contribution, actor=actor, title=title, body=body)
    if correction.category is not None and correction.answers is not None:
        written = "\n\n".join(text for text in correction.answers.values() if isinstance(text, str))
        if written and not is_agent and contribution.is_public:
            refuse_held(session, contribution, written, actor=actor, field="category")
        recategorise(
            session, contribution, correction.category, correction.answers, actor=actor, why=why
        )
    place = correction.place
    if place is not None and place.position is not None:
        relocate(
            session,
            contribution,
            place.position,
            area_id=place.area_id,
            address=place.address,
            actor=actor,
            why=why,
        )
    _change_photos(session, contribution, correction, why=why, actor=actor)


def _change_photos(
    session: Session, contribution: Contribution, correction: Correction, *, why: str, actor: Actor
) -> None:
    removed = [
        photo
        for photo in list_photos(session, contribution.id, public_only=False)
        if photo.id in correction.removed_photo_ids and photo.status_change_id is None
    ]
    for photo in removed:
        remove_photo(session, photo)
    added = draft_photos(session, correction.draft_token)
    captions = [photo.description for photo in added if photo.description]
    if captions and contribution.is_public:
        refuse_held(session, contribution, "\n\n".join(captions), actor=actor, field="photos")
    if added:
        add_photos(session, contribution, correction.draft_token, actor=actor)
    if removed or added:
        record(session, contribution, "photos", "", "", actor, why)
        contribution.updated_at = utcnow()
        session.flush()


def describe_photos(
    session: Session, contribution: Contribution, texts: Mapping[int, str], *, actor: Actor
) -> None:
    """Say what is to be seen on its photos, by their ids; the history keeps what was changed.

    Raises Forbidden, and Invalid for what an author may not say at once.
    """
    if not may_describe(actor, contribution):
        raise Forbidden(N_("Ces photos ne sont pas à décrire par vous."))
    photos = list_photos(session, contribution.id, public_only=False)
    before = "\n".join(photo.description for photo in photos)
    changed = describe(session, photos, texts)
    if not changed:
        return
    if contribution.is_public:
        refuse_held(session, contribution, "\n\n".join(changed), actor=actor, field="photos")
    after = "\n".join(photo.description for photo in photos)
    record(session, contribution, "photos", before, after, actor, is_public=False)
    contribution.updated_at = utcnow()
    session.flush()


def stop_following(session: Session, contribution: Contribution, *, actor: Actor) -> None:
    """Tell ``actor`` nothing more. Who wrote or supports it opts out for good, others just stop."""
    if actor.account_id is None:
        return
    takes_part = is_author(actor, contribution) or has_voted(
        session, contribution.id, actor.account_id
    )
    end = follows.mute if takes_part else follows.unfollow
    end(session, contribution, account_id=actor.account_id)
