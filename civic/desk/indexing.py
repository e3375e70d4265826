"""What a case is found by at the desk alone, in an index of its own, kept in step.

The public index holds what everybody may read. This one holds the rest, whatever the state of the
case: who wrote and how to reach them, notes, sentences, comments, letters, answers, parts of the
reference. What is written past the session's objects is told to :func:`index_cases`, or found by
:func:`index_missing`.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, event, inspect, select, union_all
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.comments.models import Comment
from civic.contributions.models import Contribution, ModerationState, StatusChange
from civic.database import fulltext, table_of
from civic.database.fulltext import DESK, Beginning, Question
from civic.desk.models import InternalNote
from civic.incidents.models import Incident
from civic.messages.models import Message
from civic.people.models import Person, PersonContact
from civic.text.stems import term_stems, words
from civic.text.telephones import asked_terms, number_terms, split_parts

BATCH = 200
_PENDING = "desk_cases_to_index"
_TRACKED = {
    "moderation_state",
    "title",
    "body",
    "address",
    "answers",
    "precisions",
    "author_id",
    "person_id",
    "forwarded_to",
}
_OF_CASES = (InternalNote, StatusChange, Comment, Message)


@dataclass(frozen=True, slots=True)
class Asked:
    """One word, or one part of a number, that is looked for: as it is typed, and of the desk."""

    text: str
    question: Question


def terms_of(text: str) -> set[str]:
    """Return what a text is found by: its words, their stems, and the parts of its numbers."""
    found = number_terms(text)
    for word in words(text):
        stems = {stem for alternatives in term_stems(word) for stem in alternatives}
        found |= stems | ({word} if stems else set())
    return found


def asked_of(text: str, most: int) -> list[Asked]:
    """Return what is looked for, each of which a case has to hold; ``most`` of them.

    Digits may be a part of a number, or the words that they are (a year, a postcode).
    """
    parts, rest = split_parts(text)
    asked = []
    for part in parts[:most]:
        of_number = tuple(Beginning(term) for term in asked_terms(part))
        its_words = list(words(part))[:most]
        # Of several, each whole: « 3 99 » is nothing that a 33 and a 99 answer.
        in_words = [_answers_to(word) if len(its_words) == 1 else (word,) for word in its_words]
        asked.append(Asked(part, Question(((of_number,), tuple(in_words)))))
    asked += (
        Asked(word, Question(((terms,),)))
        for word in dict.fromkeys(words(rest))
        if (terms := _answers_to(word))
    )
    return asked[:most]


def _answers_to(word: str) -> tuple[str, ...]:
    """Return the terms any of which answers a word; none for one that is in every text."""
    stems = tuple(stem for alternatives in term_stems(word) for stem in alternatives)
    begins = (Beginning(word),) if word.isascii() and word.isalnum() else ()
    return (*stems, *begins) if stems else ()


def index_cases(session: Session, ids: Iterable[int]) -> None:
    """Bring the index in step with the stored cases ``ids``."""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), BATCH):
        some = wanted[start : start + BATCH]
        fulltext.put_many(session, _terms_of_cases(session, some), DESK)


def index_missing(session: Session, commit: Callable[[], None]) -> int:
    """Index the cases that nobody has told of, in batches, each committed; return how many."""
    case = table_of(Contribution)
    here = fulltext.key_of(session, DESK)
    missing = select(case.c.id).where(~fulltext.rows(DESK).where(here == case.c.id).exists())
    done = 0
    while ids := session.scalars(missing.limit(BATCH)).all():
        index_cases(session, ids)
        commit()
        done += len(ids)
    return done


def listen() -> None:
    """Keep the index in step with every commit; listening again changes nothing."""
    if not event.contains(Session, "before_commit", _before_commit):
        event.listen(Session, "after_flush", _after_flush)
        event.listen(Session, "before_commit", _before_commit)
        event.listen(Session, "after_rollback", _forget)


def _terms_of_cases(session: Session, ids: Sequence[int]) -> dict[int, set[str]]:
    terms: dict[int, set[str]] = defaultdict(set)
    case = table_of(Contribution)
    known = select(case.c.id, case.c.reference, case.c.answers).where(case.c.id.in_(ids))
    for id, reference, answers in session.execute(known):
        code = re.sub("[^0-9a-z]", "", reference.lower())
        # Looked for by its beginning, each end of it is found by any part of it.
        terms[id] |= {code[at:] for at in range(len(code) - 1)}
        terms[id] |= terms_of(" ".join(str(value) for value in (answers or {}).values()))
    for id, text in session.execute(_texts(ids)):
        if text:
            terms[id] |= terms_of(text)
    seen = select(case.c.id, case.c.title, case.c.body).where(
        case.c.id.in_(ids), case.c.moderation_state == ModerationState.PUBLISHED
    )
    for id, title, body in session.execute(seen):
        terms[id] |= number_terms(f"{title}\n\n{body}")
    return dict(terms)


def _texts(ids: Sequence[int]) -> Select[Any]:
    """Return (case, text) of all that is written in these cases and about who wrote them."""
    case, incident = table_of(Contribution), table_of(Incident)
    account, person, contact = table_of(Account), table_of(Person), table_of(PersonContact)
    of_author = case.join(account, account.c.id == case.c.author_id)
    of_person = case.join(person, person.c.id == case.c.person_id)
    of_contact = case.join(contact, contact.c.person_id == case.c.person_id)
    unseen = case.c.moderation_state != ModerationState.PUBLISHED
    arms = [
        *(select(case.c.id, case.c[name]).where(unseen) for name in ("title", "body", "address")),
        select(case.c.id, case.c.forwarded_to),
        select(case.c.id, account.c.display_name).select_from(of_author),
        select(case.c.id, account.c.email).select_from(of_author),
        select(case.c.id, person.c.name).select_from(of_person),
        select(case.c.id, contact.c.value).select_from(of_contact),
    ]
    arms = [arm.where(case.c.id.in_(ids)) for arm in arms]
    arms.append(select(incident.c.id, incident.c.precisions).where(incident.c.id.in_(ids)))
    for model, name in ((InternalNote, "body"), (StatusChange, "sentence"), (Message, "body")):
        written = table_of(model)
        here = written.c.contribution_id.in_(ids)
        arms.append(select(written.c.contribution_id, written.c[name]).where(here))
    comment = table_of(Comment)
    arms.append(
        select(comment.c.contribution_id, comment.c.body).where(
            comment.c.contribution_id.in_(ids),
            comment.c.moderation_state == ModerationState.PUBLISHED,
        )
    )
    both = union_all(*arms).subquery()
    return select(*both.c)


def _after_flush(session: Session, _context: Any) -> None:
    pending: set[int] = session.info.setdefault(_PENDING, set())
    changed = [*session.new, *session.dirty, *session.deleted]
    pending.update(
        item.id
        for item in changed
        if isinstance(item, Contribution) and (item in session.new or _has_changed(item, _TRACKED))
    )
    written = (item.contribution_id for item in changed if isinstance(item, _OF_CASES))
    pending.update(id for id in written if id is not None)
    pending.update(_cases_of_people(session, changed))
    gone = [item.id for item in session.deleted if isinstance(item, Contribution)]
    if gone:
        fulltext.delete(session, gone, DESK)
        pending.difference_update(gone)


def _cases_of_people(session: Session, changed: Iterable[object]) -> set[int]:
    """Return the cases of those among ``changed`` who are called or reached otherwise now."""
    case = table_of(Contribution)
    accounts, people = set(), set()
    for item in changed:
        if isinstance(item, Account) and _has_changed(item, {"email", "display_name"}):
            accounts.add(item.id)
        elif isinstance(item, Person):
            people.add(item.id)
        elif isinstance(item, PersonContact):
            people.add(item.person_id)
    found: set[int] = set()
    for column, ids in ((case.c.author_id, accounts), (case.c.person_id, people)):
        if ids:
            of_them = select(case.c.id).where(column.in_(ids))
            found.update(session.connection().scalars(of_them))
    return found


def _before_commit(session: Session) -> None:
    session.flush()
    pending = session.info.pop(_PENDING, None)
    if pending:
        index_cases(session, pending)


def _forget(session: Session) -> None:
    session.info.pop(_PENDING, None)


def _has_changed(item: object, names: set[str]) -> bool:
    state = inspect(item)
    return any(
        attribute.key in names and attribute.history.has_changes() for attribute in state.attrs
    )
