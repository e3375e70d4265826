"""What a reader asked to see: the same filter for the map, the lists and the search.

It comes from the address and goes back into it, so that what is shown can be shared. Parsing is
tolerant: what cannot be understood is left out, never an error.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, and_, false, or_
from sqlalchemy.orm import Session

from civic.contributions.map_layers import CONTRIBUTIONS, MapLayer, map_layers
from civic.contributions.workflow import StatusType
from civic.finding.names import names_of
from civic.i18n import N_
from civic.places.geometry import Bounds, Position, cover, cover_level
from civic.places.queries import get_town_day, get_town_zone
from civic.search.queries import matching

MOST_VALUES = 40
MOST_TEXT = 200
LONGEST_PERIOD = 3660

PERIODS = {
    7: N_("7 derniers jours"),
    30: N_("30 derniers jours"),
    90: N_("3 derniers mois"),
    365: N_("12 derniers mois"),
}

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,119}")


class Sort(StrEnum):
    """The orders of a list."""

    HOT = "hot"
    NEWEST = "newest"
    SUPPORTED = "supported"
    DISCUSSED = "discussed"
    WAITING = "waiting"
    NEAR = "near"
    RELEVANT = "relevant"


class Args(Protocol):
    """The part of Werkzeug's MultiDict that is read."""

    def get(self, key: str) -> Any:
        """Return the first value."""

    def getlist(self, key: str) -> list[str]:
        """Return all values."""


@dataclass(frozen=True, slots=True)
class ContributionFilter:
    """What to show. Empty means everything public.

    ``categories``, ``department`` and ``area`` are the codes and slugs of the address; an area
    includes those inside it. ``since`` and ``until`` are days of the town's calendar, both
    included; ``period`` is the last so many days. ``bbox`` is what the map shows. ``cursor`` is
    where a page begins, as the list gave it.
    """

    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    department: str = ""
    area: str = ""
    status_types: tuple[StatusType, ...] = ()
    statuses: tuple[str, ...] = ()
    period: int = 0
    since: date | None = None
    until: date | None = None
    text: str = ""
    bbox: Bounds | None = None
    near: Position | None = None
    sort: Sort | None = None
    cursor: str = ""

    @classmethod
    def from_args(cls, args: Args) -> "ContributionFilter":
        """Read a filter from the query of an address; nonsense is left out."""
        known = map_layers.kinds()
        types = {member.value for member in StatusType}
        sorts = {member.value for member in Sort}
        sort = str(args.get("sort") or "")
        return cls(
            kinds=tuple(kind for kind in _codes(args, "kind") if kind in known),
            categories=_codes(args, "category"),
            department=_code(args, "department"),
            area=_code(args, "area"),
            status_types=tuple(
                StatusType(value) for value in _codes(args, "type") if value in types
            ),
            statuses=_codes(args, "status"),
            period=_period(args.get("period")),
            since=_day(args.get("since")),
            until=_day(args.get("until")),
            text=" ".join(str(args.get("q") or "").replace("\x00", "").split())[:MOST_TEXT],
            bbox=_bbox(args.get("bbox")),
            near=_near(args.get("near")),
            sort=Sort(sort) if sort in sorts else None,
            cursor=str(args.get("after") or "")[:200],
        )

    def to_args(self, **changes: Any) -> dict[str, Any]:
        """Return the query of the canonical address, with ``changes`` to fields made first.

        Only what differs from the default is in it; ready for ``url_for(…, **filter.to_args())``.
        """
        asked = replace(self, **changes)
        values: dict[str, Any] = {
            "kind": list(asked.kinds),
            "category": list(asked.categories),
            "department": asked.department,
            "area": asked.area,
            "type": [member.value for member in asked.status_types],
            "status": list(asked.statuses),
            "period": asked.period,
            "since": asked.since.isoformat() if asked.since else "",
            "until": asked.until.isoformat() if asked.until else "",
            "q": asked.text,
            "bbox": ",".join(f"{edge:.5f}" for edge in asked.bbox) if asked.bbox else "",
            "near": f"{asked.near.lat:.5f},{asked.near.lon:.5f}" if asked.near else "",
            "sort": asked.sort.value if asked.sort else "",
            "after": asked.cursor,
        }
        return {name: value for name, value in values.items() if value}

    @property
    def is_empty(self) -> bool:
        """Whether nothing narrows the list (order, page and view aside)."""
        return self.content() == ContributionFilter()

    def content(self) -> "ContributionFilter":
        """Return what narrows the list whatever the view: without box, place, order and page."""
        return replace(self, bbox=None, near=None, sort=None, cursor="")


def apply(
    session: Session,
    statement: Select[Any],
    asked: ContributionFilter,
    *,
    layer: MapLayer = CONTRIBUTIONS,
) -> Select[Any]:
    """Return ``statement``, narrowed to what is public and what ``asked`` says."""
    return statement.where(*conditions(session, asked, layer=layer))


