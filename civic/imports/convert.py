"""From a row of a file to something that can be stored, or a reason why it cannot."""

import contextlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from civic.contributions.operations import BODY_LENGTH, TITLE_LENGTH
from civic.imports.mapping import ROW_NUMBER, Mapping
from civic.imports.readers import Row
from civic.places.geometry import Bounds, Position, looks_swapped
from civic.text.degrees import is_marked, read_degrees, read_position
from civic.text.quantities import read_amount, read_decimal

LONGEST_ID = 120
NOT_OF_SYSTEM = "not a position of the system of the file"
_NUMBERS = re.compile(r"[-−–]?\d+(?:[.,]\d+)?(?:[eE]-?\d+)?")
_NAMED = re.compile(
    r"['\"](lon|lng|longitude|lat|latitude)['\"]\s*:\s*['\"]?([-−]?\d+(?:[.,]\d+)?)"
)
_DASH = re.compile("[-−–]")
_POINT = re.compile(r"(?i)^\s*(?:SRID=\d+;)?\s*POINT\s*Z?\s*\(")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_PROMISE = timedelta(days=36_525)
_LANGUAGE = re.compile("[a-z]{2,3}")


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
    due_at: datetime | None
    language: str
    status: str
    sentence: str
    channel: str
    moderation: str
    reference: str
    duplicate_of: str
    category_name: str
    votes: int
    cost: int | None
    period: str
    remarks: list[str] = field(default_factory=list)


def to_record(source: Row, mapping: Mapping, bounds: Bounds) -> Record:
    """Understand one row; ``bounds`` of the town tells swapped coordinates. Raises Rejected."""
    if source.problem:
        raise Rejected(source.problem)
    row, remarks = {ROW_NUMBER: source.line} | source.values, list[str]()
    if has_nul(row):
        raise Rejected("a NUL character")
    external_id = mapping.value("external_id", row)
    if not external_id:
        raise Rejected("no id")
    if len(external_id) > LONGEST_ID:
        raise Rejected(f"an id of {len(external_id)} characters")
    title, body = _texts(mapping, row, remarks)
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
        due_at=_due_at(mapping, row, submitted_at, remarks),
        language=_language(mapping, row),
        status=mapping.value("status", row),
        sentence=mapping.value("sentence", row)[:4000],
        channel=mapping.value("channel", row),
        moderation=mapping.value("moderation", row),
        reference=mapping.value("reference", row),
        duplicate_of=mapping.value("duplicate_of", row),
        category_name=mapping.value("category_name", row),
        votes=to_count(mapping.value("votes", row), "votes"),
        cost=to_cost(mapping.value("cost", row)),
        period=mapping.value("period", row)[:80],
        remarks=remarks,
    )


def _texts(mapping: Mapping, row: dict[str, Any], remarks: list[str]) -> tuple[str, str]:
    """Return title and body; a title that is too long is whole in the body."""
    title, body = mapping.value("title", row), mapping.value("body", row)
    if not title:
        raise Rejected("no title")
    if len(title) > TITLE_LENGTH:
        if title not in body:
            body = f"{title}\n\n{body}".strip()
        title = title[: TITLE_LENGTH - 1].rstrip() + "…"
        remarks.append("title shortened")
    if len(body) > BODY_LENGTH:
        raise Rejected(f"a text of {len(body)} characters, {BODY_LENGTH} at most")
    return title, body


def _closed_at(
    mapping: Mapping, row: dict[str, Any], submitted_at: datetime, remarks: list[str]
) -> datetime | None:
    closed_at = to_moment(mapping.value("closed_at", row), mapping)
    if closed_at is not None and closed_at < submitted_at:
        remarks.append("closed before it began: that date left out")
        return None
    return closed_at


def _due_at(
    mapping: Mapping, row: dict[str, Any], submitted_at: datetime, remarks: list[str]
) -> datetime | None:
    due_at = to_moment(mapping.value("due_at", row), mapping, ahead=_LONGEST_PROMISE)
    if due_at is not None and due_at < submitted_at:
        remarks.append("due before it began: that date left out")
        return None
    return due_at


def _language(mapping: Mapping, row: dict[str, Any]) -> str:
    """Return the language of the texts: that of the row where it is one, else of the file."""
    language = mapping.value("language", row).lower()
    return language if _LANGUAGE.fullmatch(language) else mapping.locale


def has_nul(row: dict[str, Any]) -> bool:
    """Whether a value holds a character that no database keeps."""
    return any("\x00" in value for value in row.values() if isinstance(value, str))


