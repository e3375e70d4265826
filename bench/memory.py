"""What a served town holds in memory: two web processes and the worker, before and after load.

    python -m bench.memory DATA_DIR      (the demo town, for example)

Memory is the proportional share (PSS) of every process, summed: what they share counts once.
"""

import http.client
import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.serving import civic_server

WEB_PROCESSES = 2
"""Those of the machine that the figures are stated for; ``CIVIC_WORKERS`` sets them."""
ROUNDS, AT_ONCE = 60, 8
SETTLE_S = 20
"""Longer than the pause after which a process gives back what a crowd has left free."""
PAGES = (
    "/", "/map", "/incidents", "/ideas", "/status", "/areas", "/open-data", "/moderation/decisions",
    "/incidents?sort=votes", "/incidents?q=lampe", "/ideas?q=arbre", "/incidents?page={n}",
    "/incidents?status_type=open&page={n}", "/map?kind=incident&n={n}", "/incidents/new",
    "/ideas/new", "/sign-in", "/legal/privacy",
)  # fmt: skip


def main() -> None:
    """Measure the town of a data folder, and print a line for each process."""
    data_dir = Path(sys.argv[1])
    cold, loaded = measure(data_dir, f"sqlite:///{data_dir / 'civic.db'}")
    print(f"cold {sum(cold.values())} MB: {cold}\nloaded {sum(loaded.values())} MB: {loaded}")


def measure(data_dir: Path, database_url: str) -> tuple[dict[str, int], dict[str, int]]:
    """Return the megabytes of each process after the start, and after load."""
    os.environ["CIVIC_WORKERS"] = str(WEB_PROCESSES)
    with civic_server(data_dir, database_url, worker=True) as port:
        time.sleep(SETTLE_S)
        cold = shares(port)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda number: _look_around(port, number), range(ROUNDS)))
        time.sleep(SETTLE_S)
        return cold, shares(port)


def shares(port: int) -> dict[str, int]:
    """Return the megabytes of each process of the town that listens on ``port``."""
    named = f"CIVIC_PORT={port}".encode()
    parents: dict[int, int] = {}
    ours = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            status = (process / "stat").read_text().rpartition(")")[2].split()
            parents[int(process.name)] = int(status[1])
            if named in (process / "environ").read_bytes():
                ours.add(int(process.name))
        except (OSError, ValueError):
            continue
    ours |= {child for child, parent in parents.items() if parent in ours}
    return {str(process): _share(process) // 1024 for process in sorted(ours)}


def _share(process: int) -> int:
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0


def _look_around(port: int, number: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    for path in PAGES:
        connection.request("GET", path.format(n=number))
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{path} answered {answer.status}")
    connection.close()


if __name__ == "__main__":
    main()
