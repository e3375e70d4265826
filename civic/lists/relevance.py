"""The most relevant first: how well the words of a search are met, the same on both engines.

An answer holds every word already. What counts is where: as typed in the title before in another
form, in the title before in the names of the place and the category, and there before in the
text alone. A title that says the words together, and little else, comes before one that does not;
of two alike the newer. Reckoned here and not by an engine, whose orders differ.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.finding.filters import ContributionFilter, Sort
from civic.finding.names import names_of
from civic.lists.narrowing import conditions_of
from civic.lists.pages import COLUMNS, C, Cursor, Item, Page, neighbours
from civic.search.queries import Search
from civic.text.addresses import address_key
from civic.text.folding import fold
from civic.text.references import normalise_reference
from civic.text.stems import stems, term_stems

AS_TYPED = 100
"""Points for a word that the title holds as it was typed, but for its ending."""
IN_TITLE = 70
"""For one that the title holds completed or with the typing error mended."""
IN_NAMES = 30
"""For one that the street, the area or the category holds."""
TOGETHER = 60
"""For the words one after the other in the title, once."""
FILLING = 40
"""For a title of which they are all, once; of which they are half, half of it."""

EXACT = 1_000
"""For the one whose reference was typed."""

_MOMENTS = 1 << 52
"""More microseconds than a moment may have: a key is the points, then the moment."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Sought(NamedTuple):
    """The words of a search: as typed, and each with all that stands for it (see ``Question``)."""

    folded: str
    typed: tuple[frozenset[str], ...]
    ways: tuple[tuple[tuple[str, ...], ...], ...]


def sought_by(text: str, search: Search) -> Sought:
    """Return what is sought by ``text``, understood as ``search``."""
    typed = tuple(frozenset(word) for word in term_stems(text))
    return Sought(" ".join(fold(text).split()), typed, search.question.ways)


def points(sought: Sought, title: str, names: Sequence[str]) -> int:
    """Return how relevant an answer is: its ``title`` and the ``names`` of its place and category.

    Between 0 and ``AS_TYPED`` + ``TOGETHER`` + ``FILLING``.
    """
    in_title = _stems(title)
    in_names = frozenset().union(*(_stems(name) for name in names))
    typed = frozenset().union(*sought.typed) & in_title
    best = 0
    for way in sought.ways:
        worth = sum(_worth(word, typed, in_title, in_names) for word in way)
        met = sum(1 for word in way if not in_title.isdisjoint(word))
        filled = FILLING * met // max(len(term_stems(title)), met, 1)
        best = max(best, worth // max(len(way), 1) + filled)
    together = len(sought.typed) > 1 and sought.folded in fold(title)
    return best + (TOGETHER if together else 0)


def _worth(
    word: Sequence[str],
    typed: frozenset[str],
    in_title: frozenset[str],
    in_names: frozenset[str],
) -> int:
    if not typed.isdisjoint(word):
        return AS_TYPED
    if not in_title.isdisjoint(word):
        return IN_TITLE
    return 0 if in_names.isdisjoint(word) else IN_NAMES


@lru_cache(maxsize=16_384)
def _stems(text: str) -> frozenset[str]:
    return frozenset(stems(text))


def relevant_page(
    session: Session, asked: ContributionFilter, search: Search, total: int, size: int
) -> Page:
    """Return the page after the cursor of ``asked``, the most relevant first.

    For a search whose answers are few enough to be looked at each (``search.ids``).
    """
    cursor = Cursor.parse(asked.cursor, Sort.RELEVANT)
    backward = cursor is not None and cursor.is_backward
    ranked = sorted(_keys(session, asked, search), reverse=True)
    if cursor is not None:
        here = (cursor.value(), cursor.id)
        ranked = [at for at in ranked if (at > here if backward else at < here)]
    shown = ranked[-size:] if backward else ranked[:size]
    wanted = [id for _, id in shown]
    rows = {row.id: row for row in session.execute(select(*COLUMNS).where(C.id.in_(wanted)))}
    return Page(
        items=[Item(rows[id]) for id in wanted if id in rows],
        total=total,
        corrections=search.corrections,
        **neighbours(
            Sort.RELEVANT, [(str(key), id) for key, id in shown], cursor, more=len(ranked) > size
        ),
    )


def _keys(session: Session, asked: ContributionFilter, search: Search) -> Iterator[tuple[int, int]]:
    """Yield what orders each answer: points and moment in one number, and the id."""
    sought, names = sought_by(asked.text, search), names_of(session)
    reference = normalise_reference(asked.text)
    where = conditions_of(session, asked, search, in_order=False)
    answers = select(
        C.id, C.reference, C.title, C.address, C.category_id, C.area_id, C.submitted_at
    ).where(*where)
    for row in session.execute(answers):
        category, area = names.categories.get(row.category_id), names.areas.get(row.area_id or 0)
        its_names = [row.address, address_key(row.address), area.name if area else ""]
        its_names += [category.name, category.name_en] if category else []
        its = EXACT if row.reference == reference else points(sought, row.title, its_names)
        moment = (row.submitted_at - _EPOCH) // timedelta(microseconds=1)
        yield its * _MOMENTS + max(moment, 0), row.id