def conditions(
    session: Session, asked: ContributionFilter, *, layer: MapLayer = CONTRIBUTIONS
) -> list[ColumnElement[bool]]:
    """Return the conditions on the columns of ``layer``: what is public and what ``asked`` says.

    Looks up the ids behind codes and slugs; an unknown code finds nothing. Order, place and page
    are the list's own business.
    """
    found: list[ColumnElement[bool]] = [layer.is_visible, *_of_kind(asked, layer)]
    if asked.categories:
        found.append(layer.category_id.in_(category_ids(session, asked.categories)))
    if asked.department:
        known = names_of(session).department(asked.department)
        found.append(false() if known is None else layer.department_id == known.id)
    if asked.area:
        ids = area_ids(session, asked.area)
        found.append(layer.area_id.in_(ids) if ids else false())
    if asked.status_types:
        found.append(layer.status_type.in_(asked.status_types))
    if asked.statuses:
        found.append(layer.status.in_(asked.statuses))
    found += _when(session, asked, layer)
    if asked.text:
        found.append(_about(session, asked.text, layer))
    if asked.bbox:
        found.append(within(asked.bbox, layer))
    return found


def category_ids(session: Session, codes: Sequence[str]) -> list[int]:
    """Return the ids of the categories named ``codes``; unknown ones are left out."""
    return names_of(session).category_ids(tuple(codes))


def area_ids(session: Session, slug: str) -> list[int]:
    """Return the id of the area named ``slug`` and of all areas inside it."""
    return names_of(session).area_ids(slug)


def within(bounds: Bounds, layer: MapLayer = CONTRIBUTIONS) -> ColumnElement[bool]:
    """Return the condition of being inside ``bounds``, edges included."""
    ranges = cover(bounds, cover_level(bounds, 16))
    # The one range around all tiles lets the index of cells help; latitude and longitude decide.
    return and_(layer.cell.between(ranges[0][0], ranges[-1][1]), inside(bounds, layer))


def inside(bounds: Bounds, layer: MapLayer) -> ColumnElement[bool]:
    """Return that condition by latitude and longitude alone."""
    if bounds.west <= bounds.east:
        across: ColumnElement[bool] = layer.lon.between(bounds.west, bounds.east)
    else:
        across = or_(layer.lon >= bounds.west, layer.lon <= bounds.east)
    return and_(layer.lat.between(bounds.south, bounds.north), across)


def period_bounds(session: Session, asked: ContributionFilter) -> tuple[datetime, datetime]:
    """Return the first moment of the period and the first one after it, in UTC.

    All days are the town's: ``since``, ``until``, and the first of the last so many days.
    """
    zone = get_town_zone(session)
    begin = datetime.min.replace(tzinfo=UTC)
    end = datetime.max.replace(tzinfo=UTC)
    if asked.since:
        begin = datetime.combine(asked.since, time.min, zone).astimezone(UTC)
    if asked.period:
        recent = get_town_day(session) - timedelta(days=asked.period)
        begin = max(begin, datetime.combine(recent, time.min, zone).astimezone(UTC))
    if asked.until:
        next_day = asked.until + timedelta(days=1)
        end = datetime.combine(next_day, time.min, zone).astimezone(UTC)
    return begin, end


def _of_kind(asked: ContributionFilter, layer: MapLayer) -> list[ColumnElement[bool]]:
    known = set(layer.codes())
    wanted = known.intersection(asked.kinds)
    if not asked.kinds or wanted == known:
        return []
    return [layer.kind.in_(sorted(wanted)) if wanted else false()]


def _when(
    session: Session, asked: ContributionFilter, layer: MapLayer
) -> list[ColumnElement[bool]]:
    if not (asked.period or asked.since or asked.until):
        return []
    begin, end = period_bounds(session, asked)
    found: list[ColumnElement[bool]] = []
    if asked.period or asked.since:
        found.append(layer.at >= begin)
    if asked.until:
        found.append(layer.at < end)
    return found


def _about(session: Session, text: str, layer: MapLayer) -> ColumnElement[bool]:
    if layer.text_condition is not None:
        return layer.text_condition(session, text)
    return layer.id.in_(matching(session, text))


def _codes(args: Args, name: str) -> tuple[str, ...]:
    """Repeated values and values apart by commas, in order, each once."""
    given = [part.strip() for value in args.getlist(name) for part in value.split(",")]
    return tuple(dict.fromkeys(part for part in given if _CODE.fullmatch(part)))[:MOST_VALUES]


def _code(args: Args, name: str) -> str:
    return next(iter(_codes(args, name)), "")


def _period(value: Any) -> int:
    text = str(value or "")
    is_number = text.isascii() and text.isdigit() and len(text) <= 4
    return int(text) if is_number and int(text) <= LONGEST_PERIOD else 0


def _day(value: Any) -> date | None:
    try:
        day = date.fromisoformat(str(value or ""))
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None


def _numbers(value: Any, count: int) -> list[float] | None:
    try:
        numbers = [float(part) for part in str(value or "").split(",")]
    except ValueError:
        return None
    return numbers if len(numbers) == count else None


def _bbox(value: Any) -> Bounds | None:
    edges = _numbers(value, 4)
    if edges is None:
        return None
    try:
        corners = Position(edges[1], edges[0]), Position(edges[3], edges[2])
    except ValueError:
        return None
    return Bounds(*edges) if corners[0].lat <= corners[1].lat else None


def _near(value: Any) -> Position | None:
    point = _numbers(value, 2)
    if point is None:
        return None
    try:
        return Position(point[0], point[1])
    except ValueError:
        return None
