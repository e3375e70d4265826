"""``python -m bench``: build the data sets, measure, print the table, write docs/performance.md."""

import argparse
import sys
import time

from bench import memory, pages, queries, report, votes, weight
from bench.datasets import data_set, engine_at
from bench.report import Figures
from bench.serving import plain_server

SIZES = (10_000, 100_000, 1_000_000)
ENGINES = ("sqlite", "postgresql")


def main(arguments: list[str]) -> None:
    asked = _parsed(arguments)
    figures = Figures()
    for engine in asked.engines:
        measure(figures, engine, sorted(asked.sizes), quick=asked.quick)
    report.show(figures)
    if not asked.no_report:
        report.write(figures)


def measure(figures: Figures, engine: str, sizes: list[int], *, quick: bool) -> None:
    """Measure one engine with data sets of ``sizes``, the smallest first."""
    with engine_at(engine) as server, plain_server("bench.constant:create_app") as constant_port:
        for number in sizes:
            _say(f"{engine}: a data set of {number:,}")
            data = data_set(engine, server, number)
            figures.built[engine, number] = data.built
            _say(f"{engine}, {number:,}: pages")
            figures.pages[engine, number] = pages.measure(data, constant_port, quick=quick)
            _say(f"{engine}, {number:,}: queries")
            figures.queries[engine, number] = queries.measure(data)
        _say(f"{engine}, {sizes[-1]:,}: votes")
        figures.votes[engine] = votes.measure(data, each=15 if quick else 60)
        if not figures.weight:
            figures.weight = weight.measure(data)
        if engine == "sqlite":
            _say(f"{engine}, {sizes[0]:,}: memory")
            small = data_set(engine, server, sizes[0])
            figures.memory = memory.measure(small.folder, small.url)


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--sizes",
        type=lambda text: [int(part) for part in text.split(",")],
        default=list(SIZES),
        help="numbers of contributions, apart by commas (default: 10000,100000,1000000)",
    )
    parser.add_argument(
        "--engines",
        type=lambda text: text.split(","),
        default=list(ENGINES),
        help="sqlite,postgresql (default: both)",
    )
    parser.add_argument("--quick", action="store_true", help="ask less often: for a first look")
    parser.add_argument("--no-report", action="store_true", help="leave docs/performance.md alone")
    return parser.parse_args(arguments)


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
