"""What search engines are told: where everything public is, and where not to look."""

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from flask import Response, abort, url_for
from sqlalchemy import func, select

from civic.contributions.kinds import kinds
from civic.contributions.map_layers import CONTRIBUTIONS, map_layers
from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.extensions import db
from civic.finding.names import names_of
from civic.open_data.views import blueprint
from civic.places.queries import get_town_zone
from civic.web.access import public

PAGES = (
    "home.index",
    "map.index",
    "lists.incidents",
    "lists.ideas",
    "actions.index",
    "actions.status",
    "areas.index",
    "lists.ranking",
    "open_data.index",
    "moderation.ledger",
    "legal.mentions",
    "legal.privacy",
    "legal.accessibility",
    "legal.terms",
)
IDS_A_FILE = 20_000
"""A file of the sitemap holds the contributions of so many ids: at most 50,000 are allowed."""

HIDDEN = (
    "/s/",
    "/m/",
    "/mail/",
    "/account",
    "/desk",
    "/moderation",
    "/administration",
    "/demo/",
    "/search",
)


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    """Let robots read what is public and name the sitemap."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in HIDDEN)]
    lines += ["", f"Sitemap: {url_for('open_data.sitemap', _external=True)}", ""]
    return Response("\n".join(lines), mimetype="text/plain")


@blueprint.get("/sitemap.xml")
@public
def sitemap() -> Response:
    """List the files of the sitemap."""
    last = db.session().scalar(select(func.max(Contribution.id)).where(IS_PUBLISHED)) or 0
    files = [url_for("open_data.sitemap_pages", _external=True)]
    files += [
        url_for("open_data.sitemap_part", part=part, _external=True)
        for part in range(1, last // IDS_A_FILE + 2)
    ]
    body = "".join(f"<sitemap><loc>{escape(address)}</loc></sitemap>\n" for address in files)
    return _xml("sitemapindex", body)


@blueprint.get("/sitemap-pages.xml")
@public
def sitemap_pages() -> Response:
    """List the pages that are not contributions: lists, areas, actions."""
    session = db.session()
    addresses = [url_for(endpoint, _external=True) for endpoint in PAGES]
    addresses += [
        url_for("areas.show", slug=area.slug, _external=True)
        for area in names_of(session).areas.values()
        if area.is_named
    ]
    for layer in map_layers:
        if layer is CONTRIBUTIONS:
            continue
        known = {kind.code: kind.blueprint for kind in layer.kinds()}
        rows = session.execute(
            select(layer.kind.label("kind"), layer.key.label("key"))
            .where(layer.is_visible)
            .order_by(layer.id.desc())
            .limit(IDS_A_FILE)
        )
        for row in rows:
            values: dict[str, Any] = {layer.parameter: row.key}
            addresses.append(url_for(f"{known[row.kind]}.show", **values, _external=True))
    return _xml("urlset", "".join(_entry(address) for address in addresses))


@blueprint.get("/sitemap-<int:part>.xml")
@public
def sitemap_part(part: int) -> Response:
    """List the contributions of one range of ids."""
    if not 1 <= part <= 1_000_000:
        abort(404)
    return _xml("urlset", "".join(_contributions(part)))


def _contributions(part: int) -> Iterator[str]:
    patterns = {
        kind.code: url_for(f"{kind.blueprint}.show", reference="REFERENCE", _external=True)
        for kind in kinds
    }
    zone = get_town_zone(db.session())
    rows = db.session().execute(
        select(Contribution.kind, Contribution.reference, Contribution.updated_at)
        .where(
            IS_PUBLISHED,
            Contribution.id > (part - 1) * IDS_A_FILE,
            Contribution.id <= part * IDS_A_FILE,
        )
        .order_by(Contribution.id)
    )
    for row in rows:
        address = patterns[row.kind].replace("REFERENCE", row.reference)
        yield _entry(address, row.updated_at.astimezone(zone).date().isoformat())


def _entry(address: str, changed: str = "") -> str:
    when = f"<lastmod>{changed}</lastmod>" if changed else ""
    return f"<url><loc>{escape(address)}</loc>{when}</url>\n"


def _xml(root: str, body: str) -> Response:
    start = '<?xml version="1.0" encoding="UTF-8"?>\n'
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return Response(
        f'{start}<{root} xmlns="{space}">\n{body}</{root}>\n', mimetype="application/xml"
    )
