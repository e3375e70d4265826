"""The town by area: a drawing and a table of one measure, and the figures that the map colours."""

from typing import Any

from flask import render_template, request, url_for
from flask_babel import format_decimal, gettext
from werkzeug.wrappers import Response

from civic.areas.heat import EXPLANATIONS, MEASURES, Scale, compare
from civic.areas.queries import AreaFigures
from civic.areas.views.blueprint import blueprint
from civic.extensions import db
from civic.places.drawn import list_drawn_areas
from civic.places.models import AreaLevel
from civic.places.projection import View
from civic.places.queries import get_town_bounds
from civic.web.access import public
from civic.web.caching import public_json

# In pixels: around the town, and how wide the page shows the drawing.
MARGIN = 10
FIGURE = 640


@blueprint.get("/map/areas")
@public
def comparison() -> str:
    """Show one measure by area, as a drawing and as a table."""
    session = db.session()
    found = compare(session)
    asked = request.args.get("measure", "")
    measure = asked if asked in found.scales else "density"
    scale = found.scales[measure]
    town = get_town_bounds(session)
    # One step closer than what fits, for finer lines: the page scales the drawing down.
    view = View.around(town).zoomed(+1)
    values = scale.values
    known = [each for each in found.figures if values[each.area.slug] is not None]
    unknown = [each for each in found.figures if values[each.area.slug] is None]
    highest_first = sorted(known, key=lambda each: -(values[each.area.slug] or 0.0)) + unknown
    return render_template(
        "areas/comparison.html",
        measure=measure,
        title=gettext(MEASURES[measure]),
        explanation=gettext(EXPLANATIONS[measure]),
        measures=[
            {
                "label": gettext(MEASURES[code]),
                "url": url_for("areas.comparison", measure=code),
                "current": code == measure,
            }
            for code in found.scales
        ],
        frame=_frame(*view.point(town.north, town.west), *view.point(town.south, town.east)),
        background=[
            (area.level.value, view.path(area.rings))
            for area in list_drawn_areas(session)
            if area.level in {AreaLevel.TOWN, AreaLevel.WATER}
        ],
        shapes=[_shape(each, scale, view) for each in highest_first],
        legend=[
            (step, gettext("jusqu’à %(n)s", n=_number(limit))) for step, limit in scale.legend()
        ],
        rows=[_row(each) for each in highest_first],
        with_people="support" in found.scales,
    )


@blueprint.get("/map/areas.json")
@public
def figures() -> Response:
    """Answer every measure of every area with its step, the same for everyone."""
    found = compare(db.session())
    return public_json(
        {
            "legend": {code: scale.legend() for code, scale in found.scales.items()},
            "areas": {
                each.area.slug: {
                    code: [scale.values[each.area.slug], scale.step(each.area.slug)]
                    for code, scale in found.scales.items()
                }
                for each in found.figures
            },
        }
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


def _shape(figures: AreaFigures, scale: Scale, view: View) -> dict[str, Any]:
    area = figures.area
    x, y = view.point(*area.label)
    return {
        "name": area.name,
        "url": url_for("areas.show", slug=area.slug),
        "step": scale.step(area.slug),
        "path": view.path(area.rings),
        "x": x,
        "y": y,
        "across": view.point(0, area.bounds.east)[0] - view.point(0, area.bounds.west)[0],
        "text": _number(scale.values[area.slug]),
    }


def _row(figures: AreaFigures) -> dict[str, Any]:
    area = figures.area
    return {
        "name": area.name,
        "url": url_for("areas.show", slug=area.slug),
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
