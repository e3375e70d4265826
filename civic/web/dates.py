"""Days and moments in words, in the town's zone and the language of the page."""

import re
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Literal, get_args

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.dates import get_date_format, get_datetime_format
from flask_babel import get_locale, get_timezone, gettext, to_user_timezone

Style = Literal["short", "medium", "long", "full"]

_LONE_DAY = re.compile(r"(?<!d)d(?!d)")
_ENGLISH = Locale("en")


def format_day(value: date, style: Style = "medium") -> str:
    """Return the day of a date, or of a moment in the town's zone.

    French says « 1er décembre », and leaves the other days as numbers.
    """
    locale = get_locale() or _ENGLISH
    if isinstance(value, datetime):
        return _day_of(value, style, locale, get_timezone())
    return day_in(value, style, locale)


def format_moment(value: datetime, style: Style = "medium") -> str:
    """Return day and time in the town's zone; a time without zone is the town's already."""
    local = to_user_timezone(value) if value.tzinfo is not None else value
    locale = get_locale() or _ENGLISH
    time = babel_time(local.time(), style, locale=locale)
    day = day_in(local.date(), style, locale)
    pattern = str(get_datetime_format(style, locale=locale))
    return pattern.replace("'", "").replace("{0}", time).replace("{1}", day)


def format_minute(value: datetime) -> str:
    """Return day and minute in words: « 21 novembre 2026 à 14:05 »."""
    local = to_user_timezone(value) if value.tzinfo is not None else value
    locale = get_locale() or _ENGLISH
    return gettext(
        "%(day)s à %(time)s",
        day=day_in(local.date(), "long", locale),
        time=babel_time(local.time(), "short", locale=locale),
    )


@lru_cache(maxsize=4096)
def day_in(day: date, style: Style, locale: Locale) -> str:
    """Return ``day`` in ``locale``; ``style`` is short, medium, long, full, or a pattern."""
    if day.day == 1 and locale.language == "fr":
        known = style in get_args(Style)
        pattern = get_date_format(style, locale=locale).pattern if known else style
        pattern = _LONE_DAY.sub("d'er'", pattern)
        return babel_date(day, pattern, locale=locale)
    return babel_date(day, style, locale=locale)


@lru_cache(maxsize=4096)
def _day_of(moment: datetime, style: Style, locale: Locale, _zone: tzinfo) -> str:
    return day_in(to_user_timezone(moment).date(), style, locale)


def machine_date(when: date) -> str:
    """Return a day or a moment as HTML wants it in ``datetime``: no fraction of a second."""
    return when.isoformat(timespec="seconds") if isinstance(when, datetime) else when.isoformat()
