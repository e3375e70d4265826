"""The map and, beside it, the very same things as a list."""

from dataclasses import replace
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext

from civic.accounts.session import current_actor
from civic.areas.heat import MEASURES, compared, measures
from civic.contributions.map_layers import map_layers
from civic.counting.queries import find_counted
from civic.extensions import db, htmx
from civic.finding.choices import chips, filter_choices
from civic.finding.filters import ContributionFilter
from civic.finding.reading import read_filter
from civic.lists.cards import list_cards
from civic.lists.layers import layer_item, other_rows
from civic.lists.queries import list_page
from civic.lists.searches import search_before
from civic.map.cards import MapThing, map_thing
from civic.map.config import MAX_ZOOM, page_config, whole_town
from civic.map.picture import picture
from civic.map.shown import Shown
from civic.map.views.blueprint import blueprint
from civic.places.geometry import Position
from civic.places.projection import SHALLOWEST, View
from civic.places.queries import is_outline_estimated
from civic.search.queries import Search
from civic.web.access import public
from civic.web.language import locale_code
from civic.web.page_cache import cached_for_visitors, stamp_before_reading

MOST_OTHERS = 6


@blueprint.get("/map")
@public
@cached_for_visitors
def index() -> str:
    """Show the map, or only its list when a script asks for that."""
    stamp = stamp_before_reading()
    asked, ignored = read_filter(db.session(), request.args)
    search = search_before(asked, stamp)
    shown = _shown(asked)
    listed = _list(shown, search)
    if htmx.target == "map-list":
        return render_template("map/_list.html", shown=shown, **listed)
    session, locale = db.session(), locale_code()
    return render_template(
        "map/index.html",
        shown=shown,
        ignored=ignored,
        choices=filter_choices(session, locale),
        chips=[
            {"label": label, "remove_url": url_for("map.index", **args, **shown.place())}
            for label, args in chips(session, shown.asked, locale)
        ],
        picture=picture(session, shown, search),
        config=page_config(shown.view) | {"heat": _heat_config()},
        selected=_selected(),
        is_estimated=is_outline_estimated(session),
        **listed,
    )


def _shown(asked: ContributionFilter) -> Shown:
    view = _view()
    inside = bool(request.args.get("inside"))
    box = (asked.bbox or view.bounds) if inside else None
    heat = request.args.get("heat", "")
    return Shown(replace(asked, bbox=box), view, inside, heat if heat in MEASURES else "")


def _view() -> View:
    """Return the place and zoom of the address; the whole town without."""
    try:
        centre = Position(float(request.args["lat"]), float(request.args["lon"]))
        zoom = round(float(request.args["z"]))
    except (KeyError, ValueError, OverflowError):
        return whole_town(db.session())
    return View(centre.lat, centre.lon, min(max(zoom, SHALLOWEST), MAX_ZOOM))


def _list(shown: Shown, search: Search | None) -> dict[str, Any]:
    session, asked = db.session(), shown.asked
    page = list_page(session, asked, current_actor(), search=search)
    found = find_counted(session, asked, search).totals
    others = [] if asked.cursor else other_rows(session, asked, limit=MOST_OTHERS)
    return {
        "page": page,
        "cards": list_cards(session, page, text=asked.text),
        "others": [layer_item(layer, row) for layer, row in others],
        "found": found,
        "by_kind": [
            (gettext(kind.label_plural), found.count(code))
            for code, kind in map_layers.kinds().items()
            if found.count(code)
        ],
        "next_url": shown.url(replace(asked, cursor=page.next_cursor))
        if page.next_cursor
        else None,
        "previous_url": shown.url(replace(asked, cursor=page.previous_cursor))
        if page.previous_cursor
        else None,
    }


def _selected() -> MapThing | None:
    """Return what ``?selected=kind:key`` names, while it is public."""
    kind, _, key = request.args.get("selected", "").partition(":")
    return map_thing(db.session(), kind, key)


def _heat_config() -> dict[str, Any] | None:
    session = db.session()
    if len(compared(session)) < 2:
        return None
    return {
        "data": url_for("areas.figures"),
        "table": url_for("areas.comparison"),
        "area": url_for("areas.show", slug="SLUG"),
        "measures": {code: gettext(MEASURES[code]) for code in measures(session)},
        "texts": {
            "upTo": gettext("jusqu’à __n__"),
            "unknown": gettext("pas de chiffre"),
            "group": gettext(
                "__measure__ par quartier. Les flèches mènent d’un quartier à l’autre."
            ),
            "failed": gettext("Les couleurs n’ont pas pu être chargées. Vérifiez votre connexion."),
        },
    }
