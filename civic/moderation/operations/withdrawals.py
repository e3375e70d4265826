"""What its writer has taken back stays taken back after a restore; see ``remembering``.

A comment is known by its number and the moment it was written, a contribution by its reference and
the moment of the step, a photo by its key, which no other ever has.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM
from civic.attachments.models import Photo
from civic.attachments.operations import REMOVED, remove_photo
from civic.comments.models import Comment
from civic.comments.operations import empty_comment
from civic.contributions.models import Contribution, ModerationState, StatusChange
from civic.contributions.operations import move
from civic.contributions.workflow import Party
from civic.database import utcnow

TAKEN_BACK: Final = "withdrawn"
"""The status, and how entries about it begin: « withdrawn comment 12 », « withdrawn S-7K3F-92 »."""
_OF_COMMENT: Final = f"{TAKEN_BACK} comment "
_OF_PHOTO: Final = f"{TAKEN_BACK} photo "

_ASKED_AT_ONCE = 400

Noted = dict[str, dict[str, Any]]
T = TypeVar("T")


def list_withdrawn(session: Session, noted: Noted) -> Noted:
    """Return what was taken back and is not ``noted`` yet."""
    now = utcnow().isoformat()
    emptied = select(Comment.id, Comment.created_at).where(
        Comment.moderation_state == ModerationState.HIDDEN, Comment.body == ""
    )
    found: Noted = {
        f"{_OF_COMMENT}{id_}": {"made": made.isoformat(), "at": now}
        for id_, made in session.execute(emptied)
    }
    # Until the next purge the row is there, taken from its contribution.
    removed = select(Photo.key).where(Photo.draft_token == REMOVED)
    found |= {f"{_OF_PHOTO}{key}": {"at": now} for key in session.scalars(removed)}
    withdrawn = select(Contribution.reference, Contribution.status_since).where(
        Contribution.status == TAKEN_BACK, Contribution.author_id.is_not(None)
    )
    found |= {
        f"{TAKEN_BACK} {reference}": {"at": at.isoformat()}
        for reference, at in session.execute(withdrawn)
    }
    return {about: entry for about, entry in found.items() if about not in noted}


def find_brought_back(session: Session, noted: Noted) -> Noted:
    """Return the entries of what the database knows, but not that it was taken back."""
    of_comments = {
        int(about.removeprefix(_OF_COMMENT)): about
        for about in noted
        if about.startswith(_OF_COMMENT)
    }
    references = {
        about.removeprefix(f"{TAKEN_BACK} "): about
        for about in noted
        if about.startswith(f"{TAKEN_BACK} ") and not about.startswith((_OF_COMMENT, _OF_PHOTO))
    }
    found: Noted = _find_photos(session, noted)
    for some in batched(of_comments):
        known = select(Comment.id, Comment.created_at).where(
            Comment.id.in_(some), Comment.body != ""
        )
        for id_, made in session.execute(known):
            entry = noted[of_comments[id_]]
            if datetime.fromisoformat(entry["made"]) == made:
                found[of_comments[id_]] = entry
    for names in batched(references):
        goes_on = select(Contribution.id, Contribution.reference).where(
            Contribution.reference.in_(names), Contribution.status != TAKEN_BACK
        )
        for id_, reference in session.execute(goes_on):
            entry = noted[references[reference]]
            if not _was_withdrawn(session, id_, datetime.fromisoformat(entry["at"])):
                found[references[reference]] = entry
    return found


def _find_photos(session: Session, noted: Noted) -> Noted:
    keys = [about.removeprefix(_OF_PHOTO) for about in noted if about.startswith(_OF_PHOTO)]
    found: Noted = {}
    for some in batched(keys):
        known = select(Photo.key).where(Photo.key.in_(some), Photo.contribution_id.is_not(None))
        found |= {about: noted[about] for about in map(_OF_PHOTO.__add__, session.scalars(known))}
    return found


def batched(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield as many of ``values`` at a time as one statement takes."""
    rest = iter(values)
    while some := list(islice(rest, _ASKED_AT_ONCE)):
        yield some


def _was_withdrawn(session: Session, contribution_id: int, at: datetime) -> bool:
    """Whether the step is known: it was undone, or the case opened again, since."""
    step = select(StatusChange.id).where(
        StatusChange.contribution_id == contribution_id,
        StatusChange.to_status == TAKEN_BACK,
        StatusChange.at == at,
    )
    return session.scalar(step) is not None


def take_back_again(session: Session, about: str, entry: Mapping[str, Any]) -> None:
    """Take it back once more, as its writer did; nobody is told twice."""
    if about.startswith(_OF_COMMENT):
        comment = session.get_one(Comment, int(about.removeprefix(_OF_COMMENT)))
        empty_comment(session, comment)
        return
    if about.startswith(_OF_PHOTO):
        found_photo = select(Photo).where(Photo.key == about.removeprefix(_OF_PHOTO))
        remove_photo(session, session.scalars(found_photo).one())
        return
    reference = about.removeprefix(f"{TAKEN_BACK} ")
    found = select(Contribution).where(Contribution.reference == reference)
    move(
        session,
        session.scalars(found).one(),
        TAKEN_BACK,
        actor=SYSTEM,
        standing={Party.AUTHOR},
        announce=False,
        at=datetime.fromisoformat(entry["at"]),
    )
