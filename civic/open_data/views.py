"""Everything public, to take away: as CSV and as GeoJSON, streamed, without personal data."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import orjson
from flask import Blueprint, Response, render_template, stream_with_context, url_for
from sqlalchemy import select

from civic.contributions.models import IS_PUBLISHED, Contribution
from civic.extensions import db, limiter
from civic.finding.names import names_of
from civic.i18n import N_
from civic.web.access import public

BATCH = 1_000
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
}

C = Contribution


@blueprint.get("/open-data")
@public
def index() -> str:
    """Say what can be taken away, under which licence, and what each column means."""
    return render_template("open_data/index.html", columns=COLUMNS)


@blueprint.get("/open-data/contributions.csv", endpoint="csv")
@public
@limiter.limit(DOWNLOADS)
def csv_file() -> Response:
    """Stream everything public as CSV."""
    return _download(_csv(), "text/csv; charset=utf-8", "contributions.csv")


@blueprint.get("/open-data/contributions.geojson", endpoint="geojson")
@public
@limiter.limit(DOWNLOADS)
def geojson_file() -> Response:
    """Stream everything public that has a place as GeoJSON."""
    return _download(_geojson(), "application/geo+json", "contributions.geojson")


def _download(parts: Iterator[bytes], mimetype: str, name: str) -> Response:
    response = Response(stream_with_context(parts), content_type=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _rows() -> Iterator[dict[str, Any]]:
    """Yield what is public by id, a batch at a time: memory does not grow with the file."""
    session, names = db.session(), names_of(db.session())
    address = url_for("participation.show", reference="REFERENCE", _external=True)
    other = Contribution.__table__.alias("other")
    statement = (
        select(
            C.id,
            C.reference,
            C.kind,
            C.title,
            C.body,
            C.category_id,
            C.department_id,
            C.status,
            C.status_type,
            C.area_id,
            C.address,
            C.lat,
            C.lon,
            C.submitted_at,
            C.closed_at,
            C.due_at,
            C.vote_count,
            C.comment_count,
            other.c.reference.label("duplicate_of"),
        )
        .outerjoin(
            other, (other.c.id == C.duplicate_of_id) & (other.c.moderation_state == "published")
        )
        .where(IS_PUBLISHED)
        .order_by(C.id)
        .limit(BATCH)
    )
    last = 0
    while rows := session.execute(statement.where(C.id > last)).all():
        for row in rows:
            category = names.categories.get(row.category_id)
            department = names.departments.get(row.department_id)
            area = names.areas.get(row.area_id)
            yield {
                "reference": row.reference,
                "kind": row.kind,
                "title": row.title,
                "description": row.body,
                "category": category.code if category else "",
                "category_name": category.name if category else "",
                "department": department.name if department else "",
                "status": row.status,
                "status_type": row.status_type.value,
                "area": area.name if area else "",
                "address": row.address,
                "lat": row.lat,
                "lon": row.lon,
                "submitted_at": _moment(row.submitted_at),
                "closed_at": _moment(row.closed_at),
                "due_at": _moment(row.due_at),
                "votes": row.vote_count,
                "comments": row.comment_count,
                "duplicate_of": row.duplicate_of or "",
                "url": address.replace("REFERENCE", row.reference),
            }
        last = rows[-1].id


def _moment(at: Any) -> str:
    return at.isoformat(timespec="seconds") if at is not None else ""


def _csv() -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=list(COLUMNS))
    writer.writeheader()
    for count, row in enumerate(_rows(), start=1):
        writer.writerow({name: _harmless(value) for name, value in row.items()})
        if count % BATCH == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula is written as text."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return "" if value is None else value


def _geojson() -> Iterator[bytes]:
    yield b'{"type":"FeatureCollection","features":['
    is_first = True
    for row in _rows():
        lat, lon = row.pop("lat"), row.pop("lon")
        if lat is None:
            continue
        feature = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": row,
        }
        yield (b"\n" if is_first else b",\n") + orjson.dumps(feature)
        is_first = False
    yield b"\n]}\n"
