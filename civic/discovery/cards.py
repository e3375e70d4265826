"""What is on the map beside contributions, as the cards that pages show."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.contributions.map_layers import CONTRIBUTIONS, MapKind, MapLayer, map_layers
from civic.discovery.list_cards import list_cards
from civic.discovery.lists import Item, Page
from civic.discovery.queries import find_layer_row, find_public


def page_url(kind: MapKind, layer: MapLayer, key: str) -> str:
    """Return the address of the page of what is known by ``key`` on ``layer``."""
    values: dict[str, Any] = {layer.parameter: key}
    return url_for(f"{kind.blueprint}.show", **values)


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


@dataclass(frozen=True, slots=True)
class MapThing:
    """One thing of the map: a card of a list of contributions, or one of something else."""

    card: dict[str, Any] | None = None
    item: dict[str, Any] | None = None


def map_thing(session: Session, kind: str, key: str) -> MapThing | None:
    """Return the public thing of ``kind`` known by ``key``, or None."""
    layer = map_layers.of_kind(kind)
    if layer is None or not key:
        return None
    if layer is CONTRIBUTIONS:
        row = find_public(session, key)
        return MapThing(card=list_cards(session, Page([Item(row)], 1))[0]) if row else None
    other = find_layer_row(session, layer, key)
    return MapThing(item=layer_item(layer, other)) if other else None
