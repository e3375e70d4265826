"""The references of imported contributions: their own where they are ours, else new ones."""

import secrets
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.contributions.kinds import Kind
from civic.contributions.models import Contribution
from civic.text.references import new_reference, normalise_reference, reference_length

_random = secrets.SystemRandom()


def references_for(
    session: Session, kind: Kind, wanted: Sequence[str], *, issued: int
) -> list[str]:
    """Return a reference for each of ``wanted``: that one where it is of ours and free, else a new.

    ``issued`` is about how many there are already: new ones are as long as that needs.
    """
    own = [_own(kind, text) for text in wanted]
    taken = _taken(session, filter(None, own))
    kept = [None if reference in taken else reference for reference in own]
    # One that comes twice is given once.
    kept = [
        None if reference in kept[:place] else reference for place, reference in enumerate(kept)
    ]
    fresh = iter(_fresh(session, kind, kept.count(None), issued, set(filter(None, kept))))
    return [reference or next(fresh) for reference in kept]


def _own(kind: Kind, text: str) -> str | None:
    reference = normalise_reference(text) if text else None
    is_ours = reference is not None and reference.startswith(f"{kind.letter}-")
    return reference if is_ours else None


def _fresh(session: Session, kind: Kind, number: int, issued: int, but: set[str]) -> list[str]:
    length = reference_length(issued)
    fresh: dict[str, None] = {}
    while len(fresh) < number:
        drawn = {
            new_reference(kind.letter, _random, length=length): None
            for _ in range(number - len(fresh))
        }
        taken = _taken(session, drawn) | but
        fresh |= {reference: None for reference in drawn if reference not in taken}
    return list(fresh)


def _taken(session: Session, references: Iterable[str]) -> set[str]:
    asked = select(Contribution.reference).where(Contribution.reference.in_(list(references)))
    return set(session.scalars(asked))
