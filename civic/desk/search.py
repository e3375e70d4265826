"""What a case is found by at the desk: all that is written in it, and who wrote."""

from sqlalchemy import ColumnElement, and_, false, or_
from sqlalchemy.orm import Session

from civic.contributions.models import Contribution
from civic.database import fulltext
from civic.database.fulltext import DESK
from civic.desk.indexing import asked_of
from civic.search.queries import matching
from civic.text.references import normalise_reference

MOST_WORDS = 6


def saying(session: Session, words: str) -> ColumnElement[bool]:
    """Say in SQL that a case answers: each word by the public index or by that of the desk."""
    reference = normalise_reference(words)
    if reference is not None:
        return Contribution.reference == reference
    each = [
        or_(
            Contribution.id.in_(fulltext.found(session, asked.question, DESK)),
            Contribution.id.in_(matching(session, asked.text)),
        )
        for asked in asked_of(words, MOST_WORDS)
    ]
    together = and_(*each) if each else false()
    return or_(Contribution.id.in_(matching(session, words)), together)
