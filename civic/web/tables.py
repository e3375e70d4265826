"""Tables to take away: for programs by RFC 4180, and for spreadsheets that are set to French.

Those take a comma for the sign of decimals: their file has semicolons, decimal commas, the days
and hours of the town as they are written there, and begins with the mark that says UTF-8.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request

from civic.web.downloads import download

PARAMETER = "spreadsheet"
"""With this in its address, a table comes as a spreadsheet reads it."""

Rows = Iterable[Sequence[Any]]


def csv_download(
    name: str, columns: Sequence[str], batches: Iterator[Rows], zone: Callable[[], ZoneInfo]
) -> Response:
    """Answer the table ``name`` (without ending), as the address of the request asks for it.

    Its rows are made a batch at a time. ``zone`` tells that of the moments in a spreadsheet;
    programs get them as they are.
    """
    its_zone = zone() if PARAMETER in request.args else None
    return download(
        f"{name}.csv" if its_zone is None else f"{name}-tableur.csv",
        "text/csv; charset=utf-8",
        lambda: _parts(columns, batches, its_zone),
    )


def machine_value(value: Any) -> Any:
    """Return a value as programs read it: moments and days by ISO 8601, nothing as ""."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value


def _parts(
    columns: Sequence[str], batches: Iterator[Rows], zone: ZoneInfo | None
) -> Iterator[bytes]:
    buffer = io.StringIO()
    if zone is not None:
        buffer.write("\ufeff")
    writer = csv.writer(buffer, delimiter="," if zone is None else ";")
    writer.writerow(columns)
    yield buffer.getvalue().encode()
    for rows in batches:
        buffer.seek(0)
        buffer.truncate()
        writer.writerows([_written(value, zone) for value in row] for row in rows)
        yield buffer.getvalue().encode()


def _written(value: Any, zone: ZoneInfo | None) -> Any:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        # A text that a spreadsheet would run as a formula is written as text.
        return f"'{value}"
    if zone is None:
        return machine_value(value)
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float):
        return str(value).replace(".", ",")
    return "" if value is None else value
