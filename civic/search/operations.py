"""Keeping what can be found: terms of texts go in, and out again, with the caller's transaction."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from civic.database import add_missing, fulltext
from civic.search.models import SearchWord, SearchWordVariant
from civic.text.stems import term_stems, words

LONG_WORD = 6
"""From so many letters on, a word is also found with one typing error."""
LONGEST_WORD = 40
LAST_LETTER = "\U0010ffff"

_ASKED_AT_ONCE = 400
_OFTEN_REPEATED = 120
"""Texts up to so many characters (titles, streets, categories, areas) come again and again."""


def put_texts(
    session: Session, rows: Mapping[int, Sequence[str]], codes: Mapping[int, Sequence[str]]
) -> None:
    """Let each row be found by the words of its texts and its ``codes``, and no longer by others.

    Codes are terms already; none is a word that anything is completed or corrected to.
    """
    before = fulltext.terms_of(session, list(rows))
    terms: dict[int, Collection[str]] = {}
    vocabulary: set[str] = set()
    for key, texts in rows.items():
        found = set(codes.get(key, ()))
        for text in texts:
            if text:
                read = _terms_of_repeated if len(text) <= _OFTEN_REPEATED else _terms_of
                its_terms, its_words = read(text)
                found |= its_terms
                vocabulary |= its_words
        terms[key] = found
    fulltext.put_many(session, terms)
    learn(session, vocabulary)
    lost = (stored - set(fulltext.stored(terms[key])) for key, stored in before.items())
    forget(session, set().union(*lost))


def _terms_of(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the terms of a text, and its words for the vocabulary."""
    terms: set[str] = set()
    vocabulary: set[str] = set()
    for word in words(text):
        stems = _terms_of_word(word)
        terms |= stems
        if stems and word.isalpha():
            vocabulary |= stems
            vocabulary.add(word)
    return frozenset(terms), frozenset(vocabulary)


_terms_of_repeated = lru_cache(maxsize=16_384)(_terms_of)


@lru_cache(maxsize=32_768)
def _terms_of_word(word: str) -> frozenset[str]:
    return frozenset(stem for alternatives in term_stems(word) for stem in alternatives)


def remove(session: Session, keys: Sequence[int]) -> None:
    """Let the rows not be found any more."""
    before = fulltext.terms_of(session, keys)
    fulltext.delete(session, keys)
    forget(session, set().union(*before.values()))


def tidy(session: Session, commit: Callable[[], None]) -> None:
    """Keep both indexes quick after many changes; what they answer stays the same.

    In short steps, each committed, so that others write in between. What was taken out leaves them
    for good.
    """
    for index in (fulltext.PUBLIC, fulltext.DESK):
        begins = True
        while fulltext.merge_some(session, begins=begins, index=index):
            commit()
            begins = False
        commit()


def forget_words(session: Session) -> None:
    """Empty the vocabulary, before it is made anew."""
    session.execute(delete(SearchWordVariant))
    session.execute(delete(SearchWord))


def keep_only(session: Session, ids: Select[int]) -> None:
    """Let nothing but ``ids`` be found."""
    fulltext.keep_only(session, ids)


def learn(session: Session, vocabulary: Iterable[str]) -> None:
    """Remember words, with what a typing error may make of the long ones."""
    wanted = sorted(word for word in vocabulary if len(word) <= LONGEST_WORD)
    known: set[str] = set()
    for start in range(0, len(wanted), _ASKED_AT_ONCE):
        some = wanted[start : start + _ASKED_AT_ONCE]
        known.update(session.scalars(select(SearchWord.word).where(SearchWord.word.in_(some))))
    unknown = [word for word in wanted if word not in known]
    add_missing(session, SearchWord, ("word",), [(word,) for word in unknown])
    add_missing(
        session,
        SearchWordVariant,
        ("variant", "word"),
        [
            (variant, word)
            for word in unknown
            if len(word) >= LONG_WORD
            for variant in sorted(variants(word))
        ],
    )


def forget(session: Session, terms: Collection[str]) -> None:
    """Forget the words of those stored ``terms`` that nothing is found by any more."""
    # What holds a digit was never learnt: numbers and references, of which there are many.
    learnt = {term for term in terms if term.isalpha() or fulltext.is_spelled_out(term)}
    gone = fulltext.unheld(session, learnt)
    words_gone = {word for word in _words_near(session, gone) if _is_gone(session, word, gone)}
    for start in range(0, len(words_gone), _ASKED_AT_ONCE):
        some = sorted(words_gone)[start : start + _ASKED_AT_ONCE]
        session.execute(delete(SearchWordVariant).where(SearchWordVariant.word.in_(some)))
        session.execute(delete(SearchWord).where(SearchWord.word.in_(some)))


def _words_near(session: Session, stems: Iterable[str]) -> set[str]:
    """Return the known words that begin as one of ``stems`` does, but for its last letters."""
    found: set[str] = set()
    for stem in stems:
        beginning = stem[: max(3, len(stem) - 2)]
        near = SearchWord.word.between(beginning, beginning + LAST_LETTER)
        found.update(session.scalars(select(SearchWord.word).where(near)))
    return found


def _is_gone(session: Session, word: str, gone: Collection[str]) -> bool:
    its = set(fulltext.stored({word, *_terms_of_word(word)}))
    return not its.isdisjoint(gone) and its <= {*gone, *fulltext.unheld(session, its - set(gone))}


def variants(word: str) -> set[str]:
    """Return ``word`` and what is left of it without one of its letters.

    Two words that differ by one letter changed, missing, added or swapped with its neighbour have
    one of these in common.
    """
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}
