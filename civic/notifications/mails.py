"""The words of a mail: one template each (templates/mail/NAME.jinja), made into text and HTML.

A template is read twice, as text, where nothing is escaped, and as HTML; the names of its parts
(paragraph, quote, facts, button…) are the same in ``parts.txt`` and ``parts.html``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from flask import Flask
from flask_babel import get_locale, gettext
from jinja2 import Environment
from markupsafe import Markup

from civic.attachments.captions import subject as photos_about
from civic.contributions.workflow import Party
from civic.flags.forms import REASONS
from civic.flags.models import FlagReason
from civic.notifications.events import EVENTS, STAFF_GROUPS, sentence_of, translated
from civic.notifications.links import author_path
from civic.participation.timeline import PARTIES
from civic.text.markdown import shorten
from civic.text.references import unbroken
from civic.web.dates import Style, format_day, format_minute
from civic.web.language import OF_MAIL

MOST = 50
"""Lines that one list of a mail names; what is beyond is counted."""
MOST_WORDS = 160
"""Characters that one line of a digest quotes."""
_PREHEADER = 140
_STAFF_NEWS: Final = frozenset(e.code for e in EVENTS.values() if e.group in STAFF_GROUPS)
"""What shares one template: the event says its subject."""


@dataclass(frozen=True, slots=True)
class Words:
    """One mail in the language in force."""

    subject: str
    text: str
    html: str


def write(app: Flask, name: str, data: Mapping[str, Any], site: Mapping[str, Any]) -> Words:
    """Return the mail ``name`` about ``data`` in the language in force.

    ``site`` is what the layouts say of the town: town, locale, site_url and settings_path. Raises
    LookupError for a name that this version does not know.
    """
    plain, escaped = _environments(app)
    file = template_of(name)
    url = partial(_url, site["site_url"], site["locale"])
    context = {**translated(data, gettext), **_callable(data), **site, "data": data, "url": url}
    links = {"url": url, "brand": site["town"].mail_colour}
    parts = plain.get_template("mail/parts.txt").make_module(links)

    def as_text(layout: str) -> str:
        base = plain.get_template(f"layouts/{layout}")
        return plain.get_template(file).render(context, layout=base, mail=parts)

    context["preheader"] = _beginning(as_text("mail.preheader"))
    return Words(
        subject=" ".join(as_text("mail.subject").split()),
        text=_tidy(as_text("mail.txt")),
        html=_unbroken(
            escaped.get_template(file).render(
                context,
                layout=escaped.get_template("layouts/mail.html"),
                mail=escaped.get_template("mail/parts.html").make_module(links),
            )
        ),
    )


def _unbroken(html: str) -> str:
    """Keep references on one line each, in all that is shown; a title takes no tags."""
    head, end, shown = html.partition("</head>")
    # Made by our templates, which escape.
    kept = unbroken(Markup(shown), 'style="white-space:nowrap"')  # noqa: S704
    return f"{head}{end}{kept}"


def _url(site_url: str, locale: str, path: str) -> str:
    """Return the address of a page, which opens in the language of the mail."""
    page, anchor, place = path.partition("#")
    sign = "&" if "?" in page else "?"
    return f"{site_url}{page}{sign}{OF_MAIL}={locale}{anchor}{place}"


def template_of(name: str) -> str:
    """Return the file of the mail ``name``."""
    return f"mail/{'staff_news' if name in _STAFF_NEWS else name}.jinja"


def _environments(app: Flask) -> tuple[Environment, Environment]:
    """Return where nothing is escaped, and where all is."""
    made: tuple[Environment, Environment] | None = app.extensions.get("mail_templates")
    if made is None:
        env = app.jinja_env
        made = env.overlay(autoescape=False), env.overlay(autoescape=True)
        app.extensions["mail_templates"] = made
    return made


def _callable(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the templates may call."""

    def way(path: str, of: Mapping[str, Any] = data) -> str:
        """Return a path, which opens as theirs what the reader wrote."""
        own_id = of.get("own_id")
        return author_path(int(own_id), int(of["account_id"]), path) if own_id else path

    return {
        "day": _day,
        "department_name": _department_name,
        "first_words": _first_words,
        "moment": _moment,
        "most": MOST,
        "photos_about": photos_about,
        "reasons_of": _reasons_of,
        "said_by": _said_by,
        "sentence_of": lambda line: sentence_of(line["event"], line, gettext),
        "way": way,
    }


def _moment(text: str | None) -> str:
    """Return a stored moment as day and time of the town, or nothing."""
    return format_minute(datetime.fromisoformat(text)) if text else ""


def _day(text: str | None, style: Style = "full") -> str:
    """Return a stored moment or date as a day of the town, or nothing."""
    if not text:
        return ""
    value = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    return format_day(value, style)


def _department_name(department: Mapping[str, str] | None) -> str:
    if not department:
        return ""
    locale = get_locale()
    return department.get(locale.language if locale else "fr") or department.get("fr", "")


def _said_by(data: Mapping[str, Any]) -> str:
    """Return who says the sentence of a step, as the page does."""
    if data.get("is_automatic"):
        return gettext("Réponse automatique")
    party = Party(data.get("party", Party.AGENT))
    department = _department_name(data.get("department"))
    return department if department and party is Party.AGENT else gettext(PARTIES[party])


def _reasons_of(data: Mapping[str, Any]) -> str:
    """Return why a moderator is to look at a case: each reason once."""
    reasons = dict.fromkeys(
        str(REASONS[FlagReason(one["flag"])])
        if one.get("flag")
        else str(translated(one, gettext).get("reason", ""))
        for one in [data, *data.get("also", [])]
    )
    return ", ".join(filter(None, reasons))


def _first_words(line: Mapping[str, Any]) -> str:
    """Return the beginning of what somebody wrote, on one line, with who it was where known."""
    said = " ".join((line.get("comment") or line.get("sentence") or "").split())
    if not said:
        return ""
    words = gettext("« %(words)s »", words=shorten(said, MOST_WORDS))
    return f"{words} ({line['by']})" if line.get("by") else words


def _beginning(body: str) -> str:
    """Return the first paragraph, which the inbox shows beside the subject."""
    first = body.strip().split("\n\n", 1)[0]
    return " ".join(first.replace("\n> ", "\n").removeprefix("> ").split())[:_PREHEADER]


def _tidy(text: str) -> str:
    """At most one empty line in a row: the templates leave more."""
    lines: list[str] = []
    for line in text.splitlines():
        kept = line if line == "-- " else line.rstrip()
        if kept or (lines and lines[-1]):
            lines.append(kept)
    return "\n".join(lines).strip() + "\n"
