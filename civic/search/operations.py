"""Keeping what can be found: terms of texts go in, and out again, with the caller's transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from civic.database import add_missing, fulltext
from civic.search.models import SearchWord, SearchWordVariant
from civic.text.stems import term_stems, words

LONG_WORD = 6
"""From so many letters on, a word is also found with one typing error."""
LONGEST_WORD = 40

_ASKED_AT_ONCE = 400
_OFTEN_REPEATED = 120
"""Texts up to so many characters (titles, streets, categories, areas) come again and again."""


def put_texts(session: Session, rows: Mapping[int, Sequence[str]]) -> None:
    """Let each row be found by the words of its texts, and no longer by others."""
    terms: dict[int, Collection[str]] = {}
    vocabulary: set[str] = set()
    for key, texts in rows.items():
        found: set[str] = set()
        for text in texts:
            if text:
                read = _terms_of_repeated if len(text) <= _OFTEN_REPEATED else _terms_of
                its_terms, its_words = read(text)
                found |= its_terms
                vocabulary |= its_words
        terms[key] = found
    fulltext.put_many(session, terms)
    learn(session, vocabulary)


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
    fulltext.delete(session, keys)


def tidy(session: Session) -> None:
    """Keep the index quick after many changes; what it answers stays the same."""
    fulltext.tidy(session)


def forget_all(session: Session) -> None:
    """Empty the index and its vocabulary, before they are made anew."""
    fulltext.clear(session)
    session.execute(delete(SearchWordVariant))
    session.execute(delete(SearchWord))


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


def variants(word: str) -> set[str]:
    """Return ``word`` and what is left of it without one of its letters.

    Two words that differ by one letter changed, missing, added or swapped with its neighbour have
    one of these in common.
    """
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}
