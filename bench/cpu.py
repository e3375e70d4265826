"""``python -m bench.cpu FOLDER``: what a request costs in CPU, whatever else the machine does.

FOLDER is a data folder with SQLite, as ``make bench`` builds it. Each request is made anew by the
application in this process, and its CPU time is taken: other programs make it little longer, where
they would make the time on the clock many times longer.
"""

import statistics
import sys
import time
from pathlib import Path
from typing import Any

from bench.pages import (
    ALL_AT_ONCE,
    FILTERS,
    SEARCHES,
    SORTS,
    first_area,
    search_path,
    shuffled,
    tile_paths,
    with_filter,
)
from civic.app import create_app
from civic.settings import Settings

PAGES = ("/", "/map", "/areas", "/status", "/healthz")


def main(folder: Path) -> None:
    """Print a line for each kind of request: the median and the 99th percentile, in ms."""
    database = f"sqlite:///{folder / 'civic.db'}"
    settings = Settings.from_values(data_dir=folder, database_url=database, rate_limits=False)
    client = create_app(settings).test_client()
    client.set_cookie("bench", "1")  # or else the page kept for visitors would be measured
    tiles = tile_paths()
    area = first_area(client.get("/areas").data)
    groups = {"map, no filter": tiles * 3}
    for name, values in FILTERS.items():
        groups[f"map, {name}"] = with_filter(tiles, values, area)
    groups["map, all at once"] = with_filter(tiles, ALL_AT_ONCE, area)
    lists = [f"/{kind}?sort={sort}" for kind in ("incidents", "ideas") for sort in SORTS]
    lists += with_filter(["/incidents"], {"area": "", "type": "open"}, area)
    lists += ["/incidents?category=eclairage&period=365", "/incidents?bbox=2.3,48.84,2.36,48.87"]
    groups["lists"] = lists * 5
    groups["search"] = [search_path(text) for text in SEARCHES] * 5
    groups |= {page: [page] * 25 for page in PAGES}
    for name, paths in groups.items():
        _tell(name, _measured(client, shuffled(paths)))


def _measured(client: Any, paths: list[str]) -> list[float]:
    spent = []
    for path in paths:
        begin = time.process_time()
        answer = client.get(path)
        spent.append(1000 * (time.process_time() - begin))
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
    return spent


def _tell(name: str, spent: list[float]) -> None:
    median, last = statistics.median(spent), statistics.quantiles(spent, n=100)[98]
    print(f"{name:28}{median:8.1f}{last:8.1f}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
