"""The public ledger, as a page and as a file."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, render_template, request, url_for

from civic.database import utcnow
from civic.extensions import db
from civic.ledger.models import LedgerEntry
from civic.moderation.queries import ledger as queries
from civic.moderation.queries.ledger import Month
from civic.moderation.views.blueprint import blueprint
from civic.places.queries import get_town_zone
from civic.web.access import public
from civic.web.cursors import read_cursor
from civic.web.tables import csv_download

COLUMNS = (
    "date",
    "what",
    "reference",
    "measure",
    "subject",
    "clause",
    "origin",
    "automated",
    "days",
    "outcome",
)


@blueprint.get("/ledger")
@public
def ledger() -> str:
    """Show a month of decisions, without a name, and their counts."""
    session = db.session()
    now = queries.get_month_of(session, utcnow())
    first = queries.find_first_month(session) or now
    month = min(max(Month.parse(request.args.get("month", "")) or now, first), now)
    found = read_cursor(request.args.get("before", ""), int)
    before = found[0] if found and isinstance(found[0], int) else None
    lines, following = queries.list_lines(session, month, before=before)
    return render_template(
        "moderation/ledger.html",
        month=month,
        month_start=month.start(get_town_zone(session)),
        counts=queries.count_lines(session, month),
        lines=lines,
        earlier_url=_month_url(month.moved(-1)) if month > first else None,
        later_url=_month_url(month.moved(1)) if month < now else None,
        next_url=url_for(".ledger", month=month.code, before=following) if following else None,
    )


@blueprint.get("/ledger.csv")
@public
def ledger_csv() -> Response:
    """Give the lines of a month, or all of them, as a table."""
    month = Month.parse(request.args.get("month", ""))
    name = f"registre-{month.code}" if month else "registre"
    return csv_download(name, COLUMNS, _batches(month), lambda: get_town_zone(db.session()))


def _batches(month: Month | None) -> Iterator[list[list[Any]]]:
    last = 0
    while entries := queries.list_lines_after(db.session(), month, last):
        zone = get_town_zone(db.session())
        yield [_row(entry, zone) for entry in entries]
        last = entries[-1].id


def _row(entry: LedgerEntry, zone: ZoneInfo) -> list[Any]:
    line = entry.line or {}
    head = [entry.at.astimezone(zone).date(), entry.what, entry.reference]
    return [*head, *(line.get(name) for name in COLUMNS[3:])]


def _month_url(month: Month) -> str:
    return url_for(".ledger", month=month.code)