def to_moment(text: str, mapping: Mapping, *, ahead: timedelta = timedelta(0)) -> datetime | None:
    """Return the moment that ``text`` names in the source's zone, in UTC; None for an empty text.

    A day alone is its noon. Raises Rejected for anything else, for dates before 1970 and for those
    more than ``ahead`` to come.
    """
    if not text:
        return None
    moment = _parse_moment(text, mapping)
    if moment is None:
        raise Rejected(f"not a date: {text[:40]!r}")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=mapping.zone or UTC)
    moment = moment.astimezone(UTC)
    if not _EARLIEST <= moment <= datetime.now(UTC) + ahead:
        raise Rejected(f"a date out of range: {text[:40]!r}")
    return moment


def _parse_moment(text: str, mapping: Mapping) -> datetime | None:
    for form in mapping.dates:
        with contextlib.suppress(ValueError):
            return _noon_of_a_day(datetime.strptime(text, form), form, mapping.zone or UTC)  # noqa: DTZ007
    with contextlib.suppress(ValueError):
        moment = datetime.fromisoformat(text)
        return moment.replace(hour=12) if _ISO_DAY.fullmatch(text) else moment
    return None


def _noon_of_a_day(moment: datetime, form: str, zone: tzinfo) -> datetime:
    return moment if "%H" in form or "%I" in form else moment.replace(hour=12, tzinfo=zone)


def to_count(text: str, what: str) -> int:
    """Return a whole number, 0 for nothing; raises Rejected."""
    if not text:
        return 0
    try:
        number = int(read_amount(text))
    except (ValueError, OverflowError):
        raise Rejected(f"{what}: not a number: {text[:40]!r}") from None
    if not 0 <= number < 2**31:
        raise Rejected(f"{what}: out of range: {text[:40]!r}")
    return number


def to_cost(text: str) -> int | None:
    """Return whole euros, None when there is no usable amount."""
    return to_count(text.rstrip(" €"), "cost") if text else None


def _position(
    mapping: Mapping, row: dict[str, Any], bounds: Bounds, remarks: list[str]
) -> Position | None:
    pair = _coordinates(mapping, row)
    if pair is None:
        return None
    if not any(pair):
        remarks.append("position 0, 0 taken for none")
        return None
    if mapping.crs is not None:
        y, x = pair
        try:
            return mapping.crs(x, y)
        except ValueError:
            raise Rejected(f"{NOT_OF_SYSTEM}: {x} {y}") from None
    lat, lon = pair
    if looks_swapped(lat, lon, bounds):
        remarks.append("latitude and longitude were swapped")
        lat, lon = lon, lat
    try:
        return Position(lat, lon)
    except ValueError as error:
        raise Rejected(f"{error}: {lat} {lon}") from None


def _coordinates(mapping: Mapping, row: dict[str, Any]) -> tuple[float, float] | None:
    """Return (latitude, longitude), or (y, x) of the system that the mapping names."""
    for north, east in (("lat", "lon"), ("y", "x")):
        first, second = mapping.value(north, row), mapping.value(east, row)
        if first or second:
            return _number(first, north), _number(second, east)
    text = mapping.value("position", row)
    if not text:
        return None
    named = {name[:3]: value for name, value in _NAMED.findall(text)}
    if "lat" in named and ("lon" in named or "lng" in named):
        return read_decimal(named["lat"]), read_decimal(named.get("lon", named.get("lng", "")))
    is_point = bool(_POINT.match(text))
    if not is_point and is_marked(text):
        try:
            return read_position(text)
        except ValueError:
            raise Rejected(f"not a position: {text[:40]!r}") from None
    bare = _POINT.sub("", text)
    numbers = _NUMBERS.findall(bare)
    # A dash that stands alone parts the numbers or is a minus: nobody knows which.
    has_dash = _DASH.search(_NUMBERS.sub("", bare))
    if has_dash or (len(numbers) != 2 and not (is_point and len(numbers) == 3)):
        raise Rejected(f"not a position: {text[:40]!r}")
    first_number, second_number = (_number(number, "position") for number in numbers[:2])
    # A POINT and metres have the east first, degrees the north.
    is_east_first = is_point or mapping.crs is not None
    return (second_number, first_number) if is_east_first else (first_number, second_number)


_SPOKEN = {"lat": "latitude", "lon": "longitude"}


def _number(text: str, what: str) -> float:
    try:
        return (
            read_degrees(text, what) if what in _SPOKEN and is_marked(text) else read_decimal(text)
        )
    except ValueError:
        raise Rejected(f"{_SPOKEN.get(what, what)} is not a number: {text[:40]!r}") from None
