"""What a case is found by at the desk: all that is written in it, and who wrote."""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from civic.accounts.models import Account
from civic.comments.models import Comment
from civic.contributions.models import Contribution, ModerationState, StatusChange
from civic.desk.models import InternalNote
from civic.search.queries import matching
from civic.text.references import normalise_reference


def saying(session: Session, words: str) -> ColumnElement[bool]:
    """Say in SQL that a case answers: by the public index, which folds, or letter by letter."""
    reference = normalise_reference(words)
    if reference is not None:
        return Contribution.reference == reference
    each = and_(true(), *(_holds(word) for word in words.split()[:6]))
    return or_(Contribution.id.in_(matching(session, words)), each)


def _holds(word: str) -> ColumnElement[bool]:
    """Say that ``word`` is part of a case: each other table is read once a word, not once a row."""

    def has(column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        return column.icontains(word, autoescape=True)

    of_author = select(Account.id).where(or_(has(Account.email), has(Account.display_name)))
    ways = [
        has(column)
        for column in (
            Contribution.reference,
            Contribution.title,
            Contribution.body,
            Contribution.address,
        )
    ]
    ways += [
        Contribution.id.in_(select(InternalNote.contribution_id).where(has(InternalNote.body))),
        Contribution.id.in_(select(StatusChange.contribution_id).where(has(StatusChange.sentence))),
        Contribution.id.in_(
            select(Comment.contribution_id).where(
                Comment.moderation_state == ModerationState.PUBLISHED, has(Comment.body)
            )
        ),
        Contribution.author_id.in_(of_author),
    ]
    return or_(*ways)
