"""What a mail says of the contribution it is about, as it is when the mail leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.attachments.models import Photo
from civic.attachments.queries import photos_of
from civic.contributions.models import Contribution, ModerationState
from civic.notifications.events import STAFF_GROUPS
from civic.notifications.models import OutgoingEmail
from civic.text.markdown import readable

MOST_PHOTOS = 3
RECEIPT = "acknowledgement"


@dataclass(frozen=True, slots=True)
class Case:
    """A contribution in a mail; without ``is_whole``, nothing in it was written by residents."""

    reference: str
    title: str
    category: str
    place: str
    body: str
    locale: str
    is_held: bool
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
    return Case(
        reference=contribution.reference,
        title=contribution.title if is_whole else "",
        category=contribution.category.name_in(locale),
        place=_place(contribution.address if is_whole else "", area.name if area else ""),
        body=readable(contribution.body) if is_whole else "",
        locale=contribution.locale,
        is_held=contribution.moderation_state is ModerationState.HELD,
        is_whole=is_whole,
        photos=_photos(session, contribution, everything=is_own or is_staff) if is_whole else (),
    )


def is_verified(session: Session, address: str) -> bool:
    """Whether the owner of ``address`` has shown that it is theirs."""
    verified_at = select(Account.verified_at).where(Account.email == address.lower())
    return session.scalar(verified_at) is not None


def with_case(session: Session, row: OutgoingEmail, locale: str) -> dict[str, Any]:
    """Return the data of a mail, with its contribution as ``case``."""
    return {**row.data, "case": find_case(session, row, locale)}


def _photos(session: Session, contribution: Contribution, *, everything: bool) -> Sequence[Photo]:
    found = photos_of(session, contribution.id, public_only=not everything)
    first = [photo for photo in found if photo.status_change_id is None]
    return [one for one in first if one.moderation_state is not ModerationState.HIDDEN][
        :MOST_PHOTOS
    ]


def _place(address: str, area: str) -> str:
    return ", ".join(filter(None, (address, area)))
