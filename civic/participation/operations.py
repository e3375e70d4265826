"""What touches several capabilities at once."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.attachments.operations import attach, describe
from civic.attachments.policies import may_describe
from civic.attachments.queries import photos_of
from civic.contributions import signals
from civic.contributions.models import Contribution
from civic.contributions.operations import record
from civic.contributions.policies import is_author
from civic.database import utcnow
from civic.errors import Forbidden
from civic.follows import operations as follows
from civic.i18n import N_
from civic.participation.submission.following import refuse_held
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


def describe_photos(
    session: Session, contribution: Contribution, texts: Mapping[int, str], *, actor: Actor
) -> None:
    """Say what is to be seen on its photos, by their ids; the history keeps what was changed.

    Raises Forbidden, and Invalid for what an author may not say at once.
    """
    if not may_describe(actor, contribution):
        raise Forbidden(N_("Ces photos ne sont pas à décrire par vous."))
    photos = photos_of(session, contribution.id, public_only=False)
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
