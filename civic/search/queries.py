"""Finding rows by their words: the same answers on both engines."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import OSA
from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from civic.database import fulltext
from civic.database.fulltext import Beginning, Question
from civic.database.tables import is_among
from civic.search.models import SearchWord, SearchWordVariant
from civic.search.operations import LAST_LETTER, LONG_WORD, LONGEST_WORD, variants
from civic.text.addresses import address_key
from civic.text.folding import fold
from civic.text.references import asked_parts
from civic.text.sounds import respellings
from civic.text.stems import term_stems, words

MOST_WORDS = 12
MOST_CHARACTERS = 400
SHORTEST_BEGINNING = 3
MOST_COMPLETIONS = 64
MOST_CORRECTIONS = 8
COMMON = 2_000
"""More than so many are not sorted for a page: a list is read in its own order instead."""


@dataclass(frozen=True, slots=True)
class Search:
    """A question, understood: what to ask the index, and what was taken for a typing error.

    ``corrections`` are (as typed, as understood). ``answers`` is how many rows answer it, ``ids``
    are theirs where they are not too many.
    """

    question: Question
    answers: int
    ids: tuple[int, ...] | None
    corrections: tuple[tuple[str, str], ...] = ()

    @property
    def are_few(self) -> bool:
        """Whether the answers are few enough to be looked at each."""
        return self.ids is not None


def get_search(session: Session, text: str) -> Search:
    """Return what ``text`` asks for.

    Every word has to be there: as itself by its stem, the last one also as the beginning of a
    word, and one that nothing holds as a beginning or with one typing error. An address is
    also looked for as it is written in full (« av gal » is « avenue général »), and what may be
    the beginning of a reference as that.
    """
    question, corrections = _question(session, text)
    answers, ids = fulltext.count_found(session, question, COMMON)
    return Search(question, answers, ids, corrections)


def matching(session: Session, text: str) -> Select[Any]:
    """Return a selection of the ids of the contributions that hold every word of ``text``."""
    question, _ = _question(session, text)
    return _ids(session, question)


def condition(
    session: Session, search: Search, key: InstrumentedAttribute[int], *, in_order: bool
) -> ColumnElement[bool]:
    """Return the condition that the row ``key`` answers.

    ``in_order``: the rows come along an order and few of them are needed; where many answer, each
    is then asked for itself. Otherwise all answers are looked up first.
    """
    if search.ids is not None:
        among: ColumnElement[bool] = is_among(session, key, search.ids)
        return among
    if in_order:
        return fulltext.is_found(session, search.question, key, answers=search.answers)
    return key.in_(answering(session, search))


def answering(session: Session, search: Search) -> Select[Any]:
    """Return a selection of the ids of the contributions that answer."""
    return _ids(session, search.question)


def _ids(session: Session, question: Question) -> Select[Any]:
    if not question:
        return select(literal(0).label("id")).where(literal(value=False))
    return fulltext.found(session, question)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the question; ``stems`` any of which answers it."""

    text: str
    stems: tuple[str, ...]
    is_last: bool

    @property
    def may_be_beginning(self) -> bool:
        return len(self.text) >= SHORTEST_BEGINNING and self.text.isalpha()


def _question(session: Session, text: str) -> tuple[Question, tuple[tuple[str, str], ...]]:
    text = text.replace("\x00", " ")[:MOST_CHARACTERS]
    asked = list(_words_of(text))
    if not asked:
        return Question(), ()
    answers = _vocabulary(session, asked)
    unknown = [
        word
        for word in asked
        if not answers[word.text] and word.text.isalpha() and len(word.text) >= LONG_WORD
    ]
    corrected = _corrections(session, unknown) if unknown else {}
    way = tuple(
        _stems_of(answers[word.text] or corrected.get(word.text, ())) or word.stems
        if word.may_be_beginning
        else word.stems
        for word in asked
    )
    ways = [way]
    in_full = _words_of(address_key(text))
    other = tuple(word.stems for word in in_full)
    if other and other != tuple(word.stems for word in asked):
        ways.append(other)
    if parts := asked_parts(text):
        ways.append((tuple(Beginning(part) for part in parts),))
    typed = {fold(each): each for each in text.split()}
    shown = tuple(
        (typed.get(word.text, word.text), corrected[word.text][0])
        for word in unknown
        if word.text in corrected
    )
    return Question(tuple(ways)), shown


