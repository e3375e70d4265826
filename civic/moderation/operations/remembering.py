"""Erasures and redactions outlive a restore: noted beside the database, applied to an older one.

The file ``erased.json`` of the data folder says which accounts were erased and what redactions
left. A database that lacks one of them was restored from a backup that is older: it is done again.
Entries are known by what an older database cannot have: an account by its number and the moment it
was made, a redaction by the reference of its decision.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM
from civic.accounts.models import Account
from civic.accounts.operations import erase_account
from civic.attachments.models import Photo
from civic.comments.models import Comment
from civic.contributions.models import Contribution, ModerationState
from civic.database import utcnow
from civic.errors import Invalid
from civic.incidents.models import Incident
from civic.moderation.models import Decision, Measure, Origin
from civic.moderation.operations.redaction import redact, redact_comment
from civic.moderation.operations.statements import Grounds
from civic.moderation.operations.withdrawals import (
    TAKEN_BACK,
    batched,
    find_brought_back,
    take_back_again,
)

KEPT: Final = timedelta(days=365)
"""No backup is to be older."""
AGAIN: Final = "Appliqué à nouveau après la restauration d’une sauvegarde."
"""Stored as the facts of a decision, so not translated when shown."""

Noted = dict[str, dict[str, Any]]
"""Entries by what they are about: « account 57 », « I-7K3F-92 », « comment 12 »."""


def read_noted(path: Path) -> Noted:
    """Return what is noted; nothing where there is no file."""
    try:
        found: Noted = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    return found


def write_noted(path: Path, noted: Noted) -> None:
    """Replace the file in one step."""
    written = path.with_suffix(".new")
    written.write_text(json.dumps(noted, ensure_ascii=False, indent=0), encoding="utf-8")
    written.replace(path)


def list_erased(session: Session) -> Noted:
    """Return what was erased and redacted within a year, as it stands now."""
    since = utcnow() - KEPT
    accounts = select(Account.id, Account.created_at, Account.erased_at)
    erased: Sequence[Any] = session.execute(accounts.where(Account.erased_at > since)).all()
    noted: Noted = {
        f"account {id_}": {"made": made.isoformat(), "at": at.isoformat()}
        for id_, made, at in erased
    }
    redactions = (
        select(Decision, Contribution, Comment)
        .join(Contribution, Contribution.id == Decision.contribution_id)
        .outerjoin(Comment, Comment.id == Decision.comment_id)
        .where(Decision.measure == Measure.REDACT, Decision.at > since)
        .order_by(Decision.id)
    )
    found: Sequence[Any] = session.execute(redactions).all()
    for decision, contribution, comment in found:
        left = _left_of(session, contribution) if comment is None else _left_of_comment(comment)
        about = contribution.reference if comment is None else f"comment {comment.id}"
        why = {"decision": decision.reference, "clause": decision.clause}
        noted[about] = why | {"origin": decision.origin, "at": decision.at.isoformat()} | left
    return noted


def still_noted(noted: Noted) -> Noted:
    """Return the entries that are not a year old."""
    oldest = (utcnow() - KEPT).isoformat()
    return {about: entry for about, entry in noted.items() if entry["at"] > oldest}


def find_missing(session: Session, noted: Noted) -> Noted:
    """Return the entries of which the database knows nothing although it knows what they are of."""
    ids = [int(about.split()[1]) for about in noted if about.startswith("account ")]
    missing: Noted = {}
    for some_ids in batched(ids):
        of_them = Account.id.in_(some_ids)
        made = select(Account.id, Account.created_at).where(of_them, Account.erased_at.is_(None))
        for id_, at in session.execute(made):
            entry = noted[f"account {id_}"]
            if datetime.fromisoformat(entry["made"]) == at:
                missing[f"account {id_}"] = entry
    redacted = [about for about in noted if "decision" in noted[about]]
    for some in batched(redacted):
        theirs = Decision.reference.in_([noted[about]["decision"] for about in some])
        known = set(session.scalars(select(Decision.reference).where(theirs)))
        missing |= {about: noted[about] for about in some if noted[about]["decision"] not in known}
    return missing | find_brought_back(session, noted)


def apply_again(session: Session, about: str, entry: Mapping[str, Any]) -> bool:
    """Erase, redact or take back once more; return whether there was something to do."""
    if about.startswith(f"{TAKEN_BACK} "):
        take_back_again(session, about, entry)
        return True
    if about.startswith("account "):
        erase_account(session, session.get_one(Account, int(about.split()[1])), actor=SYSTEM)
        return True
    grounds = Grounds(
        clause=entry["clause"], facts=AGAIN, origin=Origin(entry["origin"]), is_automated=True
    )
    with suppress(Invalid):
        if about.startswith("comment "):
            return _redact_comment(session, int(about.split()[1]), entry, grounds)
        return _redact(session, about, entry, grounds)
    return False


def _left_of(session: Session, contribution: Contribution) -> dict[str, Any]:
    photos = select(Photo.key, Photo.moderation_state).where(
        Photo.contribution_id == contribution.id
    )
    return {
        "title": contribution.title,
        "body": contribution.body,
        "precisions": contribution.precisions if isinstance(contribution, Incident) else None,
        "has_answers": bool(contribution.answers),
        "photos": {key: state.value for key, state in session.execute(photos)},
    }


def _left_of_comment(comment: Comment) -> dict[str, Any]:
    return {"body": comment.body, "made": comment.created_at.isoformat()}


def _redact(session: Session, reference: str, entry: Mapping[str, Any], grounds: Grounds) -> bool:
    contribution = session.scalars(
        select(Contribution).where(Contribution.reference == reference)
    ).one_or_none()
    if contribution is None:
        return False
    photos = session.execute(
        select(Photo.id, Photo.key, Photo.moderation_state).where(
            Photo.contribution_id == contribution.id
        )
    ).all()
    hidden = ModerationState.HIDDEN
    redact(
        session,
        contribution,
        actor=SYSTEM,
        grounds=grounds,
        title=entry["title"],
        body=entry["body"],
        precisions=entry["precisions"],
        clears_answers=not entry["has_answers"],
        removed_photo_ids=[id_ for id_, key, _ in photos if key not in entry["photos"]],
        hidden_photo_ids=[
            id_
            for id_, key, state in photos
            if entry["photos"].get(key) == hidden and state is not hidden
        ],
        tells=False,
    )
    return True


def _redact_comment(
    session: Session, comment_id: int, entry: Mapping[str, Any], grounds: Grounds
) -> bool:
    comment = session.get(Comment, comment_id)
    if comment is None or comment.created_at != datetime.fromisoformat(entry["made"]):
        return False
    redact_comment(session, comment, actor=SYSTEM, grounds=grounds, body=entry["body"], tells=False)
    return True
