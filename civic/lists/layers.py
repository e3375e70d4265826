"""What is on the map beside contributions, as rows and as the cards that pages show."""

from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from civic.contributions.map_layers import CONTRIBUTIONS, MapKind, MapLayer, map_layers
from civic.finding.filters import ContributionFilter, apply
from civic.web.addresses import write_address


def layer_rows(layer: MapLayer) -> Select[Any]:
    """Select what a card shows of the things of a layer; conditions are the caller's."""
    return select(
        layer.kind.label("kind"),
        layer.key.label("key"),
        layer.title.label("title"),
        layer.status.label("status"),
        layer.address.label("address"),
        layer.at.label("at"),
    )


def other_rows(
    session: Session, asked: ContributionFilter, *, limit: int
) -> list[tuple[MapLayer, Any]]:
    """Return what is on the map beside contributions, the latest of each layer first."""
    found: list[tuple[MapLayer, Any]] = []
    for layer in map_layers:
        if layer is CONTRIBUTIONS:
            continue
        if asked.kinds and not set(asked.kinds).intersection(layer.codes()):
            continue
        statement = apply(session, layer_rows(layer), asked, layer=layer)
        statement = statement.order_by(layer.at.desc(), layer.id.desc()).limit(limit)
        found += [(layer, row) for row in session.execute(statement)]
    return found


def find_layer_row(session: Session, layer: MapLayer, key: str) -> Any | None:
    """Return the card's row of one public thing, or None."""
    statement = layer_rows(layer).where(layer.is_visible, layer.key == key)
    return session.execute(statement).first()


def page_url(kind: MapKind, layer: MapLayer, key: str) -> str:
    """Return the address of the page of what is known by ``key`` on ``layer``."""
    values: dict[str, Any] = {layer.parameter: key}
    return url_for(f"{kind.blueprint}.show", **values)


def layer_item(layer: MapLayer, row: Any) -> dict[str, Any]:
    """Return the card of a row of :func:`layer_rows`."""
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
        "address": write_address(row.address),
        "when": row.at,
    }
