"""Any number of reports and ideas with the skew of real ones.

The real reports of the demo town are replayed: the same streets (hot ones stay hot), the same mix
of categories, departments and channels, with a jitter of some 15 metres, in bursts, over two
years with their hours. Words, statuses and supports are drawn. The same seed and the same last
day give the same rows.
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from civic.demo.town import sample_rows
from civic.demo.wording import idea_text, incident_text

JITTER_DEGREES = 0.00013
BURST = 0.12
SPAN_DAYS = 730
CLOSED_WITHIN_DAYS = 60
IDEAS = 0.05
"""The share of ideas among the contributions."""

_CLOSED = ("resolved", "resolved", "resolved", "confirmed", "declined", "forwarded", "watched")
_OPEN = ("received", "acknowledged", "acknowledged", "planned", "in_progress")
_IDEA_STATUSES = ("gathering", "gathering", "under_review", "accepted", "in_progress", "done")


def incidents(number: int, newest: datetime, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield ``number`` incidents with the columns of the sample and some more, oldest first."""
    draw = Random(seed)
    real = sample_rows("incidents.csv.gz")
    hot = [draw.paretovariate(1.2) for _ in real]
    last: dict[str, str] = {}
    for place in range(number):
        if place % 10_000 == 0:
            picks = iter(draw.choices(real, weights=hot, k=min(10_000, number - place)))
        row = next(picks)
        if last and draw.random() < BURST:
            row = last
        last = row
        moment = _moment(draw, newest, place / number)
        age = (newest - moment).days
        title, body = incident_text(draw, row["soustype"])
        is_closed = draw.random() < 0.85 * min(1.0, age / CLOSED_WITHIN_DAYS)
        closed = moment + timedelta(days=draw.expovariate(1 / 9))
        yield row | {
            "id_dmr": f"B{place:08d}",
            "lat": f"{float(row['lat']) + draw.gauss(0, JITTER_DEGREES):.6f}",
            "lon": f"{float(row['lon']) + draw.gauss(0, JITTER_DEGREES):.6f}",
            "datedecl": moment.isoformat(timespec="seconds"),
            "titre": title,
            "texte": body,
            "etat": draw.choice(_CLOSED if is_closed else _OPEN),
            "cloture": min(closed, newest).isoformat(timespec="seconds") if is_closed else "",
            "soutiens": min(400, int(draw.paretovariate(0.9)) - 1),
        }


def ideas(number: int, newest: datetime, seed: int = 2) -> Iterator[dict[str, Any]]:
    """Yield ``number`` ideas with the columns of the generic mapping, oldest first."""
    draw = Random(seed)
    real = sample_rows("ideas.csv.gz")
    streets = sample_rows("incidents.csv.gz")
    for place in range(number):
        row, street = draw.choice(real), draw.choice(streets)
        theme, cost = row["thematique"], int(row["budget_global_projet_gagnant"] or 0)
        yield {
            "id": f"B{place:08d}",
            "title": row["titre_projet_gagnant"],
            "body": idea_text(draw, theme, row["edition"], cost),
            "category": theme,
            "address": street["adresse"],
            "lat": f"{float(street['lat']) + draw.gauss(0, JITTER_DEGREES):.6f}",
            "lon": f"{float(street['lon']) + draw.gauss(0, JITTER_DEGREES):.6f}",
            "submitted_at": _moment(draw, newest, place / number).isoformat(timespec="seconds"),
            "status": draw.choice(_IDEA_STATUSES),
            "votes": min(5_000, int(20 * draw.paretovariate(1.1)) - 20),
        }


def hot_places(number: int, seed: int = 1) -> list[tuple[float, float]]:
    """Return places that people look at: a third are the hottest streets, the others are any."""
    draw = Random(seed)
    real = sample_rows("incidents.csv.gz")
    hot = [draw.paretovariate(1.2) for _ in real]
    order = sorted(range(len(real)), key=lambda at: -hot[at])
    chosen = order[: number // 3] + draw.sample(order, number - number // 3)
    return [(float(real[at]["lat"]), float(real[at]["lon"])) for at in chosen]


def _moment(draw: Random, newest: datetime, share: float) -> datetime:
    day = newest - timedelta(days=SPAN_DAYS * (1 - share))
    hour = min(22, max(6, int(draw.gauss(13, 4))))
    return min(
        day.replace(hour=hour, minute=draw.randrange(60), second=0, tzinfo=UTC),
        newest,
    )


def write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write ``rows`` as CSV, unless the file is there."""
    if path.exists():
        return
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer: Any = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(file, fieldnames=list(row))
                writer.writeheader()
            writer.writerow(row)
    part.rename(path)
