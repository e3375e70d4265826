"""The inverted index, on both engines: rows of terms, and questions about them.

Terms are cut by civic.text.stems and stored as they are: neither engine's own tokenizer, stemmer
or order of relevance is used, so both find the same rows. The embedded engine keeps them in an
FTS5 table whose rowid is the key, the other in a table of ``tsvector`` with a GIN index. There are
two of them, PUBLIC and DESK; a function that names none is about the public one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    TextClause,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
    true,
    union_all,
)
from sqlalchemy import delete as delete_from
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import InstrumentedAttribute, Session

from civic.database.tables import hidden_from_planner

PUBLIC: Final = "contribution_text"
"""The index of what everybody may read."""
DESK: Final = "desk_text"
"""The index of what is read at the desk alone: its words are nowhere in the other."""
_ROWS_A_STATEMENT = 500
_MERGED_PAGES = 200
_SOMETHING_WAS_MERGED = 2
"""Changes: what the embedded engine counts for a merge that found nothing to do is one."""
_ROW_BY_ROW = 100_000
"""Answers: looking up so many takes the embedded engine about as long as asking row by row."""

_SPELLED_OUT = "u8"
_KEYS: BindParameter[int] = bindparam("keys", expanding=True)


@cache
def _putting(index: str) -> TextClause:
    return text(
        f"INSERT INTO {index} (id, terms) "  # noqa: S608 (one of our two names)
        "SELECT key, array_to_tsvector(string_to_array(texts, ' ')) "
        "FROM unnest(CAST(:keys AS bigint[]), CAST(:texts AS text[])) AS put (key, texts) "
        "ON CONFLICT (id) DO UPDATE SET terms = excluded.terms"
    )


@cache
def _deleting(index: str, key: str) -> TextClause:
    return text(f"DELETE FROM {index} WHERE {key} IN :keys").bindparams(_KEYS)  # noqa: S608 (ours)


class Beginning(str):
    """In a question: any term that begins so (ASCII letters and digits only)."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: any of the ways, a way being words that must all be there.

    Each word is the tuple of terms, or beginnings of terms, any of which answers it. Without a way
    nothing is found.
    """

    ways: tuple[tuple[tuple[str, ...], ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.ways)


def put(session: Session, key: int, terms: Collection[str]) -> None:
    """Make the row ``key`` found by ``terms`` (letters and digits only), and by nothing else."""
    put_many(session, {key: terms})


def put_many(session: Session, rows: Mapping[int, Collection[str]], index: str = PUBLIC) -> None:
    """Do :func:`put` for many rows, in either index."""
    if not rows:
        return
    # In the order of keys: two writers that meet wait for each other and do not deadlock.
    keys = sorted(rows)
    texts = [" ".join(stored(rows[key])) for key in keys]
    if not _is_embedded(session):
        session.connection().execute(_putting(index), {"keys": keys, "texts": texts})
        return
    delete(session, keys, index)
    pairs = list(zip(keys, texts, strict=True))
    put_pair = f"INSERT INTO {index} (rowid, terms) VALUES (?, ?)"  # noqa: S608 (ours)
    session.connection().exec_driver_sql(put_pair, pairs)


def delete(session: Session, keys: Sequence[int], index: str = PUBLIC) -> None:
    """Let the rows ``keys`` not be found any more."""
    statement = _deleting(index, "rowid" if _is_embedded(session) else "id")
    for start in range(0, len(keys), _ROWS_A_STATEMENT):
        session.connection().execute(statement, {"keys": keys[start : start + _ROWS_A_STATEMENT]})


def terms_of(session: Session, keys: Sequence[int]) -> dict[int, set[str]]:
    """Return what each of the rows ``keys`` is found by now, spelled as it is stored."""
    if _is_embedded(session):
        text_of: Any = column("terms")
    else:
        text_of = func.array_to_string(func.tsvector_to_array(column("terms")), " ")
    found: dict[int, set[str]] = {}
    for start in range(0, len(keys), _ROWS_A_STATEMENT):
        some = keys[start : start + _ROWS_A_STATEMENT]
        rows = select(_key(session), text_of).select_from(table(PUBLIC))
        for key, terms in session.execute(rows.where(_key(session).in_(some))):
            found[key] = set(terms.split())
    return found


def unheld(session: Session, terms: Collection[str]) -> set[str]:
    """Return those of the stored ``terms`` by which no row is found any more."""
    return {
        term
        for term in terms
        if session.execute(found(session, Question((((term,),),))).limit(1)).first() is None
    }


def merge_some(session: Session, *, begins: bool, index: str = PUBLIC) -> bool:
    """Merge a part of what many writes left in pieces; return whether there is more to do.

    ``begins`` says that it is the first of them: all pieces are then to become one, and what was
    deleted leaves the index for good.
    """
    if not _is_embedded(session):
        return False
    driver: Any = session.connection().connection.driver_connection
    before = driver.total_changes
    pages = -_MERGED_PAGES if begins else _MERGED_PAGES
    command = f"INSERT INTO {index} ({index}, rank) VALUES ('merge', ?)"  # noqa: S608 (ours)
    session.connection().exec_driver_sql(command, (pages,))
    changes: int = driver.total_changes - before
    return changes >= _SOMETHING_WAS_MERGED


def keep_only(session: Session, keys: Select[int]) -> None:
    """Let no other rows be found than ``keys``."""
    key = _key(session)
    session.execute(delete_from(table(PUBLIC)).where(key.not_in(keys)))


def found(session: Session, question: Question, index: str = PUBLIC) -> Select[Any]:
    """Return a selection of the keys that answer ``question``."""
    key, condition = _key(session, index), _matches(session, question, index)
    return select(key.label("id")).select_from(table(index)).where(condition)


def key_of(session: Session, index: str) -> ColumnElement[int]:
    """Return the column that holds the key of a row of ``index``."""
    return _key(session, index)


def rows(index: str) -> Select[Any]:
    """Return a selection of the rows of ``index``."""
    return select(literal_column("1")).select_from(table(index))


def is_found(
    session: Session, question: Question, key: InstrumentedAttribute[int], *, answers: int
) -> ColumnElement[bool]:
    """Return the condition that the row ``key`` of the outer query answers ``question``.

    For a list that is read in its own order and ends early. ``answers``: how many rows do. Asked
    row by row, but the embedded engine, which takes the question in anew for each row, looks all
    answers up beforehand where they are few.
    """
    outer = key.class_.__table__
    here = table(PUBLIC)
    if _is_embedded(session):
        if answers < _ROW_BY_ROW:
            looked_up: ColumnElement[bool] = hidden_from_planner(key).in_(found(session, question))
            return looked_up
        answer: Select[Any] = select(literal_column("1")).select_from(here)
        answer = answer.where(_key(session) == key, _matches(session, question))
        return answer.correlate(outer).exists()
    # As a value and not as EXISTS: the planner would turn that into a join of all answers.
    value = select(_matches(session, question)).select_from(here).where(_key(session) == key)
    condition: ColumnElement[bool] = value.correlate(outer).scalar_subquery().is_(true())
    return condition


def count_found(
    session: Session, question: Question, most: int
) -> tuple[int, tuple[int, ...] | None]:
    """Return how many rows answer ``question``, and their keys unless they are more than ``most``.

    The keys come in no order.
    """
    if not question:
        return 0, ()
    answers = found(session, question)
    if _is_embedded(session):
        keys = session.scalars(answers.limit(most + 1)).all()
        count = len(keys)
        if count > most:
            count = session.scalar(select(func.count()).select_from(answers.subquery())) or 0
    else:
        # Asked once and looked at twice: the rows have to be visited for either.
        once = answers.cte().prefix_with("MATERIALIZED", dialect="postgresql")
        some = func.array(select(once.c.id).limit(most + 1).scalar_subquery())
        count, keys = session.execute(
            select(select(func.count()).select_from(once).scalar_subquery(), some)
        ).one()
    return count, tuple(keys) if count <= most else None


def youngest(session: Session, question: Question, most: int) -> Select[Any]:
    """Return a selection of the ``most`` highest keys that answer ``question``."""
    return found(session, question).order_by(_key(session).desc()).limit(most)


def count_each(session: Session, questions: Sequence[Question], most: int) -> list[int]:
    """Return for each of the questions how many rows answer it, ``most`` at most: one query."""
    arms = [
        select(literal(number), func.count()).select_from(
            found(session, question).limit(most).subquery()
        )
        for number, question in enumerate(questions)
    ]
    counted: dict[int, int] = dict(session.execute(union_all(*arms)).all()) if arms else {}
    return [counted[number] for number in range(len(questions))]


def _is_embedded(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _key(session: Session, index: str = PUBLIC) -> ColumnElement[int]:
    return literal_column(f"{index}.{'rowid' if _is_embedded(session) else 'id'}")


def _matches(session: Session, question: Question, index: str = PUBLIC) -> ColumnElement[bool]:
    if _is_embedded(session):
        return literal_column(index).op("MATCH", is_comparison=True)(
            _spelled(question, '"', '"*', " OR ", " AND ")
        )
    asked = cast(_spelled(question, "'", "':*", " | ", " & "), TSQUERY)
    return column("terms").op("@@", is_comparison=True)(asked)


def _spelled(question: Question, quote: str, begins: str, any_of: str, all_of: str) -> str:
    def word_of(terms: Sequence[str]) -> str:
        whole = stored([term for term in terms if not isinstance(term, Beginning)])
        begun = [f"{quote}{term}{begins}" for term in terms if isinstance(term, Beginning)]
        return any_of.join([*(f"{quote}{term}{quote}" for term in whole), *begun])

    ways = []
    for way in question.ways:
        words = [word_of(terms) for terms in way]
        ways.append(all_of.join(f"({word})" for word in words))
    return any_of.join(f"({way})" for way in ways)


def stored(terms: Collection[str]) -> list[str]:
    """Return how terms are spelled in the index.

    ASCII only, so that no tokenizer has an opinion on what a letter is.
    """
    return sorted({t if t.isascii() else f"{_SPELLED_OUT}{t.encode().hex()}" for t in terms})


def is_spelled_out(term: str) -> bool:
    """Say whether the stored ``term`` stands for one with other letters than ASCII's."""
    return term.startswith(_SPELLED_OUT)
