"""What may be the same as a contribution that is still being written.

The forms ask here, and whoever can find near duplicates (civic.similar) answers.
"""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from civic.contributions.kinds import Kind
from civic.contributions.models import Contribution
from civic.places.geometry import Position
from civic.taxonomy.models import Category


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


class Finder(Protocol):
    """A function that finds near duplicates, the likeliest first."""

    def __call__(self, session: Session, sketch: Sketch) -> list[Similar]:
        """Return the few public contributions most like ``sketch``."""


class _Registry:
    """The finder of this process."""

    finder: Finder | None = None


def register_finder(finder: Finder) -> None:
    """Let ``finder`` answer; there is one at a time."""
    _Registry.finder = finder


def find_similar(session: Session, sketch: Sketch) -> list[Similar]:
    """Return the public contributions most like ``sketch``; none while nobody can find them."""
    return _Registry.finder(session, sketch) if _Registry.finder is not None else []
