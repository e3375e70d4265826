"""The legal pages, filled from what the town has entered; and its logo."""

from datetime import date

from flask import Blueprint, Response, abort, current_app, render_template
from markupsafe import Markup, escape

from civic.administration import logos
from civic.administration.operations.town import legal_snapshot
from civic.administration.queries import declared_status, missing_legal
from civic.contributions.clauses import CLAUSES
from civic.extensions import db
from civic.places.queries import find_town
from civic.settings import Settings
from civic.storage import file_store
from civic.storage.files import MissingFileError
from civic.web.access import public

blueprint = Blueprint("legal", __name__)


@blueprint.get("/legal/mentions")
@public
def mentions() -> str:
    """Say who publishes and hosts the site."""
    return _page("mentions")


@blueprint.get("/legal/privacy")
@public
def privacy() -> str:
    """Say what is kept of people, why, how long, and what they can ask for."""
    return _page("privacy")


@blueprint.get("/legal/accessibility")
@public
def accessibility() -> str:
    """Show the accessibility statement in its fixed model."""
    return _page("accessibility")


@blueprint.get("/legal/terms")
@public
def terms() -> str:
    """Show the terms of use, with the numbered clauses that decisions quote."""
    return _page("terms")


@blueprint.get("/town/logo-<name>.png")
@public
def logo(name: str) -> Response:
    """Serve the town's logo; its name changes with it."""
    try:
        with file_store().open(logos.file_key(name)) as file:
            data = file.read()
    except (ValueError, MissingFileError):
        abort(404)
    response = Response(data, mimetype="image/png")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _page(name: str) -> str:
    town = find_town(db.session())
    texts = legal_snapshot(town) if town else {}
    settings: Settings = current_app.extensions["civic_settings"]
    return render_template(
        f"legal/{name}.html",
        legal=texts,
        lines=_lines,
        missing=missing_legal(town) if town else [],
        status=declared_status(texts),
        stated_on=_day(texts.get("accessibility_date")),
        audited_on=_day(texts.get("accessibility_audit_date")),
        clauses=CLAUSES,
        site_url=settings.public_url,
        outside_tiles=settings.tiles in {"ign", "osm"} or settings.tiles.startswith("https://"),
        outside_geocoder=settings.geocoder != "none",
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _lines(text: str) -> Markup:
    """Return an entered text with its line ends kept."""
    return Markup("<br>").join(escape(line) for line in text.strip().splitlines())
