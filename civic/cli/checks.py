"""``civic check``: whether every counter and the map are what counting anew gives."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import click
from sqlalchemy import ColumnElement, Select, and_, exists, false, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from civic.attachments.models import Photo
from civic.cli.context import answer, application, json_option
from civic.comments.models import Comment, CommentVote
from civic.contributions.models import Contribution, ExternalRef, ModerationState
from civic.counting.snapshot import snapshot_of
from civic.database import read_only
from civic.extensions import db
from civic.places.models import Address, Street
from civic.votes.models import Vote

DIFFERENT = 3
MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is kept as one thing and counted as another; ``of`` says of what."""

    what: str
    of: str
    kept: Any
    counted: Any


@dataclass(frozen=True, slots=True)
class _Counter:
    """A stored number, and the rows it is the number of.

    ``counted`` selects the id of what bears the number, and how many rows there are. Where
    ``may_be_more`` holds, the number also has some from elsewhere, of which there are no rows.
    """

    what: str
    stored: InstrumentedAttribute[int]
    of: Any
    counted: Select[Any]
    may_be_more: ColumnElement[bool] = false()


def _rows_of(key: Any, *conditions: Any) -> Select[Any]:
    counted: Any = select(key.label("id"), func.count().label("n")).group_by(key)
    narrowed: Select[Any] = counted.where(*conditions)
    return narrowed


COUNTERS = (
    _Counter(
        "votes",
        Contribution.vote_count,
        Contribution.reference,
        _rows_of(Vote.contribution_id),
        exists().where(ExternalRef.contribution_id == Contribution.id),
    ),
    _Counter(
        "comments",
        Contribution.comment_count,
        Contribution.reference,
        _rows_of(Comment.contribution_id, Comment.moderation_state == ModerationState.PUBLISHED),
    ),
    _Counter(
        "photos",
        Contribution.photo_count,
        Contribution.reference,
        _rows_of(
            Photo.contribution_id,
            Photo.status_change_id.is_(None),
            Photo.moderation_state == ModerationState.PUBLISHED,
        ),
    ),
    *(
        _Counter(
            what,
            stored,
            Comment.id,
            _rows_of(CommentVote.comment_id, is_meant),
            Comment.external_source.is_not(None),
        )
        for what, stored, is_meant in (
            ("helpful", Comment.helpful_count, CommentVote.is_helpful),
            ("not helpful", Comment.unhelpful_count, not_(CommentVote.is_helpful)),
        )
    ),
    _Counter("addresses", Street.address_count, Street.name, _rows_of(Address.street_id)),
)
"""Every number that is stored with what it counts; follows and actions are counted when asked."""


def find_differences(session: Session) -> Iterator[Difference]:
    """Yield every counter that is not what its rows are, then what of the map is not as stored."""
    for counter in COUNTERS:
        counted = counter.counted.subquery()
        n = func.coalesce(counted.c.n, 0)
        rows = session.execute(
            select(counter.of, counter.stored, n)
            .outerjoin(counted, counted.c.id == counter.stored.class_.id)
            .where(
                counter.stored != n,
                or_(not_(counter.may_be_more), and_(counter.may_be_more, counter.stored < n)),
            )
        )
        for of, stored, number in rows:
            yield Difference(counter.what, str(of), stored, number)
    for one in snapshot_of(session.get_bind().engine).differences():
        yield Difference("map", f"{one.layer} {one.row_id}", one.kept, one.stored)


@click.command()
@json_option
def check(as_json: bool) -> None:  # noqa: FBT001 (a flag)
    """Compare every counter and the map with counting anew, and name any difference.

    May run while the town is open: the map is followed meanwhile, as a web process does.
    """
    with application(), read_only():
        session = db.session()
        snapshot_of(db.engine).current()
        differences = list(find_differences(session))
    values = {"differences": [asdict(one) for one in differences]}
    answer(values, as_json=as_json, text=_told(differences))
    if differences:
        sys.exit(DIFFERENT)


def _told(differences: Sequence[Difference]) -> str:
    if not differences:
        return "Everything is exact."
    lines = [
        f"{one.what} of {one.of}: {one.kept} kept, {one.counted} counted"
        for one in differences[:MOST_TOLD]
    ]
    if len(differences) > MOST_TOLD:
        lines.append(f"… and {len(differences) - MOST_TOLD} more: --json names them all.")
    return "\n".join(lines)
