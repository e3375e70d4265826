"""The map and, beside it, the very same things as a list."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.accounts.session import current_actor
from civic.contributions.map_layers import map_layers
from civic.discovery.area_heat import MEASURES, compared, measures
from civic.discovery.cards import MapThing, layer_item, map_thing
from civic.discovery.choices import chips, filter_choices
from civic.discovery.filters import ContributionFilter
from civic.discovery.list_cards import list_cards
from civic.discovery.lists import list_page
from civic.discovery.map_config import MAX_ZOOM, map_config, town_box
from civic.discovery.map_data import Cluster, Found, pyramid, totals
from civic.discovery.picture import HEIGHT, SHALLOWEST, WIDTH, View
from civic.discovery.queries import drawn_areas, other_rows
from civic.discovery.views.before import found_before, search_before
from civic.discovery.views.blueprint import blueprint
from civic.extensions import db, htmx
from civic.places.geometry import Bounds, Position, cell_to_tile, tile_bounds
from civic.places.models import AreaLevel
from civic.places.queries import find_town
from civic.search.queries import Search
from civic.web.access import public
from civic.web.kept import kept_for_visitors, stamp_before_reading
from civic.web.language import locale_code

MOST_OTHERS = 6
DRAWN_ORDER = {level: at for at, level in enumerate(AreaLevel)}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page is about: the filter, the view, and whether the view narrows the list."""

    asked: ContributionFilter
    view: View
    inside: bool
    heat: str
    """By what the areas are coloured, of ``area_heat.MEASURES``; nothing where they are not."""

    def url(self, asked: ContributionFilter | None = None, view: View | None = None) -> str:
        """Return the address of the page with another filter or view."""
        values = (asked or self.asked).to_args() | self.place(view)
        return url_for("discovery.map", **values)

    def place(self, view: View | None = None) -> dict[str, Any]:
        """Return the query of the view: where, whether the list keeps to it, which colours."""
        values = (view or self.view).to_args()
        values |= {"inside": 1} if self.inside else {}
        return values | ({"heat": self.heat} if self.heat else {})


