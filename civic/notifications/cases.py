"""What a mail says of the contribution it is about, as it is when the mail leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.attachments.models import Photo
from civic.attachments.queries import list_photos
from civic.comments.models import Comment
from civic.contributions.models import IS_IN_FORCE, Contribution, ModerationState, StatusChange
from civic.follows.models import Follow
from civic.notifications.events import STAFF_GROUPS
from civic.notifications.models import OutgoingEmail
from civic.places.geometry import Position
from civic.places.operations import locate
from civic.text.markdown import readable, shorten
from civic.votes.models import Vote
from civic.votes.queries import has_voted
from civic.web.addresses import write_address

MOST_PHOTOS = 3
MOST_TITLES = 10
MOST_QUOTED = 1_000
TITLES = {"reference": "title", "source": "source_title", "target": "target_title"}
"""Where the data of news and mails names a contribution, and where its title is."""
WRITTEN = frozenset({"comment", "sentence", "text", "message", "facts", "answer", "recipient"})
"""What of the data of a mail somebody wrote."""
RECEIPT = "acknowledgement"


@dataclass(frozen=True, slots=True)
class Case:
    """A contribution in a mail; without ``is_whole``, nothing in it was written by residents."""

    id: int
    reference: str
    title: str
    category: str
    place: str
    body: str
    locale: str
    is_held: bool
    has_held_photos: bool
    is_whole: bool
    photos: Sequence[Photo] = ()


def find_case(session: Session, row: OutgoingEmail, locale: str) -> Case | None:
    """Return what ``row`` may say of its contribution, None where it is about none.

    Its author and the staff read what waits; others what is public. Nobody is sent other people's
    texts at an address that its owner has not verified.
    """
    reference = row.data.get("reference")
    contribution = (
        reference
        and session.scalars(
            select(Contribution).where(Contribution.reference == reference)
        ).one_or_none()
    )
    if not contribution:
        return None
    is_staff = row.data.get("group") in STAFF_GROUPS
    is_own = row.template == RECEIPT or row.data.get("own_id") == contribution.id
    if not (contribution.is_public or is_own or is_staff):
        return None
    is_whole = is_staff or is_verified(session, row.recipient)
    area = contribution.area
    address = write_address(contribution.address)
    photos = _photos(session, contribution.id, everything=is_own or is_staff)
    if not is_whole and not _is_ours(session, contribution):
        address = ""
    return Case(
        id=contribution.id,
        reference=contribution.reference,
        title=contribution.title if is_whole else "",
        category=contribution.category.name_in(locale),
        place=_place(address, area.name if area else ""),
        body=readable(contribution.body) if is_whole else "",
        locale=contribution.locale,
        is_held=contribution.moderation_state is ModerationState.HELD,
        has_held_photos=any(one.moderation_state is ModerationState.HELD for one in photos),
        is_whole=is_whole,
        photos=photos if is_whole else (),
    )


def is_verified(session: Session, address: str) -> bool:
    """Whether the owner of ``address`` has shown that it is theirs."""
    verified_at = select(Account.verified_at).where(Account.email == address.lower())
    return session.scalar(verified_at) is not None


def with_case(session: Session, row: OutgoingEmail, locale: str) -> dict[str, Any]:
    """Return the data of a mail, with what it is about as that is now.

    Its contribution is ``case``, and ``is_supporter`` whether the reader supports it; a comment has
    who wrote it (``by``), a step its photos and what was said before it; news of an action have the
    titles of what the reader wrote, supports or follows. At an address that nobody has verified
    there is nothing that somebody wrote: the reference stands for the title.
    """
    case = find_case(session, row, locale)
    data = {**row.data, "case": case}
    if "lines" in data:
        data["lines"] = [_line(session, line, locale) for line in data["lines"]]
    if case is not None and not case.is_whole:
        titles = {
            title: data[name] for name, title in TITLES.items() if data.get(name) and title in data
        }
        return {key: value for key, value in data.items() if key not in WRITTEN} | titles
    if case is not None and data.get("account_id"):
        data["is_supporter"] = has_voted(session, case.id, int(data["account_id"]))
    is_staff = data.get("group") in STAFF_GROUPS
    data = _as_it_is(session, data, locale, is_staff=is_staff)
    if data.get("also"):
        data["also"] = [_as_it_is(session, one, locale, is_staff=True) for one in data["also"]]
    if data.get("references") and data.get("account_id"):
        data["titles"] = titles_of(session, data["references"], int(data["account_id"]))
    return data


def titles_of(session: Session, references: Sequence[str], account_id: int) -> list[str]:
    """Return the titles of those that a person wrote, supports or follows, of ``references``."""
    supported = select(Vote.contribution_id).where(Vote.account_id == account_id)
    followed = select(Follow.contribution_id).where(
        Follow.account_id == account_id, Follow.is_muted.is_(False)
    )
    own = or_(
        Contribution.author_id == account_id,
        Contribution.moderation_state == ModerationState.PUBLISHED,
    )
    return list(
        session.scalars(
            select(Contribution.title)
            .where(
                Contribution.reference.in_(list(references)),
                own,
                or_(
                    Contribution.author_id == account_id,
                    Contribution.id.in_(supported),
                    Contribution.id.in_(followed),
                ),
            )
            .order_by(Contribution.id)
            .limit(MOST_TITLES)
        )
    )


def _as_it_is(
    session: Session, data: dict[str, Any], locale: str, *, is_staff: bool
) -> dict[str, Any]:
    """Return ``data`` with the comment and the step that it names."""
    comment = _comment(session, data, locale, is_staff=is_staff)
    return data | comment | _step(session, data, everything=is_staff)


def _line(session: Session, line: dict[str, Any], locale: str) -> dict[str, Any]:
    """Return one line of a digest with what its comment says now."""
    is_staff = line.get("group") in STAFF_GROUPS
    return line | _comment(session, line, locale, is_staff=is_staff)


def _comment(
    session: Session, data: dict[str, Any], locale: str, *, is_staff: bool
) -> dict[str, Any]:
    """Return what the comment of ``data``, if any, says and who wrote it, as its page does.

    To the staff also what waits for a moderator, and to its author also what was taken away.
    """
    if not data.get("comment_id"):
        return {}
    comment = session.get(Comment, int(data["comment_id"]))
    is_own = comment is not None and comment.author_id == data.get("account_id")
    if comment is None or not (comment.is_public or is_staff or is_own):
        return {"comment": ""}
    contribution, author = comment.contribution, comment.author
    by = author.display_name if author is not None and author.erased_at is None else ""
    if contribution.hides_author and contribution.author_id == comment.author_id:
        by = ""
    if comment.department is not None:
        by = comment.department.name_in(locale)
    return {"comment": shorten(readable(comment.body), MOST_QUOTED), "by": by}


def _step(session: Session, data: dict[str, Any], *, everything: bool) -> dict[str, Any]:
    """Return who took the step of ``data``, its photos, and what the town had said before it."""
    change = session.get(StatusChange, data["step"]) if data.get("step") else None
    if change is None:
        return {}
    before = (
        select(StatusChange.sentence)
        .where(
            StatusChange.contribution_id == change.contribution_id,
            StatusChange.to_status == change.from_status,
            StatusChange.id < change.id,
            IS_IN_FORCE,
        )
        .order_by(StatusChange.id.desc())
        .limit(1)
    )
    return {
        "party": change.party.value,
        "town_said": session.scalar(before) or "",
        "photos": _photos(session, change.contribution_id, change.id, everything=everything),
    }


def _is_ours(session: Session, contribution: Contribution) -> bool:
    """Whether the address was written by us for its place, not by whoever sent it."""
    if contribution.lat is None or contribution.lon is None:
        return False
    here = Position(contribution.lat, contribution.lon)
    return locate(session, here).address == write_address(contribution.address)


def _photos(
    session: Session, contribution_id: int, step_id: int | None = None, *, everything: bool
) -> Sequence[Photo]:
    """Return the first photos of a contribution itself, or of one of its steps."""
    return [
        one
        for one in list_photos(session, contribution_id, public_only=not everything)
        if one.status_change_id == step_id and one.moderation_state is not ModerationState.HIDDEN
    ][:MOST_PHOTOS]


def _place(address: str, area: str) -> str:
    return ", ".join(filter(None, (address, area)))
