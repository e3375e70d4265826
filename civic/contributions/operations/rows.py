"""What a new contribution is stored as: built here alone, for forms, imports and what comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from civic.contributions.hotness import VOTE_WEIGHT, hot_after, hot_initial
from civic.contributions.kinds import Kind
from civic.contributions.models import Channel, Due, ModerationState, Scope
from civic.contributions.workflow import Party, StatusType
from civic.places.geometry import Position, morton_cell
from civic.taxonomy.models import Category
from civic.text.cleaning import clean_line, clean_text

TITLE_LENGTH = 160
ADDRESS_LENGTH = 250


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person submits, whatever the kind. ``area_id`` is found by civic.places.

    ``captions`` say what its photos show: they are kept with the photos, and read with the text.
    """

    title: str
    body: str
    category: Category
    scope: Scope = Scope.PLACE
    position: Position | None = None
    area_id: int | None = None
    address: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    hides_author: bool = False
    locale: str = "fr"
    captions: Sequence[str] = ()
    channel: Channel = Channel.WEB

    def __post_init__(self) -> None:
        """Clean the texts, wherever they come from."""
        for name, clean in (("title", clean_line), ("body", clean_text), ("address", clean_line)):
            object.__setattr__(self, name, clean(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Past:
    """What became of it before it came here: where it stands, since when, votes, the promise."""

    status: str
    since: datetime
    votes: int = 0
    due_at: datetime | None = None


def row_of(
    kind: Kind,
    draft: Draft,
    *,
    reference: str,
    at: datetime,
    department_id: int | None,
    state: ModerationState = ModerationState.PUBLISHED,
    past: Past | None = None,
) -> dict[str, Any]:
    """Return the columns that ``draft``, received at ``at``, is stored with.

    What else a column holds at first is its default (civic.database.fill_defaults for rows that
    go past the session).
    """
    past = past or Past(kind.workflow.initial, at)
    status = kind.workflow[past.status]
    return {
        "reference": reference,
        "kind": kind.code,
        "title": draft.title[:TITLE_LENGTH],
        "body": draft.body,
        "locale": draft.locale,
        "status": status.code,
        "status_type": status.type,
        "moderation_state": state,
        "hides_author": draft.hides_author,
        "category_id": draft.category.id,
        "department_id": department_id,
        "scope": draft.scope,
        "area_id": draft.area_id,
        **place_of(draft.position),
        "address": draft.address[:ADDRESS_LENGTH],
        "answers": draft.answers,
        "channel": draft.channel,
        "submitted_at": at,
        "published_at": at if state is ModerationState.PUBLISHED else None,
        "updated_at": past.since,
        "status_since": past.since,
        "closed_at": None if status.type is StatusType.OPEN else past.since,
        "due_at": past.due_at if kind.has_deadlines and not status.stops_clock else None,
        "vote_count": past.votes,
        "hot": _hot(at, past.votes),
    }


def place_of(position: Position | None) -> dict[str, float | int | None]:
    """Return the columns of a position, with the cell that indexes it; None takes it away."""
    if position is None:
        return {"lat": None, "lon": None, "cell": None}
    cell = morton_cell(position.lat, position.lon)
    return {"lat": position.lat, "lon": position.lon, "cell": cell}


def first_steps_of(
    row: Mapping[str, Any], kind: Kind, *, sentence: str = "", cause: str = ""
) -> list[dict[str, Any]]:
    """Return the steps of a stored ``row``: received, and where it came from elsewhere, the last.

    ``sentence`` and ``cause`` are of that last one. The row has its ``id``.
    """
    initial = kind.workflow.initial
    received = {
        "contribution_id": row["id"],
        "from_status": None,
        "to_status": initial,
        "at": row["submitted_at"],
        "party": Party.AUTHOR,
        "department_id": row["department_id"],
        "sentence": "",
        "cause": "",
    }
    if row["status"] == initial:
        return [received]
    last = received | {
        "from_status": initial,
        "to_status": row["status"],
        "at": row["status_since"],
        "party": Party.AGENT,
        "sentence": sentence,
        "cause": cause,
    }
    return [received, last]


def promises_of(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the deadline of a stored ``row`` that came with one: that of its resolution."""
    if row["due_at"] is None:
        return []
    promise = {"contribution_id": row["id"], "what": Due.RESOLVE, "due_at": row["due_at"]}
    return [promise | {"met_at": row["closed_at"], "paused_at": None}]


def _hot(at: datetime, votes: int) -> float:
    hot = hot_initial(at)
    return hot_after(hot, at, VOTE_WEIGHT * votes) if votes else hot
