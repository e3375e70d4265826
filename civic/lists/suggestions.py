"""« Vouliez-vous dire » : another spelling of a search that finds little.

Only a word that several published contributions hold now is proposed, as most of them spell it, so
that nothing is read there which somebody took back, or which one person alone wrote.
"""

import re
from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.database import fulltext
from civic.database.fulltext import Question
from civic.search.operations import LONG_WORD
from civic.search.queries import Search, near_words
from civic.text.folding import fold
from civic.text.stems import term_stems

FEW = 5
"""A word that so many hold is no error; one proposed instead is held by so many."""
MOST_TRIED = 4
_MOST_READ = 40
_MOST_ERRORS = 2

_WORD = re.compile(r"[^\W\d_]+")


def suggestion(session: Session, text: str, search: Search) -> str | None:
    """Return ``text`` with one word spelled otherwise, by which much more is found; or None."""
    if search.answers >= FEW:
        return None
    corrected = {fold(typed) for typed, _ in search.corrections}
    for match in _WORD.finditer(text):
        word = fold(match.group())
        if len(word) >= LONG_WORD and word not in corrected and _is_rare(session, word):
            for other in near_words(session, word, most_errors=_MOST_ERRORS)[:MOST_TRIED]:
                if spelled := _spelled(session, other):
                    return text[: match.start()] + spelled + text[match.end() :]
    return None


def _is_rare(session: Session, word: str) -> bool:
    return len(fulltext.youngest(session, _question(word), FEW)) < FEW


def _spelled(session: Session, word: str) -> str | None:
    """Return ``word`` as most of the youngest that hold it spell it; None if fewer than FEW do."""
    ids = fulltext.youngest(session, _question(word), _MOST_READ)
    if len(ids) < FEW:
        return None
    held: Counter[str] = Counter()
    columns = (Contribution.title, Contribution.body, Contribution.address)
    for texts in session.execute(select(*columns).where(Contribution.id.in_(ids), IS_PUBLISHED)):
        found = {each.lower() for text in texts for each in _WORD.findall(text)}
        held.update(each for each in found if fold(each) == word)
    return held.most_common(1)[0][0] if held.total() >= FEW else None


def _question(word: str) -> Question:
    return Question((tuple(term_stems(word)),))
