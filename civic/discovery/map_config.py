"""What every map in a page is told: where Leaflet, the outlines and the background come from."""

from typing import Any

from flask import current_app, url_for
from flask_babel import gettext

from civic.discovery.own_tiles import has_own_tiles, own_deepest_zoom
from civic.extensions import db
from civic.places.models import Town
from civic.places.queries import find_town
from civic.settings import Settings
from civic.web.assets import vendor_url

MAX_ZOOM = 19
FRANCE = (41.3, -5.3, 51.2, 9.7)

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
    south, west, north, east = town_box(find_town(db.session()))
    return {
        "leaflet": vendor_url("leaflet.js"),
        "leafletCss": vendor_url("leaflet.css"),
        "outlines": url_for("discovery.outlines"),
        "bounds": [[south, west], [north, east]],
        "maxZoom": MAX_ZOOM,
        "tiles": background(settings),
        "texts": {
            "map": gettext("Carte de la ville"),
            "zoomIn": gettext("Agrandir la carte"),
            "zoomOut": gettext("Réduire la carte"),
        },
    }


def town_box(town: Town | None) -> tuple[float, float, float, float]:
    """Return south, west, north and east of the town; of France while there is none."""
    if town is None:
        return FRANCE
    return town.south, town.west, town.north, town.east


def background(settings: Settings) -> dict[str, Any] | None:
    """Return the tiles that the setting asks for; None where our own outlines are the map."""
    if settings.tiles == "none":
        return None
    if settings.tiles in _KNOWN:
        url, attribution = _KNOWN[settings.tiles]
        return {"url": url, "attribution": attribution, "maxZoom": 19}
    if has_own_tiles(settings):
        url = url_for("discovery.tile", z=0, x=0, y=0).replace("/0/0/0", "/{z}/{x}/{y}")
        return {
            "url": url,
            "attribution": settings.tiles_attribution,
            "maxZoom": own_deepest_zoom(settings),
        }
    return {"url": settings.tiles, "attribution": settings.tiles_attribution, "maxZoom": 19}
