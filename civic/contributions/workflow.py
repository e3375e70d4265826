"""Workflows as data: statuses, their types, and the edges between them.

A table that forgets a status, names an unknown one or has no way in fails at import.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class StatusType(StrEnum):
    """What filters, statistics, the map and Open311 use."""

    OPEN = "open"
    FIXED = "fixed"
    CLOSED = "closed"


class StatusCode(StrEnum):
    """Where something stands; each workflow names its own."""


class CommonStatus(StatusCode):
    """What a contribution of any kind may come to."""

    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"


class Party(StrEnum):
    """In which quality an actor may take an edge."""

    AUTHOR = "author"
    SUPPORTER = "supporter"
    AGENT = "agent"
    MODERATOR = "moderator"
    MEDIATOR = "mediator"
    SYSTEM = "system"


STAFF = frozenset({Party.AGENT, Party.MEDIATOR})
AGENTS = frozenset({Party.AGENT})


@dataclass(frozen=True, slots=True)
class Status:
    """One status. ``label`` and ``explanation`` are French msgids; ``icon`` names a symbol.

    ``explanation`` says in plain words what the status means and what comes next. ``vote_label``
    is what a vote says in this status, where that is not what it says of its kind in all others.
    ``is_owed``: while it is open, the next step is the town's.
    """

    code: StatusCode
    label: str
    type: StatusType
    icon: str
    explanation: str
    vote_label: str = ""
    stops_clock: bool = False
    is_owed: bool = True
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """One allowed step. ``verb`` is the label of its button (a French msgid).

    ``sentence``: a public sentence is due; ``reason``: a reason code as well; ``recipient``: the
    other authority is named; ``within_days``: only so long after the present status was set;
    ``by_another``: not by the person who set the present status; ``automatic`` edges are taken by
    the software, never offered as buttons.
    """

    to: StatusCode
    verb: str
    by: frozenset[Party] = AGENTS
    sentence: bool = False
    reason: bool = False
    recipient: bool = False
    target: bool = False
    within_days: int | None = None
    by_another: bool = False


@dataclass(frozen=True)
class Workflow:
    """The statuses of a kind, the edges from each, and the reasons for declining."""

    statuses: tuple[Status, ...]
    edges: Mapping[str, tuple[Edge, ...]]
    initial: StatusCode
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a table that is not whole."""
        codes = {status.code for status in self.statuses}
        if set(self.edges) != codes:
            raise ValueError(f"statuses and edges differ: {sorted(set(self.edges) ^ codes)}")
        targets = {edge.to for edges in self.edges.values() for edge in edges}
        if targets - codes:
            raise ValueError(f"edges lead nowhere: {sorted(targets - codes)}")
        if codes - targets - {self.initial}:
            raise ValueError(f"no way in: {sorted(codes - targets - {self.initial})}")

    def __getitem__(self, code: str) -> Status:
        """Return the status named ``code``; raises KeyError for an unknown one."""
        return self._by_code[code]

    @property
    def _by_code(self) -> dict[str, Status]:
        return {status.code: status for status in self.statuses}

    def edge(self, origin: str, to: str) -> Edge | None:
        """Return the edge from ``origin`` to ``to``, or None where there is none."""
        return next((edge for edge in self.edges[origin] if edge.to == to), None)

    def allowed_from(self, origin: str, parties: Iterable[Party]) -> list[Edge]:
        """Return the edges that an actor standing in ``parties`` may take: the only button list."""
        standing = frozenset(parties)
        return [edge for edge in self.edges[origin] if not edge.by.isdisjoint(standing)]
