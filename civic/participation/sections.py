"""Parts of a contribution's page that features above add to it.

A section is a function of (session, contribution, actor) that returns the template to include and
its context, or None when it has nothing to say. Its template is included with ``section`` (that
context) and ``contribution``. It must not make more than one statement.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions.models import Contribution

Section = Callable[[Session, Contribution, Actor], "tuple[str, Mapping[str, Any]] | None"]


@dataclass(frozen=True, slots=True)
class PageSection:
    """One section that has something to say on this page."""

    name: str
    template: str
    context: Mapping[str, Any]


_sections: dict[str, Section] = {}


def register_section(name: str, section: Section) -> None:
    """Add ``section`` to the page of every contribution; the same name replaces it."""
    _sections[name] = section


def sections_of(
    session: Session, contribution: Contribution, actor: Actor
) -> Iterator[PageSection]:
    """Return what the features above add to the page of ``contribution`` for ``actor``."""
    for name, section in _sections.items():
        found = section(session, contribution, actor)
        if found is not None:
            yield PageSection(name, *found)
