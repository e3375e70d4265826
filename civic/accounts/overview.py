"""The sections of « Mon espace »: each is given by the feature that knows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor


@dataclass(frozen=True, slots=True)
class Section:
    """One section: the ``template`` that draws it is given ``data`` as its variables.

    ``page`` is the one it shows; ``key`` is written by :func:`sections`, for the links to others.
    """

    template: str
    data: dict[str, Any] = field(default_factory=dict)
    page: int = 1
    has_more: bool = False
    key: str = ""


Source = Callable[[Session, Actor, int], Section | None]
"""Given the page asked for, from 1."""
_sources: dict[str, tuple[int, Source]] = {}


def register(key: str, order: int, source: Source) -> None:
    """Add a section, shown in ascending ``order``; the same ``key`` replaces the former one."""
    _sources[key] = (order, source)


def sections(session: Session, actor: Actor, pages: Mapping[str, int]) -> list[Section]:
    """Return the sections that have something to show to ``actor``; ``pages`` is by key."""
    found = []
    for key, (_, source) in sorted(_sources.items(), key=lambda item: (item[1][0], item[0])):
        section = source(session, actor, pages.get(key, 1))
        if section is not None:
            found.append(replace(section, key=key))
    return found
