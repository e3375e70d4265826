"""« Vouliez-vous dire » : another spelling of a search that finds little.

Only a word that several published contributions hold now is proposed, as most of them spell it, so
that nothing is read there which somebody took back, or which one person alone wrote. However many
words are typed, the index is asked a fixed number of questions.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.database import fulltext
from civic.database.fulltext import Question
from civic.finding.names import names_of
from civic.lists.pages import Page
from civic.search.operations import LONG_WORD
from civic.search.queries import Search, find_near_words
from civic.text.folding import fold
from civic.text.stems import term_stems

FEW = 5
"""A word that so many hold is no error; one proposed instead is held by so many."""
MOST_WORDS = 6
"""Of the long words of a search so many are looked at, the first ones."""
MOST_TRIED = 4
_MOST_READ = 40
_MOST_ERRORS = 2

_WORD = re.compile(r"[^\W\d_]+")


def suggestion(session: Session, text: str, search: Search) -> str | None:
    """Return ``text`` with one word spelled otherwise, by which much more is found; or None."""
    if search.answers >= FEW:
        return None
    corrected = {fold(typed) for typed, _ in search.corrections}
    places: dict[str, re.Match[str]] = {}
    for match in _WORD.finditer(text):
        word = fold(match.group())
        if len(word) >= LONG_WORD and word not in corrected and len(places) < MOST_WORDS:
            places.setdefault(word, match)
    for word, other in _candidates(session, list(places)):
        if spelled := _spelled(session, other):
            match = places[word]
            return text[: match.start()] + spelled + text[match.end() :]
    return None


def corrections_as_written(session: Session, page: Page) -> list[tuple[str, str]]:
    """Return the corrections of ``page``, each word as its rows spell it: with its accents."""
    if not page.corrections:
        return []
    names = names_of(session)
    texts: list[str] = []
    for item in page.items:
        category = names.categories.get(item.row.category_id)
        area = names.areas.get(item.row.area_id or 0)
        texts += [item.row.title, item.row.body, item.row.address]
        texts += [category.name if category else "", area.name if area else ""]
    return [(typed, _most_common(texts, word, least=1) or word) for typed, word in page.corrections]


def _candidates(session: Session, words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (word that few hold, word near it that enough hold), MOST_TRIED at most."""
    near = find_near_words(session, words, most_errors=_MOST_ERRORS)
    pairs = [(word, other) for word in words for other in near[word][:MOST_TRIED]]
    asked = list(dict.fromkeys(each for pair in pairs for each in pair))
    held = dict(
        zip(asked, fulltext.count_each(session, [_question(w) for w in asked], FEW), strict=True)
    )
    likely = [pair for pair in pairs if held[pair[0]] < FEW <= held[pair[1]]]
    yield from likely[:MOST_TRIED]


def _spelled(session: Session, word: str) -> str | None:
    """Return ``word`` as most of the youngest that hold it spell it; None if fewer than FEW do."""
    among = fulltext.youngest(session, _question(word), _MOST_READ).subquery()
    columns = (Contribution.title, Contribution.body, Contribution.address)
    rows = session.execute(
        select(*columns).where(Contribution.id.in_(select(among.c.id)), IS_PUBLISHED)
    )
    return _most_common((" ".join(texts) for texts in rows), word, least=FEW)


def _most_common(texts: Iterable[str], word: str, *, least: int) -> str | None:
    """Return how most of ``texts`` spell the folded ``word``; None if fewer than ``least`` do."""
    held: Counter[str] = Counter()
    for text in texts:
        found = {each.lower() for each in _WORD.findall(text)}
        held.update(each for each in found if fold(each) == word)
    return held.most_common(1)[0][0] if held.total() >= least else None


def _question(word: str) -> Question:
    return Question((tuple(term_stems(word)),))
