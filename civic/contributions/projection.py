"""What of a contribution is public: said here alone, for pages, cards, the map and every export."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.contributions.workflow import StatusType

DECIMALS = 5
"""Of the degrees of a public position: about a metre, where a camera tells centimetres."""

C = Contribution
COLUMNS = (
    C.id,
    C.reference,
    C.kind,
    C.title,
    C.body,
    C.status,
    C.status_type,
    C.category_id,
    C.department_id,
    C.area_id,
    C.address,
    C.lat,
    C.lon,
    C.submitted_at,
    C.closed_at,
    C.due_at,
    C.vote_count,
    C.comment_count,
    C.cover_key,
    C.locale,
)
"""What :func:`public_of` reads of a row."""


@dataclass(frozen=True, slots=True)
class PublicContribution:
    """A contribution as the public may see it. Who wrote it is :func:`public_author`."""

    reference: str
    kind: str
    title: str
    body: str
    status: str
    status_type: StatusType
    category_id: int
    department_id: int | None
    area_id: int | None
    address: str
    lat: float | None
    lon: float | None
    submitted_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    votes: int
    comments: int
    cover_key: str | None
    locale: str

    def is_late(self, now: datetime) -> bool:
        """Whether what was promised has passed; while its clock stands, nothing is promised."""
        is_open = self.status_type is StatusType.OPEN
        return is_open and self.due_at is not None and self.due_at < now


def public_columns(replaced: Mapping[str, Any] | None = None) -> list[Any]:
    """Return the columns that :func:`public_of` reads; for a statement that says what is public.

    ``replaced`` are expressions in the place of columns, by name: the beginning of a long text.
    """
    named = replaced or {}
    return [
        named[column.key].label(column.key) if column.key in named else column for column in COLUMNS
    ]


def select_public(*more: Any) -> Select[Any]:
    """Select what is public of everything published, and ``more`` columns."""
    statement: Select[Any] = select(*public_columns(), *more).where(IS_PUBLISHED)
    return statement


def public_of(row: Any) -> PublicContribution:
    """Return what the public may see of ``row``, a row of :func:`select_public` or an object.

    Its author and the staff see of an object that is not public the same, on the same page.
    """
    lat, lon = public_position(row.lat, row.lon)
    return PublicContribution(
        reference=row.reference,
        kind=row.kind,
        title=row.title,
        body=row.body,
        status=row.status,
        status_type=row.status_type,
        category_id=row.category_id,
        department_id=row.department_id,
        area_id=row.area_id,
        address=row.address,
        lat=lat,
        lon=lon,
        submitted_at=row.submitted_at,
        closed_at=row.closed_at,
        due_at=row.due_at,
        votes=row.vote_count,
        comments=row.comment_count,
        cover_key=row.cover_key,
        locale=row.locale,
    )


def public_position(
    lat: float | None, lon: float | None
) -> tuple[float, float] | tuple[None, None]:
    """Return a position as the public may know it."""
    if lat is None or lon is None:
        return None, None
    return round(lat, DECIMALS), round(lon, DECIMALS)


def public_author(contribution: Contribution) -> str | None:
    """Return the name that the author shows; None for who hides it, is unknown or was erased."""
    author = contribution.author
    if contribution.hides_author or author is None or author.erased_at is not None:
        return None
    return author.display_name
