"""The areas of the town: all of them, and a page for each."""

from dataclasses import replace
from typing import Any

from flask import render_template, url_for
from flask_babel import format_decimal, gettext

from civic.accounts.session import current_actor
from civic.areas.queries import (
    Standing,
    count_standing_by_area,
    count_standing_in,
)
from civic.areas.views.blueprint import blueprint
from civic.areas.year import YEAR, median_in
from civic.errors import NotFound
from civic.extensions import db
from civic.finding.filters import ContributionFilter, Sort
from civic.finding.names import AreaName, Names, names_of
from civic.i18n import N_
from civic.lists.cards import list_cards
from civic.lists.layers import layer_item, other_rows
from civic.lists.queries import list_page
from civic.places.models import AreaLevel
from civic.places.queries import find_retired_area
from civic.web.access import public

LATEST = 6

LEVELS = {
    AreaLevel.DISTRICT: N_("Arrondissements et grands quartiers"),
    AreaLevel.NEIGHBOURHOOD: N_("Quartiers"),
}


@blueprint.get("/areas")
@public
def index() -> str:
    """List the areas that residents name."""
    session = db.session()
    names, counts = names_of(session), count_standing_by_area(session)
    return render_template(
        "areas/index.html",
        groups=[
            (gettext(label), [_row(area, counts) for area in _of_level(names, level)])
            for level, label in LEVELS.items()
            if _of_level(names, level)
        ],
    )


@blueprint.get("/areas/<slug>")
@public
def show(slug: str) -> str:
    """Show one area: its figures, what is new, what the town does there.

    Of an area that was retired, the one that is there now.
    """
    session = db.session()
    names = names_of(session)
    found = names.area(slug)
    retired = find_retired_area(session, slug) if found is None else None
    if retired is not None:
        heir = names.areas.get(names.heirs.get(slug, 0))
        return render_template("areas/retired.html", area=retired, heir=heir)
    if found is None or found.level in {AreaLevel.WATER, AreaLevel.PARK}:
        raise NotFound(N_("Ce quartier n’existe pas ou a changé de nom."))
    asked = ContributionFilter(area=slug)
    ids = names.area_ids(slug)
    standing, days = count_standing_in(session, ids), median_in(session, ids)
    page = list_page(session, replace(asked, sort=Sort.NEWEST), current_actor(), size=LATEST)
    parent = names.areas.get(found.parent_id) if found.parent_id is not None else None
    return render_template(
        "areas/show.html",
        area=found,
        parent=parent,
        inner=[item for item in names.areas.values() if item.parent_id == found.id],
        tiles=_tiles(slug, standing, days),
        measured_days=YEAR.days,
        cards=list_cards(session, page),
        total=standing.total,
        others=[layer_item(layer, row) for layer, row in other_rows(session, asked, limit=3)],
    )


def _of_level(names: Names, level: AreaLevel) -> list[AreaName]:
    return [area for area in names.areas.values() if area.level is level]


def _row(area: AreaName, counts: dict[int, Standing]) -> dict[str, Any]:
    return {
        "name": area.name,
        "url": url_for("areas.show", slug=area.slug),
        "population": area.population,
        "standing": counts.get(area.id, Standing()),
    }


def _tiles(slug: str, standing: Standing, days: float | None) -> list[dict[str, Any]]:
    def found(status_type: str) -> str:
        return url_for("map.index", area=slug, type=status_type)

    return [
        {
            "value": standing.open,
            "label": gettext("en attente ou en cours"),
            "icon": "hourglass-split",
            "href": found("open"),
            "tone": "warning",
        },
        {
            "value": standing.fixed,
            "label": gettext("réglés ou réalisés"),
            "icon": "check-circle",
            "href": found("fixed"),
            "tone": "success",
        },
        {
            "value": standing.closed,
            "label": gettext("clos sans travaux"),
            "icon": "slash-circle",
            "href": found("closed"),
            "tone": None,
        },
        {
            "value": "–" if days is None else format_decimal(days),
            "label": gettext("jours pour régler un signalement (médiane)"),
            "icon": "clock-history",
            "href": None,
            "tone": None,
        },
    ]