def _words_of(text: str) -> list[_Word]:
    found: dict[str, tuple[str, ...]] = {}
    last = ""
    for word in words(text):
        for stems in term_stems(word):
            found[word] = stems
            last = word
        if len(found) >= MOST_WORDS:
            break
    return [_Word(word, stems, word == last) for word, stems in found.items()]


def _vocabulary(session: Session, asked: Sequence[_Word]) -> dict[str, list[str]]:
    """Return the known words that each word of the question may stand for, in one query."""
    arms: list[Select[str, str]] = []
    alphabetic = [word for word in asked if word.may_be_beginning]
    for word in alphabetic:
        arms.append(
            select(literal(word.text).label("asked"), SearchWord.word).where(
                SearchWord.word.in_(word.stems)
            )
        )
        completions = (
            select(SearchWord.word)
            .where(SearchWord.word >= word.text, SearchWord.word < word.text + LAST_LETTER)
            .order_by(func.length(SearchWord.word), SearchWord.word)
            .limit(MOST_COMPLETIONS)
            .subquery()
        )
        arms.append(select(literal(word.text).label("asked"), completions.c.word))
    found: dict[str, list[str]] = {word.text: [] for word in asked}
    if arms:
        for asked_word, known in session.execute(union_all(*arms)):
            found[asked_word].append(known)
    for word in alphabetic:
        itself = [known for known in found[word.text] if known in word.stems]
        if itself and not word.is_last:
            found[word.text] = itself
    return found


def _corrections(session: Session, unknown: Sequence[_Word]) -> dict[str, tuple[str, ...]]:
    """Return the known words that are one typing error away, the likeliest first."""
    near_each = find_near_words(session, [word.text for word in unknown])
    return {text: near[:MOST_CORRECTIONS] for text, near in near_each.items() if near}


def find_near_words(
    session: Session, texts: Sequence[str], *, most_errors: int = 1
) -> dict[str, tuple[str, ...]]:
    """Return for each of ``texts``, folded words, the known words and stems that it may have meant.

    The likeliest first; all are looked up in one query. A syllable that sounds the same
    (« lampadère ») is one error, as is a letter. Of more than one error not all words are found.
    """
    table = SearchWordVariant
    possible = {text: _possible(text[:LONGEST_WORD]) for text in texts}
    wanted = sorted(set().union(*possible.values()))
    known: dict[str, set[str]] = {}
    for variant, word in session.execute(
        select(table.variant, table.word).where(table.variant.in_(wanted))
    ):
        known.setdefault(variant, set()).add(word)
    return {
        text: _nearest(
            text[:LONGEST_WORD],
            set().union(*(known.get(variant, set()) for variant in possible[text])),
            most_errors,
        )
        for text in texts
    }


def _possible(word: str) -> set[str]:
    return {*variants(word), *respellings(word)}


def _nearest(word: str, known: Collection[str], most_errors: int) -> tuple[str, ...]:
    respelled = set(respellings(word))
    errors = {
        other: 1 if other in respelled else OSA.distance(word, other, score_cutoff=most_errors)
        for other in known
    }
    near = [other for other in known if errors[other] <= most_errors]
    # Of a word and its stem the word: it is shown.
    near.sort(key=lambda other: (errors[other], abs(len(other) - len(word)), -len(other), other))
    return tuple(near)


def _stems_of(known: Sequence[str]) -> tuple[str, ...]:
    """Return the stems of words; those that are stems already come back as they are."""

    def all_stems() -> Iterator[str]:
        for word in known:
            yield word
            for stems in term_stems(word):
                yield from stems

    return tuple(dict.fromkeys(all_stems()))
