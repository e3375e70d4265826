"""Which imported contributions people here have touched since: an import leaves those alone."""

from collections.abc import Collection
from functools import cache

from sqlalchemy import ColumnElement, Table, and_, false, not_, or_, select
from sqlalchemy.orm import Session

from civic.comments.models import Comment
from civic.contributions.kinds import kinds
from civic.contributions.models import Contribution
from civic.database import Base, table_of

REACTIONS = frozenset({"vote", "follow", "comment", "photo", "flag", "message"})
"""What residents add of their own: it changes nothing of what the source said."""
_OF_THE_SOFTWARE = frozenset({"contribution", "deadline", "hold", "notification", "staff_news"})
"""What the software writes down by itself when an import comes, or when others act."""


def changed_here(session: Session, source: str, ids: Collection[int]) -> set[int]:
    """Return those of ``ids`` whose text, place, status or visibility people here decided on."""
    return _named_in(session, source, ids, REACTIONS)


def used_here(session: Session, source: str, ids: Collection[int]) -> set[int]:
    """Return those of ``ids`` that people here changed, answered, support or follow."""
    return _named_in(session, source, ids, frozenset())


def answered_here(session: Session, comment_ids: Collection[int]) -> set[int]:
    """Return those of ``comment_ids`` that are answered, judged or moderated; also by imports."""
    found: set[int] = set()
    for table, column in _pointing(Comment):
        named = select(table.c[column]).where(table.c[column].in_(comment_ids))
        found.update(session.scalars(named.distinct()))
    return found


def _named_in(
    session: Session, source: str, ids: Collection[int], left_out: Collection[str]
) -> set[int]:
    """Look for ``ids`` in every table that points at a contribution, also in those to come."""
    found: set[int] = set()
    own = _OF_THE_SOFTWARE | {table_of(kind.model).name for kind in kinds}
    for table, column in _pointing(Contribution):
        # A duplicate that people here joined to it has a row of « merge »; others came like that.
        if table.name in left_out or table.name in own:
            continue
        wanted = table.c[column].in_(ids)
        named = select(table.c[column]).where(wanted, not_(_is_of_import(table, source)))
        found.update(id_ for id_ in session.scalars(named.distinct()) if id_ is not None)
    return found


def _is_of_import(table: Table, source: str) -> ColumnElement[bool]:
    """Whether a row is what imports or the software itself write."""
    if table.name == "status_change":
        is_first = table.c.from_status.is_(None)
        is_the_sources = and_(table.c.actor_id.is_(None), table.c.cause == source)
        return or_(is_first, table.c.is_automatic, is_the_sources)
    if table.name == "history_entry":
        is_automatic: ColumnElement[bool] = table.c.is_automatic
        return is_automatic
    if table.name == "comment":
        return table.c.external_source.is_not(None)
    if table.name == "external_ref":
        is_same: ColumnElement[bool] = table.c.source == source
        return is_same
    return false()


@cache
def _pointing(model: type[Base]) -> tuple[tuple[Table, str], ...]:
    """Every table with a column that points at ``model``."""
    key = table_of(model).c.id
    return tuple(
        (table, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.references(key)
    )
