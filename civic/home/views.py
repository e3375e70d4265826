"""The first page: the town, what is going on, what was done."""

from datetime import datetime, time

from flask import Blueprint, render_template, url_for
from flask_babel import format_date, gettext, ngettext

from civic.contributions.map_layers import map_layers
from civic.contributions.workflow import StatusType
from civic.counting.queries import count_totals
from civic.extensions import db
from civic.finding.choices import TYPES
from civic.finding.filters import ContributionFilter
from civic.home.before_after import before_and_after
from civic.home.queries import (
    count_fixed_since,
    count_month,
    list_latest,
    list_latest_fixed,
    list_rising,
)
from civic.lists.cards import list_cards
from civic.lists.pages import Item, Page
from civic.map.config import page_config, whole_town
from civic.places.queries import get_town_day, get_town_zone
from civic.web.access import public
from civic.web.page_cache import cached_for_visitors

LATEST, FIXED, RISING, PAIRS = 6, 3, 3, 3

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@public
@cached_for_visitors
def index() -> str:
    """Show the town and what is going on."""
    session = db.session()
    zone, today = get_town_zone(session), get_town_day(session)
    since = datetime.combine(today.replace(day=1), time.min, zone)
    figures = count_month(session, today.replace(day=1), since)
    found = count_totals(session, ContributionFilter())
    rows = {
        "latest": list_latest(session, limit=LATEST),
        "fixed": list_latest_fixed(session, limit=FIXED),
        "rising": list_rising(session, "idea", limit=RISING),
    }
    every = [row for part in rows.values() for row in part]
    made = iter(list_cards(session, Page([Item(row) for row in every], len(every))))
    cards = {name: [next(made) for _ in part] for name, part in rows.items()}
    finished = count_fixed_since(session, since)
    return render_template(
        "home/index.html",
        cards=cards,
        pairs=before_and_after(session, limit=PAIRS),
        month_name=format_date(today, "MMMM yyyy"),
        tiles=_tiles(figures.submitted, figures.fixed, finished),
        found=found,
        states=[
            {
                "label": gettext(label),
                "value": found.count(status_type=member),
                "url": url_for("map.index", type=member.value),
                "tone": {"open": "warning", "fixed": "success"}.get(member.value),
            }
            for member, label in TYPES.items()
        ],
        config=page_config(whole_town(session)),
        kinds=[
            (gettext(kind.label_plural), found.count(code, StatusType.OPEN))
            for code, kind in map_layers.kinds().items()
        ],
    )


def _tiles(
    submitted: dict[str, int], fixed: dict[str, int], finished: int
) -> list[dict[str, object]]:
    reported, solved = submitted.get("incident", 0), fixed.get("incident", 0)
    proposed, done = submitted.get("idea", 0), fixed.get("idea", 0)
    return [
        {
            "value": reported,
            "label": ngettext("signalement reçu", "signalements reçus", reported),
            "icon": "megaphone",
            "href": url_for("lists.incidents"),
            "tone": None,
        },
        {
            "value": solved,
            "label": ngettext("signalement réglé", "signalements réglés", solved),
            "icon": "check-circle",
            "href": url_for("lists.incidents", type="fixed"),
            "tone": "success",
        },
        {
            "value": proposed,
            "label": ngettext("idée proposée", "idées proposées", proposed),
            "icon": "lightbulb",
            "href": url_for("lists.ideas", sort="newest"),
            "tone": None,
        },
        {
            "value": done + finished,
            "label": ngettext(
                "idée ou action réalisée", "idées ou actions réalisées", done + finished
            ),
            "icon": "trophy",
            "href": url_for("actions.status"),
            "tone": "success",
        },
    ]
