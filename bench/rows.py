"""Any number of reports with the skew of real ones.

The real reports of the demo town are replayed: the same streets (hot ones stay hot), the same mix
of categories, departments and channels, with a jitter of some 15 metres, in bursts, over two
years with their seasons and hours. The same seed gives the same rows.
"""

import csv
import gzip
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

SAMPLE = "incidents.csv.gz"
JITTER_DEGREES = 0.00013
BURST = 0.12
NEWEST = datetime(2026, 6, 30, tzinfo=UTC)
SPAN_DAYS = 730


def sample() -> list[dict[str, str]]:
    """Return the real reports that the demo town ships."""
    path = Path(str(resources.files("civic.demo").joinpath("data", SAMPLE)))
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows(number: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield ``number`` rows with the columns of the sample, oldest first."""
    draw = random.Random(seed)
    real = sample()
    hot = [draw.paretovariate(1.2) for _ in real]
    picks = iter(draw.choices(real, weights=hot, k=number))
    last: dict[str, str] = {}
    for place, row in enumerate(picks):
        if last and draw.random() < BURST:
            row = last
        last = row
        moment = NEWEST - timedelta(days=SPAN_DAYS * (1 - place / number))
        moment = moment.replace(hour=min(23, max(5, int(draw.gauss(13, 4)))))
        yield {
            **row,
            "id_dmr": f"B{place:08d}",
            "lat": f"{float(row['lat']) + draw.gauss(0, JITTER_DEGREES):.6f}",
            "lon": f"{float(row['lon']) + draw.gauss(0, JITTER_DEGREES):.6f}",
            "datedecl": moment.strftime("%Y-%m-%d"),
        }


def write(path: Path, number: int) -> None:
    """Write ``number`` rows as CSV, unless the file is there."""
    if path.exists():
        return
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer: Any = None
        for row in rows(number):
            if writer is None:
                writer = csv.DictWriter(file, fieldnames=list(row))
                writer.writeheader()
            writer.writerow(row)
    part.rename(path)
