"""The lists of one kind, the search in all of them, and the page that explains their order."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import format_decimal, gettext, ngettext
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from civic.accounts.session import current_actor
from civic.contributions.hotness import (
    COMMENT_WEIGHT,
    HALF_LIFE_DAYS,
    LITTLE_SEEN_VOTES,
    SUBMISSION_WEIGHT,
    VOTE_WEIGHT,
)
from civic.extensions import db
from civic.finding.choices import SORTS, chips, filter_choices
from civic.finding.filters import ContributionFilter, Sort
from civic.finding.reading import read_filter
from civic.lists.cards import list_cards
from civic.lists.keyset import LITTLE_SEEN_POOL
from civic.lists.pages import PAGE_SIZE
from civic.lists.queries import effective_sort, list_page
from civic.lists.ranking import (
    LITTLE_SEEN_SHARE,
    UNTOUCHED_FIRST_PLACES,
    little_seen_places,
    wilson_lower_bound,
)
from civic.lists.searches import search_before
from civic.lists.suggestions import corrections_as_written, suggestion
from civic.places.addresses import AddressMatch, find_addresses, sure_match
from civic.places.geometry import Position
from civic.places.streets import street_letters
from civic.search.queries import COMMON, Search
from civic.similar.likeness import HALF_LIFE_DAYS as SIMILAR_HALF_LIFE_DAYS
from civic.similar.likeness import MOST_SHOWN, SEARCH_RADIUS_FACTOR, THRESHOLD
from civic.web.access import public
from civic.web.language import locale_code
from civic.web.limits import typing_limit
from civic.web.page_cache import cached_for_visitors, stamp_before_reading

LIST_SORTS = {
    "incident": (Sort.NEWEST, Sort.HOT, Sort.SUPPORTED, Sort.DISCUSSED, Sort.WAITING, Sort.NEAR),
    "idea": (Sort.HOT, Sort.NEWEST, Sort.SUPPORTED, Sort.DISCUSSED, Sort.WAITING, Sort.NEAR),
    "": (Sort.NEWEST, Sort.HOT, Sort.SUPPORTED, Sort.DISCUSSED, Sort.WAITING, Sort.NEAR),
}
MOST_PLACES = 5
LONGEST_PLACE = 250

blueprint = Blueprint("lists", __name__)


@blueprint.get("/incidents")
@public
@cached_for_visitors
def incidents() -> str | Response:
    """List the incidents, the newest first."""
    return _list("incident", "lists/incidents.html", _count_incidents)


@blueprint.get("/ideas")
@public
@cached_for_visitors
def ideas() -> str | Response:
    """List the ideas, the hottest first."""
    return _list("idea", "lists/ideas.html", _count_ideas)


@blueprint.get("/search")
@public
@typing_limit
def search() -> str | Response:
    """Find contributions of every kind by their words."""
    if ContributionFilter.from_args(request.args).is_empty:
        asked, ignored = read_filter(db.session(), request.args)
        choices = filter_choices(db.session(), locale_code())
        return render_template(
            "lists/search.html", asked=asked, ignored=ignored, page=None, choices=choices
        )
    return _list("", "lists/search.html", _count_results)


@blueprint.get("/ranking")
@public
def ranking() -> str:
    """Explain the orders with the numbers that the code uses."""
    return render_template(
        "lists/ranking.html",
        half_life=HALF_LIFE_DAYS,
        submission_weight=SUBMISSION_WEIGHT,
        vote_weight=VOTE_WEIGHT,
        comment_weight=COMMENT_WEIGHT,
        little_seen_share=LITTLE_SEEN_SHARE,
        little_seen_votes=LITTLE_SEEN_VOTES,
        little_seen_pool=LITTLE_SEEN_POOL,
        little_seen_count=len(little_seen_places(PAGE_SIZE, "")),
        untouched=UNTOUCHED_FIRST_PLACES,
        page_size=PAGE_SIZE,
        searched_most=COMMON,
        wilson=[(yes, of, wilson_lower_bound(yes, of)) for yes, of in ((1, 1), (9, 10), (95, 100))],
        similar_half_life=SIMILAR_HALF_LIFE_DAYS,
        similar_threshold=THRESHOLD,
        similar_radius_factor=SEARCH_RADIUS_FACTOR,
        similar_most=MOST_SHOWN,
    )


def _list(kind: str, template: str, count_words: Callable[[int], str]) -> str | Response:
    stamp = stamp_before_reading()
    session, locale = db.session(), locale_code()
    asked, ignored = read_filter(session, request.args)
    search = search_before(asked, stamp)
    if kind:
        asked = replace(asked, kinds=(kind,))
    shown = replace(asked, kinds=() if kind else asked.kinds)
    wants_place = asked.sort is Sort.NEAR and asked.near is None
    place = request.args.get("place", "").replace("\x00", "")[:LONGEST_PLACE].strip()
    places = find_addresses(session, place, MOST_PLACES) if wants_place and place else []
    if sure := sure_match(places):
        return redirect(_near(shown, sure), 303)
    page = list_page(session, asked, current_actor(), search=search)
    sort = effective_sort(asked, search)
    other = suggestion(session, asked.text, search) if search and not asked.cursor else None
    return render_template(
        template,
        asked=asked,
        ignored=ignored,
        page=page,
        cards=list_cards(session, page, text=asked.text, explain_heat=sort is Sort.HOT),
        total=count_words(page.total),
        sorts=_sorts(_offered(kind, search), shown, sort),
        corrections=corrections_as_written(session, page),
        suggestion=other,
        suggestion_url=_url(shown.to_args(text=other)) if other else "",
        too_many=COMMON if search is not None and not search.are_few else 0,
        chips=[
            {"label": label, "remove_url": _url(args)}
            for label, args in chips(session, shown, locale, with_kinds=not kind)
        ],
        clear_url=_url({"sort": asked.sort.value} if asked.sort else {}),
        choices=filter_choices(session, locale, kind=kind),
        keep={"sort": asked.sort.value if asked.sort else "", "near": shown.to_args().get("near")},
        next_url=_url(shown.to_args(cursor=page.next_cursor)) if page.next_cursor else None,
        previous_url=(
            _url(shown.to_args(cursor=page.previous_cursor)) if page.previous_cursor else None
        ),
        map_url=_map_url(asked),
        near_args=shown.to_args(cursor="", sort=Sort.NEAR, near=None),
        wants_place=wants_place,
        knows_addresses=wants_place and bool(street_letters(session)),
        place=place,
        places=[_place(match, shown) for match in places],
        is_first=not asked.cursor,
    )


def _offered(kind: str, search: Search | None) -> tuple[Sort, ...]:
    can_be_relevant = search is not None and search.are_few
    return (Sort.RELEVANT, *LIST_SORTS[kind]) if can_be_relevant else LIST_SORTS[kind]


def _sorts(
    offered: tuple[Sort, ...], asked: ContributionFilter, sort: Sort
) -> list[dict[str, Any]]:
    def anchor(member: Sort) -> str:
        return "#near" if member is Sort.NEAR and asked.near is None else ""

    return [
        {
            "label": gettext(SORTS[member]),
            "url": _url(asked.to_args(cursor="", sort=member)) + anchor(member),
            "current": member is sort,
            "code": member.value,
        }
        for member in offered
    ]


def _place(match: AddressMatch, asked: ContributionFilter) -> dict[str, str]:
    note = gettext(match.note) if match.note else ""
    return {"label": match.label, "note": note, "url": _near(asked, match)}


def _near(asked: ContributionFilter, place: AddressMatch) -> str:
    here = Position(place.lat, place.lon)
    return _url(asked.to_args(cursor="", sort=Sort.NEAR, near=here))


def _url(args: dict[str, Any]) -> str:
    return url_for(request.endpoint or "", **args)


def _map_url(asked: ContributionFilter) -> str:
    return url_for("map.index", **asked.to_args(cursor="", sort=None, near=None))


def _count_incidents(count: int) -> str:
    number = format_decimal(count)
    return ngettext("%(number)s signalement", "%(number)s signalements", count, number=number)


def _count_ideas(count: int) -> str:
    return ngettext("%(number)s idée", "%(number)s idées", count, number=format_decimal(count))


def _count_results(count: int) -> str:
    number = format_decimal(count)
    return ngettext("%(number)s résultat", "%(number)s résultats", count, number=number)
