"""The rows of a list as cards: made for speed, twenty at a time, nothing looked up row by row."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import url_for
from flask_babel import format_decimal, gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from civic.attachments.captions import photo_alt, subject
from civic.attachments.queries import Cover, get_covers
from civic.contributions.kinds import Kind, kinds
from civic.contributions.projection import PublicContribution, public_of
from civic.database import utcnow
from civic.finding.names import names_of
from civic.lists.pages import Item, Page
from civic.lists.ranking import explain
from civic.text.addresses import address_key
from civic.text.markdown import plain_text, shorten
from civic.text.snippets import snippet
from civic.web.addresses import write_address
from civic.web.dates import format_day, machine_date
from civic.web.language import locale_code
from civic.web.templating import written_in

EXCERPT = 160
_PLACEHOLDER = "I-0000-00"
_MARKS = "*_`[]()<>#~\\&|!+-=\n"

Card = dict[str, Any]
Fragments = list[tuple[str, bool]]
"""A text in parts, each with whether it is what was searched for."""


def list_cards(
    session: Session, page: Page, *, text: str = "", explain_heat: bool = False
) -> list[Card]:
    """Return the cards of ``page``; ``text`` is what was searched for, to be marked in them."""
    sought = " ".join([text, *(understood for _, understood in page.corrections)]).strip()
    street = f"{sought} {address_key(text)}" if text else ""
    names, locale = names_of(session), locale_code()
    now = utcnow()
    keys = {item.row.cover_key for item in page.items} - {None}
    covers = get_covers(session, keys)
    words = _Words()
    cards: list[Card] = []
    for item in page.items:
        shown = public_of(item.row)
        kind = words.kind(shown.kind)
        category = names.categories.get(shown.category_id)
        area = names.areas.get(shown.area_id or 0)
        category_label = category.name_in(locale) if category else ""
        place = write_address(shown.address) or (area.name if area else "")
        status_label, status_icon = kind.status(shown.status)
        cards.append(
            _photo(covers.get(shown.cover_key or ""), subject(category_label, place))
            | _texts(shown, sought)
            | {
                "id": item.row.id,
                "url": kind.url(shown.reference),
                "reference": shown.reference,
                "kind": shown.kind,
                "kind_icon": kind.shape,
                "kind_label": kind.label,
                "status_label": status_label,
                "status_type": shown.status_type.value,
                "status_icon": status_icon,
                "category_label": category_label,
                "category_icon": category.icon if category else "geo-alt",
                "place": _marked(place, street),
                "moment": machine_date(shown.submitted_at),
                "when": format_day(shown.submitted_at),
                "votes": words.number(shown.votes),
                "comments": words.number(shown.comments) if shown.comments else "",
                "late": shown.is_late(now),
                "lat": shown.lat,
                "lon": shown.lon,
                "distance": words.distance(item.metres) if item.metres is not None else "",
                "why": _why(item, now, words) if explain_heat else "",
            }
        )
    return cards


def _texts(shown: PublicContribution, sought: str) -> Card:
    """Return what its author wrote, each with the attributes that say in which language."""
    return {
        "title": _marked(shown.title, sought),
        "title_written": written_in(shown.title, shown.locale),
        "excerpt": _extract(shown.body, sought),
        "excerpt_written": written_in(shown.body, shown.locale),
    }


def _photo(cover: Cover | None, what: str) -> Card:
    return {"photo": cover, "photo_alt": photo_alt(cover.description, what) if cover else ""}


class _Icons(dict[str, Markup]):
    """The drawing of each icon, made when it is first asked for."""

    def __init__(self, sprite: str) -> None:
        super().__init__()
        self._sprite = sprite

    def __missing__(self, name: str) -> Markup:
        self[name] = Markup(
            '<svg class="icon" width="16" height="16" viewBox="0 0 16 16" focusable="false" '
            'aria-hidden="true"><use href="{}#{}"></use></svg>'
        ).format(self._sprite, name)
        return self[name]


@lru_cache(maxsize=8)
def icon_markup(sprite: str) -> dict[str, Markup]:
    """Return the drawings of the icons in the file ``sprite``, as ``components/icon.html`` does."""
    return _Icons(sprite)


class _KindWords:
    """What all cards of one kind share."""

    def __init__(self, kind: Kind) -> None:
        self.label = gettext(kind.label)
        self.shape = {"incident": "exclamation-lg", "idea": "lightbulb-fill"}.get(
            kind.code, "chat-fill"
        )
        self._address = url_for(f"{kind.blueprint}.show", reference=_PLACEHOLDER)
        self._kind = kind
        self._statuses: dict[str, tuple[str, str]] = {}

    def url(self, reference: str) -> str:
        return self._address.replace(_PLACEHOLDER, reference)

    def status(self, code: str) -> tuple[str, str]:
        if code not in self._statuses:
            status = self._kind.workflow[code]
            self._statuses[code] = gettext(status.label), status.icon
        return self._statuses[code]


class _Words:
    """Texts that repeat from card to card, each made once."""

    def __init__(self) -> None:
        self._kinds: dict[str, _KindWords] = {}
        self._numbers: dict[float, str] = {}

    def kind(self, code: str) -> _KindWords:
        if code not in self._kinds:
            self._kinds[code] = _KindWords(kinds[code])
        return self._kinds[code]

    def number(self, value: float) -> str:
        if value not in self._numbers:
            plain = isinstance(value, int) and value < 1000
            self._numbers[value] = str(value) if plain else str(format_decimal(value))
        return self._numbers[value]

    def distance(self, metres: float) -> str:
        if metres < 1000:
            return gettext("à %(metres)s m", metres=max(10, round(metres, -1)).__int__())
        return gettext("à %(km)s km", km=self.number(round(metres / 1000, 1)))


def _why(item: Item, now: datetime, words: _Words) -> str:
    """Why the card stands here, in one line."""
    if item.is_little_seen:
        return gettext("Tirée au sort parmi les idées peu vues")
    row = item.row
    numbers = explain(
        hot=row.hot,
        now=now,
        submitted_at=row.submitted_at,
        votes=row.vote_count,
        comments=row.comment_count,
    )
    worth = numbers.worth_now
    if worth < 0.1:
        return gettext("Ici par son ancienneté : ses soutiens ne pèsent presque plus")
    return gettext(
        "Pèse autant que %(worth)s soutiens reçus aujourd’hui", worth=words.number(round(worth, 1))
    )


def _extract(body: str, sought: str) -> Fragments:
    if not body:
        return []
    plain = _plain(body)
    return snippet(plain, sought, EXCERPT) if sought else [(shorten(plain, EXCERPT), False)]


def _marked(text: str, sought: str) -> Fragments:
    if not (text and sought):
        return [(text, False)] if text else []
    return snippet(text, sought, len(text) + 1)


@lru_cache(maxsize=8_192)
def _plain(body: str) -> str:
    if any(mark in body for mark in _MARKS):
        return plain_text(body)
    return " ".join(body.split())
