"""The sections of « Mon espace »: each is given by the feature that knows it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor


@dataclass(frozen=True, slots=True)
class Section:
    """One section: the ``template`` that draws it is given ``data`` as its variables."""

    template: str
    data: dict[str, Any] = field(default_factory=dict)


Source = Callable[[Session, Actor], Section | None]
_sources: dict[str, tuple[int, Source]] = {}


def register(key: str, order: int, source: Source) -> None:
    """Add a section, shown in ascending ``order``; the same ``key`` replaces the former one."""
    _sources[key] = (order, source)


def sections(session: Session, actor: Actor) -> list[Section]:
    """Return the sections that have something to show to ``actor``."""
    ordered = sorted(_sources.items(), key=lambda item: (item[1][0], item[0]))
    found = (source(session, actor) for _, (_, source) in ordered)
    return [section for section in found if section is not None]
