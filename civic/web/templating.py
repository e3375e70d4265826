"""Filters that write dates, numbers and texts in the language and time zone of the page."""

from collections.abc import Iterable, MutableMapping
from functools import lru_cache
from typing import Any

import orjson
from babel import Locale, numbers
from babel.support import NullTranslations
from flask import Flask, templating
from flask_babel import (
    format_percent,
    format_timedelta,
    get_locale,
    get_translations,
)
from jinja2 import Undefined
from markupsafe import Markup

from civic.database import utcnow
from civic.text.markdown import plain_text, render_markdown
from civic.text.references import unbroken
from civic.text.scripts import tag_of_script
from civic.web.addresses import write_address
from civic.web.dates import format_day, format_minute, format_moment, machine_date
from civic.web.left_out import left_out


class Environment(templating.Environment):
    """Templates that have no globals of their own share those of all.

    The map over a map that they would have is gone through at every import of every page.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals of one template."""
        return super().make_globals(d) if d else self.globals


def init_app(app: Flask) -> None:
    """Add the filters and the i18n functions to the template environment."""
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.add_extension("jinja2.ext.do")
    env.trim_blocks = True
    env.lstrip_blocks = True
    env.install_gettext_callables(_say, _count, newstyle=False)  # type: ignore[attr-defined]
    env.globals.update(
        _=_say,
        gettext=_say,
        ngettext=_count,
        options=_options,
        written_in=written_in,
        left_out=left_out,
        script_attributes=_script_attributes,
        script_of=tag_of_script,
    )
    env.filters.update(
        address=write_address,
        dateformat=format_day,
        machinedate=machine_date,
        datetimeformat=format_moment,
        in_its_language=_in_its_language,
        momentformat=format_minute,
        numberformat=_number,
        percentformat=format_percent,
        ago=_ago,
        markdown=lambda text: Markup(render_markdown(text)),  # noqa: S704 (sanitised by nh3)
        unbroken=unbroken,
        excerpt=lambda text, limit=160: plain_text(text, limit),
        json_attribute=lambda value: orjson.dumps(value).decode(),
    )


def written_in(text: object, code: str | None = None) -> Markup:
    """Return the attributes of what people wrote: its direction, and its language where known.

    Another script says more than ``code``, the language of the page that it was typed on. The
    language of the page that it is shown on is not said again.
    """
    here = get_locale()
    tag = tag_of_script(str(text or "")) or code
    if not tag or (here is not None and tag == here.language):
        return Markup(' dir="auto"')
    return Markup(' lang="{}" dir="auto"').format(tag)


def _script_attributes(words: str) -> Markup:
    """Return what :func:`written_in` says of words in another script, and nothing of others."""
    return written_in(words) if tag_of_script(words) else Markup("")


def _in_its_language(text: str, code: str | None = None) -> Markup:
    """Return what people wrote within our words; see :func:`written_in`."""
    return Markup("<bdi{}>{}</bdi>").format(written_in(text, code), text)


def _options(choices: Iterable[tuple[Any, str]], chosen: Any = None) -> Markup:
    """Return the ``<option>`` of each value with its label; made once for what a town offers."""
    return _written_options(tuple(choices), None if isinstance(chosen, Undefined) else chosen)


@lru_cache(maxsize=512)
def _written_options(choices: tuple[tuple[Any, str], ...], chosen: Any) -> Markup:
    plain, selected = (
        Markup('<option value="{}">{}</option>'),
        Markup('<option value="{}" selected>{}</option>'),
    )
    return Markup("").join(
        (selected if value == chosen else plain).format(value, label) for value, label in choices
    )


_catalogues: dict[str, NullTranslations] = {}


def _catalogue() -> NullTranslations:
    """Return the texts of the language in force: a page asks more than a hundred times."""
    locale = get_locale()
    if locale is None:
        return NullTranslations()
    found = _catalogues.get(locale.language)
    if found is None:
        found = _catalogues[locale.language] = get_translations()
    return found


def _say(message: str, **values: Any) -> str:
    text = _catalogue().gettext(message)
    return text % values if values else text


def _count(one: str, many: str, number: int, **values: Any) -> str:
    text = _catalogue().ngettext(one, many, number)
    return text % ({"num": number} | values)


def _number(value: Any) -> str:
    """Return ``value`` with the separators of the language."""
    return _written_number(value, get_locale())


@lru_cache(maxsize=4096, typed=True)
def _written_number(value: Any, locale: Locale) -> str:
    return str(numbers.format_decimal(value, locale=locale))


def _ago(value: Any) -> str:
    """Return how long ago ``value`` was, or until it is: « il y a 3 jours »."""
    return str(format_timedelta(value - utcnow(), add_direction=True))
