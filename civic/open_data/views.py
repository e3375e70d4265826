"""Everything public, to take away: as CSV and as GeoJSON, without personal data."""

from collections.abc import Iterator
from typing import Any

import orjson
from flask import Blueprint, Response, render_template, url_for
from flask_babel import force_locale

from civic.comments.queries import list_public_after
from civic.contributions.projection import public_of
from civic.extensions import db, limiter
from civic.finding.names import Names, names_of
from civic.i18n import N_
from civic.open_data.queries import list_contributions_after
from civic.places.queries import get_town_zone
from civic.web.access import public
from civic.web.addresses import write_address
from civic.web.downloads import download
from civic.web.language import locale_code
from civic.web.networks import caller_network
from civic.web.tables import csv_download, machine_value

BATCH = 250
DOWNLOADS = "20 per hour"

blueprint = Blueprint("open_data", __name__)

COLUMNS = {
    "reference": N_("Référence publique"),
    "kind": N_("incident (signalement) ou idea (idée)"),
    "title": N_("Titre"),
    "description": N_("Texte, en Markdown"),
    "category": N_("Code de la catégorie"),
    "category_name": N_("Nom de la catégorie"),
    "department": N_("Nom du service en charge"),
    "status": N_("Code du statut"),
    "status_type": N_("open (en cours), fixed (réglé ou réalisé), closed (clos sans travaux)"),
    "area": N_("Nom du quartier"),
    "address": N_("Adresse"),
    "lat": N_("Latitude, en degrés (WGS84)"),
    "lon": N_("Longitude, en degrés (WGS84)"),
    "submitted_at": N_("Date de réception (UTC, ISO 8601)"),
    "closed_at": N_("Date de clôture (UTC, ISO 8601)"),
    "due_at": N_("Échéance annoncée (UTC, ISO 8601)"),
    "votes": N_("Nombre de soutiens"),
    "comments": N_("Nombre de commentaires publics"),
    "duplicate_of": N_("Référence de la contribution avec laquelle elle a été réunie"),
    "url": N_("Adresse de la page"),
    "language": N_("Langue dans laquelle elle est écrite"),
}

COMMENT_COLUMNS = {
    "id": N_("Numéro du commentaire"),
    "contribution": N_("Référence publique de ce qui est commenté"),
    "parent": N_("Numéro du commentaire auquel celui-ci répond"),
    "text": N_("Texte, en Markdown"),
    "stance": N_("for (pour), against (contre) ou neither (ni l’un ni l’autre)"),
    "department": N_("Nom du service, si c’est lui qui répond"),
    "submitted_at": N_("Date (UTC, ISO 8601)"),
    "helpful": N_("Nombre de personnes qui le trouvent utile"),
    "unhelpful": N_("Nombre de personnes qui ne le trouvent pas utile"),
}


@blueprint.get("/open-data")
@public
def index() -> str:
    """Say what can be taken away, under which licence, and what each column means."""
    tables = {N_("Colonnes des contributions"): COLUMNS}
    tables[N_("Colonnes des commentaires")] = COMMENT_COLUMNS
    return render_template("open_data/index.html", tables=tables)


@blueprint.get("/open-data/contributions.csv", endpoint="csv")
@public
@limiter.limit(DOWNLOADS, key_func=caller_network)
def csv_file() -> Response:
    """Give everything public as CSV."""
    rows = ([list(row.values()) for row in rows] for rows in _batches(_address(), locale_code()))
    return csv_download("contributions", list(COLUMNS), rows, lambda: get_town_zone(db.session()))


@blueprint.get("/open-data/comments.csv", endpoint="comments")
@public
@limiter.limit(DOWNLOADS, key_func=caller_network)
def comments_file() -> Response:
    """Give every public comment as CSV, without who wrote it."""
    rows = _comments(locale_code())
    return csv_download(
        "comments", list(COMMENT_COLUMNS), rows, lambda: get_town_zone(db.session())
    )


@blueprint.get("/open-data/contributions.geojson", endpoint="geojson")
@public
@limiter.limit(DOWNLOADS, key_func=caller_network)
def geojson_file() -> Response:
    """Give everything public that has a place as GeoJSON."""
    address, language = _address(), locale_code()
    return download(
        "contributions.geojson", "application/geo+json", lambda: _geojson(address, language)
    )


def _address() -> str:
    return url_for("participation.show", reference="REFERENCE", _external=True)


def _batches(address: str, language: str) -> Iterator[list[dict[str, Any]]]:
    """Yield what is public by id, a batch at a time: each may be asked of another session."""
    last = 0
    while rows := list_contributions_after(db.session(), last, BATCH):
        names = names_of(db.session())
        # A stream has left the request, and its language.
        with force_locale(language):
            values = [_values(row, names, address, language) for row in rows]
        yield values
        last = rows[-1].id


def _values(row: Any, names: Names, address: str, language: str) -> dict[str, Any]:
    shown = public_of(row)
    category = names.categories.get(shown.category_id)
    department = names.departments.get(shown.department_id or 0)
    area = names.areas.get(shown.area_id or 0)
    return {
        "reference": shown.reference,
        "kind": shown.kind,
        "title": shown.title,
        "description": shown.body,
        "category": category.code if category else "",
        "category_name": category.name_in(language) if category else "",
        "department": department.name_in(language) if department else "",
        "status": shown.status,
        "status_type": shown.status_type.value,
        "area": area.name if area else "",
        "address": write_address(shown.address),
        "lat": shown.lat,
        "lon": shown.lon,
        "submitted_at": shown.submitted_at,
        "closed_at": shown.closed_at,
        "due_at": shown.due_at,
        "votes": shown.votes,
        "comments": shown.comments,
        "duplicate_of": row.duplicate_of or "",
        "url": address.replace("REFERENCE", shown.reference),
        "language": shown.locale,
    }


def _comments(language: str) -> Iterator[list[list[Any]]]:
    """Yield the rows of the comments by id, a batch at a time."""
    last = 0
    while found := list_public_after(db.session(), last, BATCH):
        departments = names_of(db.session()).departments
        rows = []
        for row in found:
            department = departments.get(row.department_id or 0)
            name = department.name_in(language) if department else ""
            said = [row.id, row.reference, row.parent_id, row.body, row.stance.value, name]
            rows.append([*said, row.created_at, row.helpful_count, row.unhelpful_count])
        yield rows
        last = found[-1].id


def _geojson(address: str, language: str) -> Iterator[bytes]:
    yield b'{"type":"FeatureCollection","features":['
    before = b"\n"
    for rows in _batches(address, language):
        features = [orjson.dumps(_feature(row)) for row in rows if row["lat"] is not None]
        if features:
            yield before + b",\n".join(features)
            before = b",\n"
    yield b"\n]}\n"


def _feature(row: dict[str, Any]) -> dict[str, Any]:
    lat, lon = row.pop("lat"), row.pop("lon")
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {name: machine_value(value) for name, value in row.items()},
    }
