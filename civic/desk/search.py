"""What a case is found by at the desk: all that is written in it, and who wrote."""

from sqlalchemy import ColumnElement, and_, false, or_
from sqlalchemy.orm import Session

from civic.contributions.models import Contribution
from civic.database import fulltext
from civic.database.fulltext import DESK, Question
from civic.desk.indexing import asked_terms
from civic.search.queries import matching
from civic.text.references import normalise_reference

MOST_WORDS = 6


def saying(session: Session, words: str) -> ColumnElement[bool]:
    """Say in SQL that a case answers: each word by the public index or by that of the desk."""
    reference = normalise_reference(words)
    if reference is not None:
        return Contribution.reference == reference
    asked = asked_terms(words, MOST_WORDS)
    each = [
        or_(
            Contribution.id.in_(fulltext.found(session, Question(((terms,),)), DESK)),
            Contribution.id.in_(matching(session, terms[0])),
        )
        for terms in asked
    ]
    together = and_(*each) if each else false()
    return or_(Contribution.id.in_(matching(session, words)), together)
