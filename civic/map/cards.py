"""One thing of the map, as the card that pages show."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from civic.contributions.map_layers import CONTRIBUTIONS, map_layers
from civic.lists.cards import list_cards
from civic.lists.layers import find_layer_row, layer_item
from civic.lists.pages import Item, Page
from civic.lists.queries import find_public


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
