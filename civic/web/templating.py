"""Filters that write dates, numbers and texts in the language and time zone of the page."""

from typing import Any

import orjson
from flask import Flask
from flask_babel import (
    format_date,
    format_datetime,
    format_decimal,
    format_percent,
    format_time,
    format_timedelta,
    gettext,
    ngettext,
)
from markupsafe import Markup

from civic.database import utcnow
from civic.text.markdown import plain_text, render_markdown


def init_app(app: Flask) -> None:
    """Add the filters and the i18n functions to the template environment."""
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.add_extension("jinja2.ext.do")
    env.trim_blocks = True
    env.lstrip_blocks = True
    env.install_gettext_callables(gettext, ngettext, newstyle=False)  # type: ignore[attr-defined]
    env.globals.update(_=gettext, gettext=gettext, ngettext=ngettext)
    env.filters.update(
        dateformat=_date,
        datetimeformat=_datetime,
        momentformat=_moment,
        numberformat=format_decimal,
        percentformat=format_percent,
        ago=_ago,
        markdown=lambda text: Markup(render_markdown(text)),  # noqa: S704 (sanitised by nh3)
        excerpt=lambda text, limit=160: plain_text(text, limit),
        json_attribute=lambda value: orjson.dumps(value).decode(),
    )


def _date(value: Any, style: str = "medium") -> str:
    """Return the day of ``value`` in the town's zone."""
    return str(format_date(value, style))


def _datetime(value: Any, style: str = "medium") -> str:
    """Return day and time in the town's zone; a time without zone is the town's already."""
    return str(format_datetime(value, style, rebase=value.tzinfo is not None))


def _moment(value: Any) -> str:
    """Return day and minute in words: « 21 novembre 2026 à 14:05 »."""
    return gettext(
        "%(day)s à %(time)s", day=format_date(value, "long"), time=format_time(value, "short")
    )


def _ago(value: Any) -> str:
    """Return how long ago ``value`` was, or until it is: « il y a 3 jours »."""
    return str(format_timedelta(value - utcnow(), add_direction=True))
