"""What forms ask while somebody types an address."""

from typing import Any

from flask import Blueprint, current_app, jsonify, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from civic.extensions import db
from civic.places.addresses import AddressMatch, find_addresses
from civic.places.geocoding import geocode
from civic.places.geometry import Bounds
from civic.places.queries import find_town
from civic.settings import Settings
from civic.text.folding import fold
from civic.web.access import public
from civic.web.addresses import write_address
from civic.web.limits import typing_limit

SHORTEST_ASKED = 3
MOST_TYPED = 250

blueprint = Blueprint("places", __name__)


@blueprint.get("/addresses")
@public
@typing_limit
def addresses() -> Response:
    """Answer the addresses that ``?q=`` may mean, to the script of a form."""
    asked = request.args.get("q", "").replace("\x00", "")[:MOST_TYPED].strip()
    found = _addresses(asked) if len(asked) >= SHORTEST_ASKED else []
    return jsonify(addresses=[_as_json(match) for match in found])


def _as_json(match: AddressMatch) -> dict[str, Any]:
    note = gettext(match.note) if match.note else ""
    return {"label": write_address(match.label), "lat": match.lat, "lon": match.lon, "note": note}


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
