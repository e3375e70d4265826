"""The map as a picture made by the server, for readers without script."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.contributions.map_layers import map_layers
from civic.counting.queries import Cluster, find_counted
from civic.map.config import MAX_ZOOM
from civic.map.shown import Shown
from civic.map.tiles import pyramid
from civic.places.drawn import DrawnArea, list_drawn_areas
from civic.places.geometry import cell_to_tile, tile_bounds
from civic.places.models import AreaLevel
from civic.places.projection import HEIGHT, WIDTH, View
from civic.search.queries import Search


@dataclass(frozen=True, slots=True)
class Picture:
    """The map without script: outlines, names, clusters that lead closer, and ways to move."""

    width: int
    height: int
    outlines: list[tuple[str, str]]
    names: list[tuple[float, float, str]]
    clusters: list[dict[str, Any]]
    moves: list[tuple[str, str, str]]


def picture(session: Session, shown: Shown, search: Search | None = None) -> Picture:
    """Return the picture of what is asked, as seen from the view."""
    view = shown.view
    areas = list_drawn_areas(session)
    outlines = [(area.level.value, view.path(area.rings)) for area in areas]
    found = pyramid(find_counted(session, shown.asked, search), view.tiles())
    return Picture(
        WIDTH,
        HEIGHT,
        [(level, path) for level, path in outlines if path],
        list(_names(view, areas)),
        [_link(shown, cluster) for cluster in sorted(found, key=lambda cluster: cluster.n)],
        _moves(shown.url, view),
    )


def _names(view: View, areas: Sequence[DrawnArea]) -> Iterator[tuple[float, float, str]]:
    for area in areas:
        if area.level is AreaLevel.TOWN:
            continue
        left, _ = view.point(area.bounds.south, area.bounds.west)
        right, _ = view.point(area.bounds.south, area.bounds.east)
        x, y = view.point(*area.label)
        if right - left > 6 * min(len(area.name), 14) and 0 < x < WIDTH and 0 < y < HEIGHT:
            yield x, y, area.name


def _link(shown: Shown, cluster: Cluster) -> dict[str, Any]:
    x, y = shown.view.point(cluster.lat, cluster.lon)
    kinds: dict[str, int] = {}
    for (kind, _), n in cluster.by.items():
        kinds[kind] = kinds.get(kind, 0) + n
    known = map_layers.kinds()
    told = ", ".join(f"{gettext(known[code].label_plural)} : {n}" for code, n in kinds.items())
    if shown.view.zoom < MAX_ZOOM:
        closer = View(cluster.lat, cluster.lon, min(shown.view.zoom + 2, MAX_ZOOM))
        url = shown.url(view=closer)
    else:
        box = tile_bounds(cell_to_tile(cluster.cell, cluster.level))
        url = replace(shown, inside=True).url(replace(shown.asked, bbox=box))
    return {
        "x": x,
        "y": y,
        "n": cluster.n,
        "r": 15 if cluster.n < 100 else 19 if cluster.n < 10_000 else 24,
        "kind": next(iter(kinds)) if cluster.n == 1 else "",
        "label": told,
        "url": url,
    }


def _moves(url: Callable[..., str], view: View) -> list[tuple[str, str, str]]:
    moves = [
        (gettext("Agrandir"), "plus-lg", view.zoomed(+1)),
        (gettext("Réduire"), "dash-lg", view.zoomed(-1)),
        (gettext("Vers le nord"), "arrow-up", view.moved(0, -0.5)),
        (gettext("Vers le sud"), "arrow-down", view.moved(0, 0.5)),
        (gettext("Vers l’ouest"), "arrow-left", view.moved(-0.5, 0)),
        (gettext("Vers l’est"), "arrow-right", view.moved(0.5, 0)),
    ]
    return [(label, icon, url(view=there)) for label, icon, there in moves]
