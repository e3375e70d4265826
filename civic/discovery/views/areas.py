"""The town by area: how much is reported, how long it takes, how much is supported."""

import math
from typing import Any

from flask import render_template, request, url_for
from flask_babel import format_decimal, gettext
from shapely.geometry import shape
from sqlalchemy import select

from civic.discovery.map_config import town_box
from civic.discovery.picture import View
from civic.discovery.queries import AreaFigures, area_figures, drawn_areas
from civic.discovery.views.blueprint import blueprint
from civic.extensions import db
from civic.i18n import N_
from civic.places.geometry import EARTH_RADIUS_M, Bounds
from civic.places.models import Area, AreaLevel
from civic.places.queries import find_town
from civic.web.access import public

STEPS = 5
# In pixels: around the town, and how wide the page shows the drawing.
MARGIN = 10
FIGURE = 640
MEASURES = {
    "density": N_("Signalements au km²"),
    "days": N_("Jours pour régler"),
    "support": N_("Soutiens pour 1 000 habitants"),
}
EXPLANATIONS = {
    "density": N_("Combien de signalements les 12 derniers mois, pour une même surface."),
    "days": N_(
        "Le délai médian des signalements des 12 derniers mois qui sont réglés : la moitié l’ont "
        "été plus vite."
    ),
    "support": N_(
        "Combien de soutiens ont reçu les contributions des 12 derniers mois, pour un même nombre "
        "d’habitants."
    ),
}


@blueprint.get("/map/areas")
@public
def areas() -> str:
    """Show one measure by area, as a drawing and as a table."""
    session = db.session()
    measure = request.args.get("measure", "density")
    if measure not in MEASURES:
        measure = "density"
    compared = _compared()
    sizes = {area.id: _square_km(area) for area in compared}
    figures = area_figures(session, compared, sizes)
    with_people = any(area.population for area in compared)
    values = {each.area.id: _value(each, measure) for each in figures}
    south, west, north, east = town_box(find_town(session))
    # One step closer than what fits, for finer lines: the page scales the drawing down.
    view = View.around(Bounds(west, south, east, north)).zoomed(+1)
    limits = _limits([value for value in values.values() if value is not None])
    figures.sort(key=lambda each: (-(values[each.area.id] or -1.0), each.area.name))
    return render_template(
        "discovery/areas.html",
        measure=measure,
        title=gettext(MEASURES[measure]),
        explanation=gettext(EXPLANATIONS[measure]),
        measures=[
            {
                "label": gettext(label),
                "url": url_for("discovery.areas", measure=code),
                "current": code == measure,
            }
            for code, label in MEASURES.items()
            if code != "support" or with_people
        ],
        frame=_frame(*view.point(north, west), *view.point(south, east)),
        background=[
            (area.level.value, view.path(area.drawing))
            for area in drawn_areas(session)
            if area.level in {AreaLevel.TOWN, AreaLevel.WATER}
        ],
        shapes=[_shape(each, values[each.area.id], limits, view) for each in figures],
        legend=_legend(limits),
        rows=[_row(each) for each in figures],
        with_people=with_people,
    )


def _frame(left: float, top: float, right: float, bottom: float) -> dict[str, float]:
    """Return the part of the drawing that the town fills, and how large its numbers are there."""
    width, height = right - left + 2 * MARGIN, bottom - top + 2 * MARGIN
    return {
        "left": left - MARGIN,
        "top": top - MARGIN,
        "width": width,
        "height": height,
        "text": round(12 * max(width, height) / FIGURE, 1),
    }


def _compared() -> list[Area]:
    """Return the finest division of the town that has at least two parts."""
    session = db.session()
    for level in (AreaLevel.NEIGHBOURHOOD, AreaLevel.DISTRICT, AreaLevel.TOWN):
        found = list(session.scalars(select(Area).where(Area.level == level).order_by(Area.name)))
        if len(found) > 1 or (found and level is AreaLevel.TOWN):
            return found
    return []


def _square_km(area: Area) -> float:
    """Return the surface of an outline: degrees are made metres at its own latitude."""
    outline = shape(area.outline)
    metres = math.radians(EARTH_RADIUS_M)
    narrowing = math.cos(math.radians((area.south + area.north) / 2))
    return float(outline.area) * metres**2 * narrowing / 1e6


def _value(figures: AreaFigures, measure: str) -> float | None:
    if measure == "days":
        return figures.median_days
    return figures.support if measure == "support" else figures.density


def _limits(values: list[float]) -> list[float]:
    """Return the upper ends of the steps, so that each holds about as many areas."""
    ordered = sorted(values)
    if not ordered:
        return []
    ends = [ordered[min(len(ordered) * n // STEPS, len(ordered) - 1)] for n in range(1, STEPS)]
    return sorted({*ends, ordered[-1]})


def _step(value: float | None, limits: list[float]) -> int:
    """Return 0 for what is not known, else 1 to STEPS."""
    if value is None:
        return 0
    at = next((n for n, limit in enumerate(limits) if value <= limit), len(limits) - 1)
    return at + 1 + STEPS - len(limits)


def _shape(
    figures: AreaFigures, value: float | None, limits: list[float], view: View
) -> dict[str, Any]:
    area = figures.area
    x, y = view.point(area.label_lat, area.label_lon)
    return {
        "name": area.name,
        "url": url_for("discovery.map", area=area.slug),
        "step": _step(value, limits),
        "path": view.path(area.drawing),
        "x": x,
        "y": y,
        "across": view.point(area.label_lat, area.east)[0] - view.point(0, area.west)[0],
        "text": _number(value),
    }


def _legend(limits: list[float]) -> list[tuple[int, str]]:
    return [(_step(limit, limits), gettext("jusqu’à %(n)s", n=_number(limit))) for limit in limits]


def _row(figures: AreaFigures) -> dict[str, Any]:
    area = figures.area
    return {
        "name": area.name,
        "url": url_for("discovery.map", area=area.slug),
        "incidents": figures.incidents,
        "density": _number(figures.density),
        "days": _number(figures.median_days),
        "support": _number(figures.support),
        "population": area.population,
    }


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return str(format_decimal(round(value, 1 if value < 100 else 0)))
