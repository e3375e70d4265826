"""Deadlines in the French calendar.

The rule of the house, which is also the administration's: the day of the event does not count, and
the deadline is the last second of its last day, in the town's own zone. So a deadline can be shown
as a mere date, and whoever writes later is never promised an earlier one.
"""

import csv
import gzip
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from importlib import resources

Pause = tuple[datetime, datetime | None]

_LAST_SECOND = time(23, 59, 59)
_SATURDAY = 5
_ONE_DAY = timedelta(days=1)
_ALSACE_MOSELLE = frozenset({"57", "67", "68"})
_OVERSEAS = frozenset({"971", "972", "973", "974", "976", "BL", "MF", "NC", "PF", "PM", "TF", "WF"})
_TERRITORIES = {"975": "PM", "977": "BL", "978": "MF", "984": "TF", "986": "WF", "987": "PF"}
_TERRITORIES |= {"988": "NC"}
"""How INSEE codes begin, where the calendar has another name."""


def region_of(insee_code: str, *, alsace_moselle: bool = False) -> str:
    """Return the region whose public holidays a commune has: « 974 », « 57 », or "" as most.

    ``alsace_moselle`` is for a town that counts those of Alsace and Moselle whatever its code.
    """
    territory = _TERRITORIES.get(insee_code[:3], insee_code[:3])
    if territory in _OVERSEAS:
        return territory
    return "57" if alsace_moselle or insee_code[:2] in _ALSACE_MOSELLE else ""


def is_working_day(day: date, *, alsace_moselle: bool = False, region: str = "") -> bool:
    """Say whether `day` is neither a week-end nor a French public holiday.

    Alsace and Moselle have two more: Good Friday and 26 December. ``region`` is of `region_of`.
    """
    return day.weekday() < _SATURDAY and day not in _public_holidays(
        region or ("57" if alsace_moselle else "")
    )


def add_working_days(
    start: datetime, days: int, *, zone: tzinfo, alsace_moselle: bool = False, region: str = ""
) -> datetime:
    """Return the end, in UTC, of the working day that comes `days` working days after `start`.

    With 0 days it is the end of the very day, working or not.
    """
    _require_aware(start)
    if days < 0:
        raise ValueError(f"days must not be negative, and is {days}")
    day = start.astimezone(zone).date()
    while days:
        day += _ONE_DAY
        days -= is_working_day(day, alsace_moselle=alsace_moselle, region=region)
    return _end_of(day, zone)


def add_calendar_days(start: datetime, days: int, *, zone: tzinfo) -> datetime:
    """Return the end, in UTC, of the day that comes `days` days after `start`."""
    _require_aware(start)
    if days < 0:
        raise ValueError(f"days must not be negative, and is {days}")
    return _end_of(start.astimezone(zone).date() + timedelta(days=days), zone)


def working_days_between(
    start: datetime,
    end: datetime,
    *,
    zone: tzinfo,
    alsace_moselle: bool = False,
    region: str = "",
) -> int:
    """Return how many working days come after the day of `start`, up to that of `end` included.

    The inverse of `add_working_days`; 0 when `end` is not after `start`.
    """
    _require_aware(start, end)
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    return sum(
        is_working_day(first + timedelta(days=n), alsace_moselle=alsace_moselle, region=region)
        for n in range(1, (last - first).days + 1)
    )


def due_at(
    submitted_at: datetime,
    days: int,
    *,
    working: bool,
    pauses: Iterable[Pause],
    zone: tzinfo,
    alsace_moselle: bool = False,
    region: str = "",
) -> datetime | None:
    """Return when, in UTC, a promise of `days` days (working days if `working`) is due.

    Every pause of the clock, (start, end), moves it by as many such days as the pause lasted; one
    that began after the deadline changes nothing. None while the clock stands still: the last pause
    has no end yet, and no date can be promised.
    """

    def moved_to(extra: int) -> datetime:
        if working:
            return add_working_days(
                submitted_at, days + extra, zone=zone, alsace_moselle=alsace_moselle, region=region
            )
        return add_calendar_days(submitted_at, days + extra, zone=zone)

    due, extra = moved_to(0), 0
    for start, end in _merged(pauses, submitted_at):
        if start > due:
            break
        if end is None:
            return None
        if working:
            extra += working_days_between(
                start, end, zone=zone, alsace_moselle=alsace_moselle, region=region
            )
        else:
            extra += (end.astimezone(zone).date() - start.astimezone(zone).date()).days
        due = moved_to(extra)
    return due


def _merged(pauses: Iterable[Pause], submitted_at: datetime) -> list[Pause]:
    """Return the pauses in order, without overlaps and without what came before the start."""
    merged: list[Pause] = []
    for start, end in sorted(pauses, key=lambda pause: pause[0]):
        _require_aware(start, *([end] if end else []))
        if end is not None and end <= max(start, submitted_at):
            continue
        begin = max(start, submitted_at)
        if merged:
            last_begin, last_end = merged[-1]
            if last_end is None:
                break
            if begin <= last_end:
                merged[-1] = (last_begin, None if end is None else max(last_end, end))
                continue
        merged.append((begin, end))
    return merged


@lru_cache(maxsize=32)
def _public_holidays(region: str) -> frozenset[date]:
    """Return those of 1990 to 2100: what the library ``holidays`` said when civic was built."""
    packed = resources.files("civic_vendor").joinpath("public_holidays.csv.gz").read_bytes()
    rows = csv.reader(io.StringIO(gzip.decompress(packed).decode()))
    return frozenset(date.fromisoformat(day) for of, day in rows if of in {"", region})


def _end_of(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, _LAST_SECOND, zone).astimezone(UTC)


def _require_aware(*times: datetime) -> None:
    if any(moment.tzinfo is None for moment in times):
        raise ValueError("a time without zone cannot be placed in the calendar")
