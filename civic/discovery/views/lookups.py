"""What forms ask while somebody types: addresses, and contributions that may be the same."""

from typing import Any

from flask import current_app, jsonify, render_template, request
from werkzeug.wrappers import Response

from civic.contributions.kinds import kinds
from civic.contributions.similar_registry import Sketch
from civic.database import utcnow
from civic.discovery.similar import find_near_duplicates
from civic.discovery.views.blueprint import blueprint
from civic.extensions import db
from civic.places.addresses import AddressMatch, find_addresses
from civic.places.geocoding import geocode
from civic.places.geometry import Bounds, Position
from civic.places.queries import find_town
from civic.settings import Settings
from civic.taxonomy.models import Category
from civic.taxonomy.queries import find_category
from civic.text.folding import fold
from civic.text.numbers import row_number
from civic.web.access import public
from civic.web.limits import typing_limit

SHORTEST_ASKED = 3
SHORTEST_TITLE = 6
MOST_TYPED = 250


@blueprint.get("/addresses")
@public
@typing_limit
def addresses() -> Response:
    """Answer the addresses that ``?q=`` may mean, to the script of a form."""
    asked = request.args.get("q", "").replace("\x00", "")[:MOST_TYPED].strip()
    found = _addresses(asked) if len(asked) >= SHORTEST_ASKED else []
    return jsonify(addresses=[{"label": m.label, "lat": m.lat, "lon": m.lon} for m in found])


@blueprint.get("/similar")
@public
@typing_limit
def similar() -> str:
    """Show, inside the form, what may be the same as what is being written."""
    kind = request.args.get("kind", "")
    title = request.args.get("title", "").replace("\x00", "")[:200].strip()
    position = _position(request.args)
    if kind not in kinds or (position is None and len(title) < SHORTEST_TITLE):
        return ""
    sketch = Sketch(
        kind=kinds[kind],
        title=title,
        body="",
        category=_category(request.args.get("category", "")),
        position=position,
    )
    found = find_near_duplicates(db.session(), sketch)
    return render_template("discovery/_similar.html", kind=sketch.kind, found=found, now=utcnow())


def _addresses(asked: str) -> list[AddressMatch]:
    session = db.session()
    found = find_addresses(session, asked)
    settings: Settings = current_app.extensions["civic_settings"]
    town = find_town(session)
    if found or settings.geocoder == "none" or town is None:
        return found
    box = Bounds(west=town.west, south=town.south, east=town.east, north=town.north)
    name = town.name
    # The embedded engine has one writer: what this page has read must not stand in its way.
    session.rollback()
    here = asked if fold(name) in fold(asked) else f"{asked}, {name}"
    return geocode(db.engine, settings.geocoder, settings.geocoder_url, here, within=box)


def _position(args: Any) -> Position | None:
    try:
        return Position(float(args.get("lat", "")), float(args.get("lon", "")))
    except ValueError:
        return None


def _category(value: str) -> Category | None:
    session = db.session()
    number = row_number(value)
    if number is not None:
        return session.get(Category, number)
    return find_category(session, value) if value else None
