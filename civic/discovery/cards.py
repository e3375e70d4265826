"""Contributions, and whatever else is on the map, as the cards that pages show."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from civic.contributions.kinds import kinds
from civic.contributions.map_layers import MapKind, MapLayer, map_layers
from civic.contributions.workflow import StatusType
from civic.database import utcnow
from civic.places.models import Area
from civic.taxonomy.models import Category
from civic.text.markdown import plain_text
from civic.web.language import locale_code

EXCERPT = 160


def page_url(kind: MapKind, layer: MapLayer, key: str) -> str:
    """Return the address of the page of what is known by ``key`` on ``layer``."""
    values: dict[str, Any] = {layer.parameter: key}
    return url_for(f"{kind.blueprint}.show", **values)


def card_items(session: Session, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Return what ``contribution_card`` shows of rows of ``lists.CARD_COLUMNS``, in their order.

    Two queries, whatever their number: the names of categories and of areas.
    """
    if not rows:
        return []
    wanted = {row.category_id for row in rows}
    categories: dict[int, Any] = {
        category.id: category
        for category in session.execute(
            select(Category.id, Category.name, Category.name_en, Category.icon).where(
                Category.id.in_(wanted)
            )
        )
    }
    places = {row.area_id for row in rows} - {None}
    areas: dict[int, str] = {}
    if places:
        found = session.execute(select(Area.id, Area.name).where(Area.id.in_(places)))
        areas = {area.id: area.name for area in found}
    return [_item(row, categories[row.category_id], areas) for row in rows]


def _item(row: Row[Any], category: Any, areas: dict[int, str]) -> dict[str, Any]:
    kind = kinds[row.kind]
    status = kind.workflow[row.status]
    in_english = locale_code() == "en" and category.name_en
    is_open = row.status_type is StatusType.OPEN
    return {
        "url": url_for(f"{kind.blueprint}.show", reference=row.reference),
        "kind": kind.code,
        "kind_label": gettext(kind.label),
        "key": row.reference,
        "title": row.title,
        "excerpt": plain_text(row.body, EXCERPT),
        "photo_url": _photo(row.cover_key),
        "photo_alt": "",
        "category_label": category.name_en if in_english else category.name,
        "category_icon": category.icon,
        "status_label": gettext(status.label),
        "status_type": status.type.value,
        "status_icon": status.icon,
        "address": row.address,
        "area": areas.get(row.area_id, ""),
        "when": row.submitted_at,
        "votes": row.vote_count,
        "comments": row.comment_count,
        "reference": row.reference,
        "late": is_open and row.due_at is not None and row.due_at < utcnow(),
    }


def layer_item(layer: MapLayer, row: Any) -> dict[str, Any]:
    """Return the card of a row of ``civic.discovery.queries.layer_rows``."""
    kind = map_layers.kinds()[row.kind]
    status = kind.workflow[row.status]
    return {
        "url": page_url(kind, layer, row.key),
        "kind": kind.code,
        "kind_label": gettext(kind.label),
        "key": row.key,
        "title": row.title,
        "status_label": gettext(status.label),
        "status_type": status.type.value,
        "status_icon": status.icon,
        "address": row.address,
        "when": row.at,
    }


def _photo(key: str | None) -> str:
    return url_for("attachments.show", key=key, size="small") if key else ""
