"""The parts that a mail is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from flask_babel import gettext

from civic.attachments.captions import subject
from civic.attachments.models import Photo
from civic.notifications.cases import Case
from civic.notifications.events import TRANSLATED
from civic.web.dates import Style, format_day, format_minute


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or a few."""

    text: str
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody wrote, with who it was."""

    text: str
    by: str = ""
    kind: str = "quote"


@dataclass(frozen=True, slots=True)
class Code:
    """A few characters to copy."""

    text: str
    kind: str = "code"


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels and values; an empty value drops its line."""

    rows: list[tuple[str, str]]
    kind: str = "facts"


class Link(NamedTuple):
    """A page: its text, its path on this site, and the first words of what somebody wrote."""

    text: str
    path: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """A list of pages."""

    items: list[Link]
    kind: str = "links"


@dataclass(frozen=True, slots=True)
class Photos:
    """The photos of a contribution, which travel in the mail itself."""

    photos: Sequence[Photo]
    about: str = ""
    kind: str = "photos"


Block = Paragraph | Quote | Code | Facts | Links | Photos


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail in words. ``action`` is the label of its button and its path on this site.

    ``otherwise`` is a second way on, a link. ``reason`` says why the person receives it.
    """

    subject: str
    blocks: list[Block] = field(default_factory=list)
    title: str = ""
    action: tuple[str, str] | None = None
    otherwise: tuple[str, str] | None = None
    reason: str = ""

    @property
    def heading(self) -> str:
        """The title, which is the subject unless another was given."""
        return self.title or self.subject


def translated(data: dict[str, Any]) -> dict[str, Any]:
    """Return ``data`` with its msgids in the language in force."""
    return {
        key: gettext(value) if key in TRANSLATED and value else value for key, value in data.items()
    }


def moment(text: str | None) -> str:
    """Return a stored moment as day and time of the town, or nothing."""
    if not text:
        return ""
    return format_minute(datetime.fromisoformat(text))


def day(text: str | None, style: Style = "full") -> str:
    """Return a stored moment or date as a day of the town, or nothing."""
    if not text:
        return ""
    value = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    return format_day(value, style)


def department_name(department: dict[str, str] | None, locale: str) -> str:
    """Return the name of a stored department in ``locale``."""
    if not department:
        return ""
    return department.get(locale) or department.get("fr", "")


def facts_of(case: Case, *more: tuple[str, str]) -> Facts:
    """Return what it is about and where, and ``more`` rows."""
    return Facts(
        [
            (gettext("Référence"), case.reference),
            (gettext("Objet"), case.title),
            (gettext("Catégorie"), case.category),
            (gettext("Lieu"), case.place),
            *more,
        ]
    )


def words_of(case: Case, by: str = "") -> list[Block]:
    """Return what was written and shown; nothing where that is not to be repeated."""
    blocks: list[Block] = []
    if case.body:
        blocks.append(Quote(case.body, by=by))
    if case.photos:
        blocks.append(Photos(case.photos, about=subject(case.category, case.place)))
    return blocks


def own_reason(data: dict[str, Any]) -> str:
    """Why its author, or somebody who supports or follows it, receives a mail about it."""
    if data.get("own_id"):
        return gettext("Vous recevez ce courriel parce que vous avez écrit cette contribution.")
    if data.get("is_supporter"):
        return gettext("Vous recevez ce courriel parce que vous soutenez cette contribution.")
    return gettext("Vous recevez ce courriel parce que vous suivez cette contribution.")
