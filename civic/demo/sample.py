"""The sample of open data, with its dates moved to now, through the importer that towns use."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import Session

from civic.contributions.kinds import kinds
from civic.contributions.models import Channel, Contribution
from civic.database import table_of
from civic.demo.town import sample_rows
from civic.demo.wording import idea_text, incident_text
from civic.imports.load import Importer
from civic.imports.mapping import Mapping, detect_mapping
from civic.imports.readers import Row
from civic.imports.rejects import Rejects

ZONE: Final = ZoneInfo("Europe/Paris")
IDEAS_OVER_DAYS: Final = 310
_HOURS: Final = (*range(7, 23), 8, 8, 9, 9, 12, 13, 17, 18, 18, 18, 19, 19, 20)

Progress = Callable[[int], None]


def shift_weeks(newest: date, yesterday: date) -> int:
    """Return by how many whole weeks ``newest`` has to move to be yesterday, or just after.

    What then lies after yesterday (less than a week) is not loaded: weekdays stay what they were.
    """
    return -((newest - yesterday).days // 7)


def load_sample(session: Session, random: Random, now: datetime, folder: Path) -> None:
    """Import the sample's incidents and ideas; flushes only. ``folder`` is for rejected rows."""
    today = now.astimezone(ZONE).date()
    for kind, name, rows in (
        ("incident", "incidents.csv.gz", _incident_rows(random, today)),
        ("idea", "ideas.csv.gz", _idea_rows(random, now)),
    ):
        with Rejects(folder / f"{name}.rejected.csv") as rejects:
            importer = Importer(
                session, kinds[kind], _mapping(kind, name), rejects, commit=session.flush
            )
            importer.run(rows, lambda _read: None)
    contribution = table_of(Contribution)
    session.execute(update(contribution).values(channel=Channel.WEB))


def _mapping(kind: str, name: str) -> Mapping:
    """The shipped mapping, with our words for title and text and the town's own departments."""
    columns = tuple(sample_rows(name)[0])
    mapping = detect_mapping(kind, columns)
    if mapping is None:
        raise ValueError(f"no shipped mapping fits {name}")
    ours = {"title": "demo_title", "body": "demo_body"}
    if kind == "idea":
        ours = {"body": "demo_body", "submitted_at": "demo_at"}
    dropped = {"department", "area", "closed_at", "status"}
    kept = {field: column for field, column in mapping.columns.items() if field not in dropped}
    return replace(mapping, columns=kept | ours)


def _incident_rows(random: Random, today: date) -> Iterator[Row]:
    rows = sample_rows("incidents.csv.gz")
    yesterday = today - timedelta(days=1)
    newest = max(date.fromisoformat(row["datedecl"]) for row in rows)
    weeks = shift_weeks(newest, yesterday)
    for line, row in enumerate(rows, start=2):
        day = date.fromisoformat(row["datedecl"]) + timedelta(weeks=weeks)
        title, body = incident_text(random, row["soustype"])
        hour, minute = random.choice(_HOURS), random.randrange(60)
        if day > yesterday:
            continue
        ours = {
            "datedecl": f"{day}T{hour:02}:{minute:02}:00",
            "demo_title": title,
            "demo_body": body,
            "adresse": row["adresse"].replace(" PARIS", " Paris"),
        }
        yield Row(line, row | ours)


def _idea_rows(random: Random, now: datetime) -> Iterator[Row]:
    """The older the edition the older the idea: nobody knows when each was first proposed."""
    rows = sample_rows("ideas.csv.gz")
    for line, row in enumerate(rows, start=2):
        share = 1 - (line - 2) / len(rows)
        age = 1 + IDEAS_OVER_DAYS * share**1.4 + random.uniform(-0.7, 6)
        at = now.astimezone(ZONE) - timedelta(days=age)
        at = at.replace(hour=random.choice(_HOURS), minute=random.randrange(60), tzinfo=None)
        cost = int(row["budget_global_projet_gagnant"] or 0)
        ours = {
            "demo_at": at.isoformat(timespec="seconds"),
            "demo_body": idea_text(random, row["thematique"], row["edition"], cost),
        }
        yield Row(line, row | ours)
