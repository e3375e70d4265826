"""What every map in a page is told: where Leaflet, the outlines and the background come from."""

from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.contributions.map_layers import map_layers
from civic.extensions import db
from civic.map.own_tiles import has_own_tiles, own_deepest_zoom
from civic.places.projection import View
from civic.places.queries import get_town_bounds
from civic.settings import Settings
from civic.web.assets import vendor_url

MAX_ZOOM = 19

_IGN = (
    "https://data.geopf.fr/wmts?SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetTile"
    "&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2&STYLE=normal&FORMAT=image/png"
    "&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
)
_KNOWN = {
    "ign": (_IGN, "© IGN – Géoplateforme"),
    "osm": ("https://tile.openstreetmap.org/{z}/{x}/{y}.png", "© OpenStreetMap"),
}


def map_config() -> dict[str, Any]:
    """Return the value of ``data-map`` on a map: addresses, the town's box, background, texts."""
    settings: Settings = current_app.extensions["civic_settings"]
    town = get_town_bounds(db.session())
    return {
        "leaflet": vendor_url("leaflet.js"),
        "leafletCss": vendor_url("leaflet.css"),
        "outlines": url_for("map.outlines"),
        "bounds": [[town.south, town.west], [town.north, town.east]],
        "maxZoom": MAX_ZOOM,
        "tiles": background(settings),
        "texts": {
            "map": gettext("Carte de la ville"),
            "zoomIn": gettext("Agrandir la carte"),
            "zoomOut": gettext("Réduire la carte"),
        },
    }


def background(settings: Settings) -> dict[str, Any] | None:
    """Return the tiles that the setting asks for; None where our own outlines are the map."""
    if settings.tiles == "none":
        return None
    if settings.tiles in _KNOWN:
        url, attribution = _KNOWN[settings.tiles]
        return {"url": url, "attribution": attribution, "maxZoom": 19}
    if has_own_tiles(settings):
        url = url_for("map.background_tile", z=0, x=0, y=0).replace("/0/0/0", "/{z}/{x}/{y}")
        return {
            "url": url,
            "attribution": settings.tiles_attribution,
            "maxZoom": own_deepest_zoom(settings),
        }
    return {"url": settings.tiles, "attribution": settings.tiles_attribution, "maxZoom": 19}


def whole_town(session: Session) -> View:
    """Return the view of the whole town."""
    return View.around(get_town_bounds(session))


def page_config(view: View) -> dict[str, Any]:
    """Return what the script of a page with contributions on a map is told."""
    base = map_config()
    return base | {
        "data": url_for("map.data", z=0, x=0, y=0).replace("/0/0/0", "/{z}/{x}/{y}"),
        "card": url_for("map.card", kind="KIND", key="KEY"),
        "page": url_for("map.index"),
        "kinds": {
            code: {"label": gettext(kind.label), "labels": gettext(kind.label_plural)}
            for code, kind in map_layers.kinds().items()
        },
        "view": {"lat": view.lat, "lon": view.lon, "zoom": view.zoom}
        if "z" in request.args
        else None,
        "texts": base["texts"] | _texts(),
    }


def _texts() -> dict[str, str]:
    return {
        "cluster": gettext("__n__ dans ce secteur (__kinds__). Agrandir la carte ici."),
        "last": gettext("__n__ dans ce secteur (__kinds__). Voir la liste."),
        "stack": gettext("__n__ au même endroit (__kinds__). Les écarter."),
        "beside": gettext("__n__ côte à côte (__kinds__). Les écarter."),
        "inView": gettext("La carte en montre __n__ : __kinds__."),
        "none": gettext("La carte n’en montre aucun ici."),
        "close": gettext("Fermer la fiche"),
        "failed": gettext("La carte n’a pas pu être mise à jour. Vérifiez votre connexion."),
    }
