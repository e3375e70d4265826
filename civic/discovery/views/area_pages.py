"""The areas of the town: all of them, and a page for each."""

from dataclasses import replace
from typing import Any

from flask import render_template, url_for
from flask_babel import format_decimal, gettext

from civic.accounts.session import current_actor
from civic.discovery.area_queries import (
    Standing,
    standing_by_area,
    standing_in,
)
from civic.discovery.area_year import YEAR, median_in
from civic.discovery.cards import layer_item
from civic.discovery.filters import ContributionFilter, Sort
from civic.discovery.list_cards import list_cards
from civic.discovery.lists import list_page
from civic.discovery.queries import other_rows
from civic.discovery.reference import AreaName, Reference, reference_of
from civic.discovery.views.blueprint import blueprint
from civic.errors import NotFound
from civic.extensions import db
from civic.i18n import N_
from civic.places.models import AreaLevel
from civic.web.access import public

LATEST = 6

LEVELS = {
    AreaLevel.DISTRICT: N_("Arrondissements et grands quartiers"),
    AreaLevel.NEIGHBOURHOOD: N_("Quartiers"),
}


@blueprint.get("/areas")
@public
def area_list() -> str:
    """List the areas that residents name."""
    session = db.session()
    names, counts = reference_of(session), standing_by_area(session)
    return render_template(
        "discovery/area_list.html",
        groups=[
            (gettext(label), [_row(area, counts) for area in _of_level(names, level)])
            for level, label in LEVELS.items()
            if _of_level(names, level)
        ],
    )


@blueprint.get("/areas/<slug>")
@public
def area(slug: str) -> str:
    """Show one area: its figures, what is new, what the town does there."""
    session = db.session()
    names = reference_of(session)
    found = names.area(slug)
    if found is None or found.level in {AreaLevel.WATER, AreaLevel.PARK}:
        raise NotFound(N_("Ce quartier n’existe pas ou a changé de nom."))
    asked = ContributionFilter(area=slug)
    ids = names.area_ids(slug)
    standing, days = standing_in(session, ids), median_in(session, ids)
    page = list_page(session, replace(asked, sort=Sort.NEWEST), current_actor(), size=LATEST)
    parent = names.areas.get(found.parent_id) if found.parent_id is not None else None
    return render_template(
        "discovery/area.html",
        area=found,
        parent=parent,
        inner=[item for item in names.areas.values() if item.parent_id == found.id],
        tiles=_tiles(slug, standing, days),
        measured_days=YEAR.days,
        cards=list_cards(session, page),
        total=standing.total,
        others=[layer_item(layer, row) for layer, row in other_rows(session, asked, limit=3)],
    )


def _of_level(names: Reference, level: AreaLevel) -> list[AreaName]:
    return [area for area in names.areas.values() if area.level is level]


def _row(area: AreaName, counts: dict[int, Standing]) -> dict[str, Any]:
    return {
        "name": area.name,
        "url": url_for("discovery.area", slug=area.slug),
        "population": area.population,
        "standing": counts.get(area.id, Standing()),
    }


def _tiles(slug: str, standing: Standing, days: float | None) -> list[dict[str, Any]]:
    def found(status_type: str) -> str:
        return url_for("discovery.map", area=slug, type=status_type)

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
