"""From a row of a file to something that can be stored, or a reason why it cannot."""

import contextlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from civic.contributions.operations import BODY_LENGTH, TITLE_LENGTH
from civic.imports.mapping import Mapping
from civic.imports.readers import Row
from civic.places.geometry import Bounds, Position, looks_swapped

LONGEST_ID = 120
_NUMBERS = re.compile(r"-?\d+(?:[.,]\d+)?(?:[eE]-?\d+)?")
_NAMED = re.compile(r"['\"](lon|lng|longitude|lat|latitude)['\"]\s*:\s*['\"]?(-?\d+(?:\.\d+)?)")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


class Rejected(Exception):
    """This row cannot be taken; the message is the reason, as the rejects file shows it."""


@dataclass(slots=True)
class Record:
    """One row, understood. ``remarks`` name what was mended on the way."""

    line: int
    external_id: str
    title: str
    body: str
    category: str
    detail: str
    department: str
    area: str
    address: str
    position: Position | None
    submitted_at: datetime
    closed_at: datetime | None
    status: str
    sentence: str
    channel: str
    moderation: str
    votes: int
    cost: int | None
    period: str
    remarks: list[str] = field(default_factory=list)


def to_record(source: Row, mapping: Mapping, bounds: Bounds) -> Record:
    """Understand one row; ``bounds`` of the town tells swapped coordinates. Raises Rejected."""
    if source.problem:
        raise Rejected(source.problem)
    row, remarks = source.values, list[str]()
    if has_nul(row):
        raise Rejected("a NUL character")
    external_id = mapping.value("external_id", row)
    if not external_id:
        raise Rejected("no id")
    if len(external_id) > LONGEST_ID:
        raise Rejected(f"an id of {len(external_id)} characters")
    title = mapping.value("title", row)
    if not title:
        raise Rejected("no title")
    if len(title) > TITLE_LENGTH:
        title, cut = title[: TITLE_LENGTH - 1].rstrip() + "…", title
        remarks.append("title shortened")
    else:
        cut = ""
    body = mapping.value("body", row)
    if cut and cut not in body:
        body = f"{cut}\n\n{body}".strip()
    if len(body) > BODY_LENGTH:
        raise Rejected(f"a text of {len(body)} characters, {BODY_LENGTH} at most")
    submitted_at = to_moment(mapping.value("submitted_at", row), mapping)
    if submitted_at is None:
        raise Rejected("no date")
    return Record(
        line=source.line,
        external_id=external_id,
        title=title,
        body=body,
        category=mapping.value("category", row),
        detail=mapping.value("detail", row),
        department=mapping.value("department", row),
        area=mapping.value("area", row),
        address=mapping.value("address", row)[:250],
        position=_position(mapping, row, bounds, remarks),
        submitted_at=submitted_at,
        closed_at=_closed_at(mapping, row, submitted_at, remarks),
        status=mapping.value("status", row),
        sentence=mapping.value("sentence", row)[:4000],
        channel=mapping.value("channel", row),
        moderation=mapping.value("moderation", row),
        votes=to_count(mapping.value("votes", row), "votes"),
        cost=to_cost(mapping.value("cost", row)),
        period=mapping.value("period", row)[:80],
        remarks=remarks,
    )


def _closed_at(
    mapping: Mapping, row: dict[str, Any], submitted_at: datetime, remarks: list[str]
) -> datetime | None:
    closed_at = to_moment(mapping.value("closed_at", row), mapping)
    if closed_at is not None and closed_at < submitted_at:
        remarks.append("closed before it began: that date left out")
        return None
    return closed_at


def has_nul(row: dict[str, Any]) -> bool:
    """Whether a value holds a character that no database keeps."""
    return any("\x00" in value for value in row.values() if isinstance(value, str))


def to_moment(text: str, mapping: Mapping) -> datetime | None:
    """Return the moment that ``text`` names in the source's zone, in UTC; None for an empty text.

    A day alone is its noon. Raises Rejected for anything else, for dates before 1970 and to come.
    """
    if not text:
        return None
    moment = _parse_moment(text, mapping)
    if moment is None:
        raise Rejected(f"not a date: {text[:40]!r}")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=mapping.zone)
    moment = moment.astimezone(UTC)
    if not _EARLIEST <= moment <= datetime.now(UTC):
        raise Rejected(f"a date out of range: {text[:40]!r}")
    return moment


def _parse_moment(text: str, mapping: Mapping) -> datetime | None:
    for form in mapping.dates:
        with contextlib.suppress(ValueError):
            return _noon_of_a_day(datetime.strptime(text, form), form, mapping.zone)  # noqa: DTZ007
    with contextlib.suppress(ValueError):
        moment = datetime.fromisoformat(text)
        return moment.replace(hour=12) if _ISO_DAY.fullmatch(text) else moment
    return None


def _noon_of_a_day(moment: datetime, form: str, zone: ZoneInfo) -> datetime:
    return moment if "%H" in form or "%I" in form else moment.replace(hour=12, tzinfo=zone)


def to_count(text: str, what: str) -> int:
    """Return a whole number, 0 for nothing; raises Rejected."""
    if not text:
        return 0
    try:
        number = int(float(text))
    except (ValueError, OverflowError):
        raise Rejected(f"{what}: not a number: {text[:40]!r}") from None
    if not 0 <= number < 2**31:
        raise Rejected(f"{what}: out of range: {text[:40]!r}")
    return number


def to_cost(text: str) -> int | None:
    """Return whole euros, None when there is no usable amount."""
    return to_count(text.replace(" ", "").replace(",", "."), "cost") if text else None


def _position(
    mapping: Mapping, row: dict[str, Any], bounds: Bounds, remarks: list[str]
) -> Position | None:
    pair = _coordinates(mapping, row)
    if pair is None:
        return None
    lat, lon = pair
    if lat == 0 and lon == 0:
        remarks.append("position 0, 0 taken for none")
        return None
    if looks_swapped(lat, lon, bounds):
        remarks.append("latitude and longitude were swapped")
        lat, lon = lon, lat
    try:
        return Position(lat, lon)
    except ValueError as error:
        raise Rejected(str(error)) from None


def _coordinates(mapping: Mapping, row: dict[str, Any]) -> tuple[float, float] | None:
    lat, lon = mapping.value("lat", row), mapping.value("lon", row)
    if lat or lon:
        return _degrees(lat, "latitude"), _degrees(lon, "longitude")
    text = mapping.value("position", row)
    if not text:
        return None
    named = {name[:3]: value for name, value in _NAMED.findall(text)}
    if "lat" in named and ("lon" in named or "lng" in named):
        return float(named["lat"]), float(named.get("lon", named.get("lng", "")))
    numbers = _NUMBERS.findall(text)
    if len(numbers) != 2:
        raise Rejected(f"not a position: {text[:40]!r}")
    return _degrees(numbers[0], "latitude"), _degrees(numbers[1], "longitude")


def _degrees(text: str, what: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise Rejected(f"{what} is not a number: {text[:40]!r}") from None
