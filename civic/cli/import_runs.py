"""``civic import list`` and ``civic import undo``."""

from typing import Any

import click

from civic.cli.context import answer, application, json_option, progress_bar
from civic.cli.geography import import_
from civic.contributions.models import ImportRun
from civic.database import read_only
from civic.extensions import db
from civic.imports.runs import count_left, find_run, list_runs
from civic.imports.undo import Undoing

__all__ = ["import_"]
MOST_TOLD = 20


@import_.command("list")
@click.option("--most", default=20, show_default=True, type=click.IntRange(1, 10_000))
@json_option
def list_(most: int, as_json: bool) -> None:  # noqa: FBT001 (a flag)
    """List the imports on record, the latest first: the number is what « undo » takes."""
    with application(), read_only():
        session = db.session()
        runs = [
            _values(run) | {"left": count_left(session, run)} for run in list_runs(session, most)
        ]
    text = "\n".join(_line(run) for run in runs) or "Nothing was imported."
    answer({"runs": runs}, as_json=as_json, text=text)


@import_.command("undo")
@click.argument("run", type=int)
@json_option
def undo(run: int, as_json: bool) -> None:  # noqa: FBT001 (a flag)
    """Take the import RUN back; what people here have touched since stays, and is listed."""
    with application(), progress_bar(f"import {run}") as told:
        session = db.session()
        found = find_run(session, run)
        if found is None:
            raise click.ClickException(f"there is no import {run}; « civic import list » has them.")
        undone = Undoing(session, found, session.commit).take_back(told)
    lines = [f"{undone.removed} removed, {undone.restored} as before, {len(undone.kept)} stay."]
    if undone.kept:
        more = f" … and {len(undone.kept) - MOST_TOLD} more" * (len(undone.kept) > MOST_TOLD)
        lines.append(
            f"People here have touched {', '.join(undone.kept[:MOST_TOLD])}{more}: they stay."
        )
    answer({"run": run} | undone.as_dict(), as_json=as_json, text="\n".join(lines))


def _values(run: ImportRun) -> dict[str, Any]:
    counts = {name: run.counts.get(name, 0) for name in ("read", "added", "updated", "rejected")}
    return {
        "run": run.id,
        "source": run.source,
        "kind": run.mapping.get("kind", ""),
        "file": run.file,
        "who": run.who,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "undone_at": run.undone_at,
    } | counts


def _line(run: dict[str, Any]) -> str:
    state = "" if run["finished_at"] else ", interrupted"
    if run["undone_at"]:
        state = f", taken back on {run['undone_at']:%Y-%m-%d}"
    by = f" by {run['who']}" if run["who"] else ""
    return (
        f"{run['run']:>5}  {run['started_at']:%Y-%m-%d %H:%M} UTC  {run['file']} "
        f"({run['source']}, {run['kind']}){by}: {run['added']} added, {run['updated']} updated, "
        f"{run['left']} here now{state}"
    )