@blueprint.get("/map", endpoint="map")
@public
@kept_for_visitors
def map_page() -> str:
    """Show the map, or only its list when a script asks for that."""
    stamp = stamp_before_reading()
    asked = ContributionFilter.from_args(request.args)
    found, search = found_before(asked, stamp), search_before(asked, stamp)
    shown = _shown(asked)
    listed = _list(shown, found, search)
    if htmx.target == "map-list":
        return render_template("discovery/_map_list.html", shown=shown, **listed)
    session, locale = db.session(), locale_code()
    return render_template(
        "discovery/map.html",
        shown=shown,
        choices=filter_choices(session, locale),
        chips=[
            {"label": label, "remove_url": url_for("discovery.map", **args, **shown.place())}
            for label, args in chips(session, shown.asked, locale)
        ],
        picture=picture(shown, found),
        config=page_config(shown.view) | {"heat": _heat_config()},
        selected=_selected(),
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


def _list(shown: Shown, before: Found | None, search: Search | None) -> dict[str, Any]:
    session, asked = db.session(), shown.asked
    page = list_page(session, asked, current_actor(), search=search)
    found = totals(session, asked, before)
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


def whole_town(session: Session) -> View:
    """Return the view of the whole town."""
    south, west, north, east = town_box(find_town(session))
    return View.around(Bounds(west, south, east, north))


def page_config(view: View) -> dict[str, Any]:
    """Return what the script of a page with contributions on a map is told."""
    base = map_config()
    return base | {
        "data": url_for("discovery.map_tile", z=0, x=0, y=0).replace("/0/0/0", "/{z}/{x}/{y}"),
        "card": url_for("discovery.map_card", kind="KIND", key="KEY"),
        "page": url_for("discovery.map"),
        "kinds": {
            code: {"label": gettext(kind.label), "labels": gettext(kind.label_plural)}
            for code, kind in map_layers.kinds().items()
        },
        "view": {"lat": view.lat, "lon": view.lon, "zoom": view.zoom}
        if "z" in request.args
        else None,
        "texts": base["texts"] | _texts(),
    }


def _heat_config() -> dict[str, Any] | None:
    session = db.session()
    if len(compared(session)) < 2:
        return None
    return {
        "data": url_for("discovery.areas_compared"),
        "table": url_for("discovery.areas"),
        "area": url_for("discovery.area", slug="SLUG"),
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


def _texts() -> dict[str, str]:
    return {
        "cluster": gettext("__n__ au même endroit (__kinds__). Agrandir la carte ici."),
        "last": gettext("__n__ à la même adresse (__kinds__). Voir la liste."),
        "stack": gettext("__n__ au même endroit (__kinds__). Les écarter."),
        "inView": gettext("La carte en montre __n__ : __kinds__."),
        "none": gettext("La carte n’en montre aucun ici."),
        "close": gettext("Fermer la fiche"),
        "failed": gettext("La carte n’a pas pu être mise à jour. Vérifiez votre connexion."),
    }


# ------------------------------------------------------------------------------- the picture


@dataclass(frozen=True, slots=True)
class Picture:
    """The map without script: outlines, names, clusters that lead closer, and ways to move."""

    width: int
    height: int
    outlines: list[tuple[str, str]]
    names: list[tuple[float, float, str]]
    clusters: list[dict[str, Any]]
    moves: list[tuple[str, str, str]]


def picture(shown: Shown, before: Found | None = None) -> Picture:
    """Return the picture of what is asked, as seen from the view."""
    session, view = db.session(), shown.view
    areas = sorted(drawn_areas(session), key=lambda area: DRAWN_ORDER[area.level])
    outlines = [(area.level.value, view.path(area.drawing)) for area in areas]
    found = pyramid(session, shown.asked, view.tiles(), before)
    return Picture(
        WIDTH,
        HEIGHT,
        [(level, path) for level, path in outlines if path],
        list(_names(view, areas)),
        [_link(shown, cluster) for cluster in sorted(found, key=lambda cluster: cluster.n)],
        _moves(shown.url, view),
    )


def _names(view: View, areas: Any) -> Any:
    for area in areas:
        if area.level is AreaLevel.TOWN:
            continue
        left, _ = view.point(area.south, area.west)
        right, _ = view.point(area.south, area.east)
        x, y = view.point(area.label_lat, area.label_lon)
        if right - left > 6 * min(len(area.name), 14) and 0 < x < WIDTH and 0 < y < HEIGHT:
            yield x, y, area.name


def _link(shown: Shown, cluster: Cluster) -> dict[str, Any]:
    x, y = shown.view.point(cluster.lat, cluster.lon)
    kinds: dict[str, int] = {}
    for (kind, _), n in cluster.by.items():
        kinds[kind] = kinds.get(kind, 0) + n
    known = map_layers.kinds()
    told = ", ".join(f"{gettext(known[code].label_plural)} : {n}" for code, n in kinds.items())
    if shown.view.zoom < MAX_ZOOM:
        closer = View(cluster.lat, cluster.lon, min(shown.view.zoom + 2, MAX_ZOOM))
        url = shown.url(view=closer)
    else:
        box = tile_bounds(cell_to_tile(cluster.cell, cluster.level))
        url = replace(shown, inside=True).url(replace(shown.asked, bbox=box))
    return {
        "x": x,
        "y": y,
        "n": cluster.n,
        "r": 15 if cluster.n < 100 else 19 if cluster.n < 10_000 else 24,
        "kind": next(iter(kinds)) if cluster.n == 1 else "",
        "label": told,
        "url": url,
    }


def _moves(url: Callable[..., str], view: View) -> list[tuple[str, str, str]]:
    moves = [
        (gettext("Agrandir"), "plus-lg", view.zoomed(+1)),
        (gettext("Réduire"), "dash-lg", view.zoomed(-1)),
        (gettext("Vers le nord"), "arrow-up", view.moved(0, -0.5)),
        (gettext("Vers le sud"), "arrow-down", view.moved(0, 0.5)),
        (gettext("Vers l’ouest"), "arrow-left", view.moved(-0.5, 0)),
        (gettext("Vers l’est"), "arrow-right", view.moved(0.5, 0)),
    ]
    return [(label, icon, url(view=there)) for label, icon, there in moves]
