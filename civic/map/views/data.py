"""What the map's script asks for: tiles of contributions, outlines, cards, a local background."""

from typing import Any

from flask import abort, current_app, render_template, request
from werkzeug.wrappers import Response

from civic.counting.queries import find_counted
from civic.extensions import db
from civic.finding.reading import read_filter
from civic.lists.searches import search_before
from civic.map.cards import map_thing
from civic.map.own_tiles import has_own_tiles, own_tile
from civic.map.tiles import tile_body, tile_data
from civic.map.views.blueprint import blueprint
from civic.places.drawn import list_drawings
from civic.places.geometry import Tile
from civic.settings import Settings
from civic.web.access import public
from civic.web.caching import public_answer, public_json
from civic.web.page_cache import stamp_before_reading


@blueprint.get("/map/data/<int:z>/<int:x>/<int:y>.json")
@public
def data(z: int, x: int, y: int) -> Response:
    """Answer the clusters and single things of one tile, the same for everyone."""
    stamp = stamp_before_reading()
    asked, _ = read_filter(db.session(), request.args)
    search = search_before(asked, stamp) if asked.text else None
    session = db.session()
    try:
        tile = tile_data(session, find_counted(session, asked, search), Tile(z, x, y))
    except ValueError:
        abort(404)
    return public_json(tile_body(tile))


@blueprint.get("/map/outlines.json")
@public
def outlines() -> Response:
    """Answer the outlines that the map draws itself."""
    areas: list[dict[str, Any]] = [
        {
            "slug": area.slug,
            "name": area.name,
            "level": area.level.value,
            "label": [area.label_lat, area.label_lon],
            "bounds": [[area.south, area.west], [area.north, area.east]],
            "drawing": area.drawing,
        }
        for area in list_drawings(db.session())
    ]
    return public_json({"areas": areas})


@blueprint.get("/map/card/<kind>/<key>")
@public
def card(kind: str, key: str) -> str:
    """Show one thing of the map as a card, as part of the map's page."""
    found = map_thing(db.session(), kind, key)
    if found is None:
        abort(404)
    return render_template("map/_card.html", thing=found)


@blueprint.get("/map/tiles/<int:z>/<int:x>/<int:y>")
@public
def background_tile(z: int, x: int, y: int) -> Response:
    """Answer one image of the town's own background file; 404 where it has none."""
    settings: Settings = current_app.extensions["civic_settings"]
    if not has_own_tiles(settings):
        abort(404)
    image, mimetype = own_tile(settings, z, x, y)
    if image is None:
        return Response(status=404)
    response = public_answer(image, mimetype)
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
