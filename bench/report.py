"""The table: what was to be reached, what was measured, and the verdict."""

import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.client import Times
from bench.pages import PageTimes
from bench.votes import VoteFigures
from bench.weight import COUNTED

DOCUMENT = Path("docs") / "performance.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(slots=True)
class Figures:
    """Everything that one run measured, by engine and number of contributions."""

    built: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    pages: dict[tuple[str, int], PageTimes] = field(default_factory=dict)
    queries: dict[tuple[str, int], dict[str, int]] = field(default_factory=dict)
    votes: dict[str, VoteFigures] = field(default_factory=dict)
    weight: dict[str, dict[str, int]] = field(default_factory=dict)
    memory: tuple[dict[str, int], dict[str, int]] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table."""

    what: str
    engine: str
    target: str
    figure: str
    is_reached: bool


def lines(figures: Figures) -> list[Line]:
    """Return the rows of the table, in the order of the targets."""
    found: list[Line] = []
    for engine in dict.fromkeys(engine for engine, _ in figures.pages):
        sizes = sorted(number for name, number in figures.pages if name == engine)
        small, large = figures.pages[engine, sizes[0]], figures.pages[engine, sizes[-1]]
        name, span = NAMES[engine], f"{_count(sizes[-1])} vs {_count(sizes[0])}"
        found += [
            _growth(f"map answer, {span}", name, 1.5, small.map, large.map),
            _filters(name, large),
            _largest(name, large),
            _growth(f"list page, {span}", name, 1.5, small.lists, large.lists),
            _growth(f"search, {span}", name, 1.5, small.search, large.search),
            *_rates(name, large.rates),
            _queries(name, figures, engine, sizes),
        ]
        if engine in figures.votes:
            found += _votes(name, figures.votes[engine])
        found += [
            _similar(f"duplicate candidates, {span}", name, small.similar, large.similar),
            *(
                _import(name, number, built)
                for (its_engine, number), built in figures.built.items()
                if its_engine == engine and "bare_seconds" in built
            ),
        ]
    found += [_weight(path, sizes) for path, sizes in figures.weight.items()]
    return found if figures.memory is None else [*found, _memory(*figures.memory)]


def _count(number: int) -> str:
    return f"{number // 1_000_000} M" if number >= 1_000_000 else f"{number // 1_000} k"


def _growth(what: str, engine: str, most: float, small: Times, large: Times) -> Line:
    median, p99 = large.median / small.median, large.p99 / small.p99
    figure = (
        f"{median:.2f} (median {small.median:.1f} → {large.median:.1f} ms), "
        f"{p99:.2f} (99th {small.p99:.1f} → {large.p99:.1f} ms)"
    )
    return Line(what, engine, f"≤ {most} times", figure, max(median, p99) <= most)


def _filters(engine: str, page: PageTimes) -> Line:
    plain = page.map
    worst, times = max(page.filtered.items(), key=lambda pair: pair[1].median)
    pairs = {"all at once": page.all_filters, f"slowest alone ({worst})": times}
    figure = "; ".join(
        f"{name} {found.median / plain.median:.2f} (median {found.median:.1f} ms), "
        f"{found.p99 / plain.p99:.2f} (99th {found.p99:.1f} ms)"
        for name, found in pairs.items()
    )
    ratios = [
        ratio
        for found in pairs.values()
        for ratio in (found.median / plain.median, found.p99 / plain.p99)
    ]
    return Line("map answer, filters vs none", engine, "≤ 2 times", figure, max(ratios) <= 2)


def _largest(engine: str, page: PageTimes) -> Line:
    largest = max(page.map.largest, page.all_filters.largest)
    largest = max([largest, *(times.largest for times in page.filtered.values())])
    figure = f"{largest / 1000:.1f} kB"
    return Line("largest map answer, compressed", engine, "≤ 30 kB", figure, largest <= 30_000)


def _rates(engine: str, rates: dict[str, float]) -> list[Line]:
    return [
        _rate(f"{what}, requests/s{how}", engine, rates[name], rates["constant"])
        for what, name, how in (
            ("list page of 20", "list", ", for visitors (kept)"),
            ("list page of 20", "list anew", ", made anew for each"),
            ("page with 50 comments", "detail", ", for visitors (kept)"),
            ("page with 50 comments", "detail anew", ", made anew for each"),
        )
    ]


def _rate(what: str, engine: str, rate: float, constant: float) -> Line:
    figure = f"1/{constant / rate:.1f} ({rate:.0f} of {constant:.0f})"
    return Line(what, engine, "≥ 1/6 of the constant page", figure, rate >= constant / 6)


def _queries(name: str, figures: Figures, engine: str, sizes: list[int]) -> Line:
    most = {
        kind: max(figures.queries[engine, number][kind] for number in sizes)
        for kind in figures.queries[engine, sizes[0]]
    }
    figure = ", ".join(f"{kind} {number}" for kind, number in most.items())
    reached = most["list"] <= 6 and most["search"] <= 6 and most["detail"] <= 10
    return Line("queries a page", name, "list ≤ 6, detail ≤ 10", figure, reached)


def _votes(engine: str, votes: VoteFigures) -> list[Line]:
    what = "votes, 16 people at once"
    return [
        Line(
            f"{what}: lost or doubled",
            engine,
            "0",
            f"{votes.lost} lost, {votes.doubled} doubled of {votes.cast}",
            votes.lost == votes.doubled == 0,
        ),
        Line(
            f"{what}: a second",
            engine,
            "≥ 1/3 of the bare upsert",
            f"1/{votes.bare_rate / votes.rate:.1f} ({votes.rate:.0f} of {votes.bare_rate:.0f})",
            votes.rate >= votes.bare_rate / 3,
        ),
    ]


def _similar(what: str, engine: str, small: Times, large: Times) -> Line:
    median, p99 = large.median / small.median, large.p99 / small.p99
    figure = f"{median:.2f}, {p99:.2f} (median {large.median:.1f} ms, 99th {large.p99:.1f} ms)"
    reached = max(median, p99) <= 3 and large.p99 <= 20
    return Line(what, engine, "≤ 3 times, ≤ 20 ms", figure, reached)


def _import(engine: str, number: int, built: dict[str, Any]) -> Line:
    rate = built["rows"] / built["seconds"]
    bare = built["rows"] / built["bare_seconds"]
    early, late = built["memory_early_mb"], built["memory_mb"]
    return Line(
        f"import of {_count(number)} rows",
        engine,
        "≥ 1/4 of the bare driver, memory flat",
        f"1/{bare / rate:.1f} ({rate:.0f} of {bare:.0f} rows/s); "
        f"{early} MB after a tenth, {late} MB at the end",
        rate >= bare / 4 and late <= early * 1.2,
    )


def _weight(path: str, sizes: dict[str, int]) -> Line:
    counted = sum(sizes.get(kind, 0) for kind in COUNTED)
    parts = ", ".join(f"{kind} {size / 1000:.1f}" for kind, size in sorted(sizes.items()))
    return Line(
        f"first visit of {path}: text, style, script",
        "",
        "≤ 120 kB",
        f"{counted / 1000:.1f} kB (in kB: {parts})",
        counted <= 120_000,
    )


def _memory(cold: dict[str, int], loaded: dict[str, int]) -> Line:
    most = sum(loaded.values())
    parts = ", ".join(map(str, loaded.values()))
    figure = f"{sum(cold.values())} MB after the start, {most} MB after load ({parts})"
    what = "memory of two web processes, the worker and the supervisor"
    return Line(what, "SQLite", "≤ 200 MB", figure, most <= 200)


def show(figures: Figures) -> None:
    """Print the table."""
    table = Table("what", "engine", "to reach", "measured", "")
    for line in lines(figures):
        verdict = "reached" if line.is_reached else "short"
        table.add_row(line.what, line.engine, line.target, line.figure, verdict)
    Console(width=150).print(table)


def write(figures: Figures) -> None:
    """Put the table between the marks of docs/performance.md; the text around it stays."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = [
        f"| {line.what} | {line.engine} | {line.target} | {line.figure} | "
        f"{'reached' if line.is_reached else '**short**'} |"
        for line in lines(figures)
    ]
    table = ["| what | engine | to reach | measured | |", "|---|---|---|---|---|", *rows]
    content = "\n".join([_machine(), "", *table])
    DOCUMENT.write_text(f"{before}{BEGIN}\n{content}\n{END}{after}", encoding="utf-8")


def _machine() -> str:
    now = datetime.now(UTC)
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"Measured on {now:%Y-%m-%d} at {now:%H:%M} UTC: {_processor()}, {os.cpu_count()} cores, "
        f"{gigabytes:.0f} GB of memory, {platform.system()} {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}; load of the machine in the last 15 minutes: "
        f"{os.getloadavg()[2]:.1f}."
    )


def _processor() -> str:
    for row in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if row.startswith("model name"):
            return row.partition(":")[2].strip()
    return platform.machine()
