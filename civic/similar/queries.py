"""Near duplicates of what somebody is writing: few candidates by place or words, then their score.

What is compared is bounded, not what is stored: the nearest open ones around the place, and the
youngest that share two words where there is no place to go by.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from civic.contributions.kinds import Kind
from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.contributions.nearby import around
from civic.contributions.workflow import StatusType
from civic.database import fulltext, utcnow
from civic.database.fulltext import Question
from civic.database.tables import not_by_index
from civic.finding.names import Names, names_of
from civic.places.geometry import Position
from civic.similar.likeness import (
    DEFAULT_RADIUS_M,
    SEARCH_RADIUS_FACTOR,
    Likeness,
    Subject,
    near_duplicates,
    subject,
)
from civic.taxonomy.models import Category
from civic.text.stems import term_stems

MOST_READ = 150
"""So many open ones are looked at in each tile around the place, the youngest."""
MOST_COMPARED = 60
MOST_BY_WORDS = 40
WORDS_COMPARED = 4
BODY_COMPARED = 300

C = Contribution


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is known so far of what somebody is writing."""

    kind: Kind
    title: str
    body: str
    category: Category | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Similar:
    """A public contribution that may be the same; ``distance_m`` (metres) where both have one."""

    contribution: Contribution
    distance_m: float | None = None


@dataclass(slots=True)
class Found:
    """The likeliest near duplicates, best first, with how each was scored."""

    likeness: dict[int, Likeness] = field(default_factory=dict)


def find_similar(session: Session, sketch: Sketch) -> list[Similar]:
    """Return at most five public, open contributions most like ``sketch``, the likeliest first."""
    found = find_alike(session, sketch).likeness
    if not found:
        return []
    rows = session.scalars(
        select(C).where(C.id.in_(list(found)), IS_PUBLISHED).options(joinedload(C.area))
    )
    by_id = {row.id: row for row in rows.unique()}
    return [Similar(by_id[id], found[id].distance_m) for id in found if id in by_id]


def find_alike(session: Session, sketch: Sketch) -> Found:
    """Return the ids most like ``sketch`` with their likeness."""
    category = sketch.category
    radius = float(category.radius_m) if category is not None else DEFAULT_RADIUS_M
    ids = _candidate_ids(session, sketch, radius)
    if not ids:
        return Found()
    new = subject(
        title=sketch.title,
        body=sketch.body[:BODY_COMPARED],
        at=utcnow(),
        position=sketch.position,
        category=category.code if category is not None else None,
        parent_category=(category.group or None) if category is not None else None,
    )
    pairs = near_duplicates(new, _subjects(session, ids), radius_m=radius)
    return Found(dict(pairs))


def _candidate_ids(session: Session, sketch: Sketch, radius: float) -> list[int]:
    # Spelt so that no index but that of the cells is thought of.
    still_open = (
        not_by_index(session, C.kind) == sketch.kind.code,
        not_by_index(session, C.status_type) == StatusType.OPEN,
    )
    ids: list[int] = []
    if sketch.position is not None:
        near = around(
            session,
            sketch.position,
            radius * SEARCH_RADIUS_FACTOR,
            *still_open,
            most=MOST_READ,
        )
        ids = [row.id for _, row in near[:MOST_COMPARED]]
    if sketch.position is None or sketch.kind.takes_stances:
        ids += _by_words(session, sketch)
    return list(dict.fromkeys(ids))


def _by_words(session: Session, sketch: Sketch) -> list[int]:
    """Return the youngest open ones that share two words of the title."""
    words = list(dict.fromkeys(term_stems(sketch.title)))[:WORDS_COMPARED]
    ways = tuple(combinations(words, 2)) if len(words) > 1 else tuple((word,) for word in words)
    if not ways:
        return []
    ids = fulltext.youngest(session, Question(ways), 2 * MOST_BY_WORDS)
    where = (C.kind == sketch.kind.code, C.status_type == StatusType.OPEN, IS_PUBLISHED)
    rows = session.scalars(select(C.id).where(C.id.in_(ids), *where).order_by(C.id.desc()))
    return list(rows)[:MOST_BY_WORDS]


def _subjects(session: Session, ids: Sequence[int]) -> Iterator[tuple[int, Subject]]:
    names = names_of(session)
    rows = session.execute(
        select(
            C.id,
            C.title,
            func.substr(C.body, 1, BODY_COMPARED).label("body"),
            C.submitted_at,
            C.lat,
            C.lon,
            C.category_id,
        ).where(C.id.in_(ids), C.duplicate_of_id.is_(None))
    )
    for row in sorted(rows, key=lambda row: ids.index(row.id)):
        yield row.id, _subject_of(row, names)


def _subject_of(row: Any, names: Names) -> Subject:
    category = names.categories.get(row.category_id)
    return subject(
        title=row.title,
        body=row.body,
        at=row.submitted_at,
        position=Position(row.lat, row.lon) if row.lat is not None else None,
        category=category.code if category else None,
        parent_category=(category.group or None) if category else None,
    )
