"""``civic check``: whether every counter and the map are what counting anew gives."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import click
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    false,
    func,
    inspect,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from civic.accounts.models import Account
from civic.attachments.models import Photo
from civic.cli.context import answer, application, json_option
from civic.comments.models import Comment, CommentVote
from civic.contributions.counters import remake_heat
from civic.contributions.models import Contribution, ExternalRef, ModerationState
from civic.counting.snapshot import snapshot_of
from civic.database import read_only
from civic.extensions import db
from civic.flags.models import Flag, FlagOutcome
from civic.places.models import Address, Street
from civic.votes.models import Vote

DIFFERENT = 3
MOST_TOLD = 20
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is kept as one thing and counted as another; ``of`` says of what."""

    what: str
    of: str
    kept: Any
    counted: Any


@dataclass(frozen=True, slots=True)
class Counter:
    """A stored number, and the rows it is the number of.

    The rows are those that fulfil ``conditions``, each of what its ``key`` names. Where
    ``may_be_more`` holds, the number also has some from elsewhere, of which there are no rows.
    """

    what: str
    stored: InstrumentedAttribute[int]
    of: Any
    key: Any
    conditions: tuple[Any, ...] = ()
    may_be_more: ColumnElement[bool] = false()

    def counted(self, *conditions: Any) -> Select[Any]:
        """Return a selection of the id of what bears the number, and how many rows there are."""
        rows: Any = select(self.key.label("id"), func.count().label("n")).group_by(self.key)
        narrowed: Select[Any] = rows.where(*self.conditions, *conditions)
        return narrowed


COUNTERS = (
    Counter(
        "votes",
        Contribution.vote_count,
        Contribution.reference,
        Vote.contribution_id,
        (),
        exists().where(ExternalRef.contribution_id == Contribution.id),
    ),
    Counter(
        "comments",
        Contribution.comment_count,
        Contribution.reference,
        Comment.contribution_id,
        (Comment.moderation_state == ModerationState.PUBLISHED,),
    ),
    Counter(
        "photos",
        Contribution.photo_count,
        Contribution.reference,
        Photo.contribution_id,
        (Photo.status_change_id.is_(None), Photo.moderation_state == ModerationState.PUBLISHED),
    ),
    *(
        Counter(
            what,
            stored,
            Comment.id,
            CommentVote.comment_id,
            (is_meant,),
            Comment.external_source.is_not(None),
        )
        for what, stored, is_meant in (
            ("helpful", Comment.helpful_count, CommentVote.is_helpful),
            ("not helpful", Comment.unhelpful_count, not_(CommentVote.is_helpful)),
        )
    ),
    Counter("addresses", Street.address_count, Street.name, Address.street_id),
    *(
        Counter(f"flags {outcome}", stored, Account.id, Flag.account_id, (Flag.outcome == outcome,))
        for stored, outcome in (
            (Account.flags_upheld, FlagOutcome.UPHELD),
            (Account.flags_rejected, FlagOutcome.REJECTED),
        )
    ),
)
"""Every number that is stored with what it counts; follows and actions are counted when asked."""


def find_differences(session: Session) -> Iterator[Difference]:
    """Yield every counter that is not what its rows are, then what of the map is not as stored."""
    for counter in COUNTERS:
        for _id, of, stored, number, _may_be_more in session.execute(_wrong(counter)):
            yield Difference(counter.what, str(of), stored, number)
    for one in snapshot_of(session.get_bind().engine).differences():
        yield Difference("map", f"{one.layer} {one.row_id}", one.kept, one.stored)


def repair(session: Session) -> list[Difference]:
    """Recount what is wrong, some at a time in a transaction each; return what was changed.

    A number that has some from elsewhere cannot be recounted and stays as it is.
    """
    changed: list[Difference] = []
    for counter in COUNTERS:
        with read_only():
            wrong = session.execute(_wrong(counter)).all()
            session.rollback()
        ids = sorted(row[0] for row in wrong if not row[4])
        for start in range(0, len(ids), AT_ONCE):
            changed += _recount(session, counter, ids[start : start + AT_ONCE])
            session.commit()
    return changed


def _wrong(counter: Counter) -> Select[Any]:
    """Select (id, name, kept, counted, whether it may be more) of each number that is wrong."""
    rows = counter.counted().subquery()
    n, id = func.coalesce(rows.c.n, 0), counter.stored.class_.id
    columns: Any = (id, counter.of, counter.stored, n, counter.may_be_more)
    statement: Select[Any] = (
        select(*columns)
        .outerjoin(rows, rows.c.id == id)
        .where(
            counter.stored != n,
            or_(not_(counter.may_be_more), and_(counter.may_be_more, counter.stored < n)),
        )
    )
    return statement


def _recount(session: Session, counter: Counter, ids: Sequence[int]) -> Iterator[Difference]:
    """Store what counting gives, once nobody else can change the numbers ``ids``."""
    model, name = counter.stored.class_, counter.stored.key
    table = inspect(model).local_table
    session.execute(
        select(table.c.id).where(table.c.id.in_(ids)).order_by(table.c.id).with_for_update()
    )
    counted = session.execute(counter.counted(counter.key.in_(ids)))
    counts = {row.id: row.n for row in counted}
    bearers = select(model, counter.of).where(model.id.in_(ids)).order_by(model.id)
    for row, of in session.execute(bearers.execution_options(populate_existing=True)):
        kept, number = getattr(row, name), counts.get(row.id, 0)
        if kept == number:
            continue
        setattr(row, name, number)
        if counter.stored is Contribution.vote_count:
            session.flush()
            remake_heat(session, row)
        yield Difference(counter.what, str(of), kept, number)


@click.command()
@click.option("--repair", "repairs", is_flag=True, help="Store what counting anew gives.")
@json_option
def check(repairs: bool, as_json: bool) -> None:  # noqa: FBT001 (flags)
    """Compare every counter and the map with counting anew, and name any difference.

    May run while the town is open: the map is followed meanwhile, as a web process does.
    """
    with application():
        session = db.session()
        repaired = repair(session) if repairs else []
        with read_only():
            snapshot_of(db.engine).current()
            differences = list(find_differences(session))
    values = {"differences": [asdict(one) for one in differences]}
    if repairs:
        values["repaired"] = [asdict(one) for one in repaired]
    answer(values, as_json=as_json, text=_told(repaired, differences))
    if differences:
        sys.exit(DIFFERENT)


def _told(repaired: Sequence[Difference], differences: Sequence[Difference]) -> str:
    lines = _listed(repaired, "was {kept}, is {counted} now")
    if repaired and differences:
        lines.append("What follows cannot be recounted: it has some from elsewhere, or is the map.")
    lines += _listed(differences, "{kept} kept, {counted} counted")
    return "\n".join(lines or ["Everything is exact."])


def _listed(differences: Sequence[Difference], words: str) -> list[str]:
    lines = [
        f"{one.what} of {one.of}: {words.format(kept=one.kept, counted=one.counted)}"
        for one in differences[:MOST_TOLD]
    ]
    if len(differences) > MOST_TOLD:
        lines.append(f"… and {len(differences) - MOST_TOLD} more: --json names them all.")
    return lines
