"""``civic import``: files in."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click
from sqlalchemy.orm import Session

from civic.cli.context import Told, answer, application, json_option, progress_bar
from civic.contributions.kinds import kinds
from civic.contributions.models import ImportRun
from civic.database import read_only
from civic.extensions import db
from civic.imports.comments import import_comments
from civic.imports.load import Importer
from civic.imports.mapping import (
    ANY_KIND,
    ROW_NUMBER,
    Mapping,
    MappingError,
    detect_mapping,
    load_mapping,
)
from civic.imports.readers import Source, UnreadableFile, open_source
from civic.imports.rejects import Rejects
from civic.imports.totals import Totals
from civic.settings import Settings

SOME_REJECTED = 3
PATH = click.Path(exists=True, dir_okay=False, path_type=Path)
mapping_option = click.option(
    "--mapping", "mapping_path", type=PATH, help="A TOML file that says which column is what."
)
rejects_option = click.option(
    "--rejects",
    "rejects_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where rows go that cannot be taken (default: rejects/ in the data folder).",
)
trial_option = click.option(
    "--dry-run",
    "is_trial",
    is_flag=True,
    help="Write nothing: show what would become of the rows, and the first ones as they would be.",
)
MOST_REMARKS = 20


class Opened(NamedTuple):
    """A file that is taken in: its rows, where rejected ones go, and what draws the progress."""

    source: Source
    rejects: Rejects
    told: Told

    def by_bytes(self, _done: int, _of: int | None = None, /) -> None:
        """Draw how much of the file has been read, whatever was counted."""
        self.told(self.source.position(), self.source.size)


@click.group("import")
def import_() -> None:
    """Take in files: CSV, GeoJSON or JSON lines, gzipped or not.

    A newer file of the same source brings what is known up to date, and adds what is new.
    """


@import_.command("incidents")
@click.argument("file", type=PATH)
@mapping_option
@rejects_option
@trial_option
@json_option
def incidents(file: Path, **options: Any) -> None:
    """Take in incidents from FILE."""
    _import_contributions("incident", file, **options)


@import_.command("ideas")
@click.argument("file", type=PATH)
@mapping_option
@rejects_option
@trial_option
@json_option
def ideas(file: Path, **options: Any) -> None:
    """Take in ideas from FILE."""
    _import_contributions("idea", file, **options)


@import_.command("contributions")
@click.argument("file", type=PATH)
@mapping_option
@rejects_option
@trial_option
@json_option
def contributions(file: Path, **options: Any) -> None:
    """Take in contributions of every kind from FILE, whose rows say which: civic's own export."""
    _import_contributions(ANY_KIND, file, **options)


@import_.command("comments")
@click.argument("file", type=PATH)
@mapping_option
@rejects_option
@trial_option
@json_option
def comments(
    file: Path,
    mapping_path: Path | None,
    rejects_path: Path | None,
    is_trial: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Take in comments on ideas that were imported before."""
    with opened_file(file, rejects_path, is_trial=is_trial) as opened:
        mapping = _mapping("comment", opened.source, mapping_path)
        totals = import_comments(
            db.session(),
            opened.source.rows,
            mapping,
            opened.rejects,
            commit=db.session.commit,
            progress=opened.by_bytes,
            run=ImportRun(source=mapping.name, file=file.name[:250], who=_caller()),
            is_trial=is_trial,
        )
    _finish(totals, opened.rejects, mapping, as_json=as_json, is_trial=is_trial)


def _import_contributions(
    kind: str,
    file: Path,
    *,
    mapping_path: Path | None,
    rejects_path: Path | None,
    is_trial: bool,
    as_json: bool,
) -> None:
    with opened_file(file, rejects_path, is_trial=is_trial) as opened:
        mapping = _mapping(kind, opened.source, mapping_path)
        wanted = [one.code for one in kinds] if kind == ANY_KIND else [kind]
        totals = None
        for code in wanted:
            of_kind = mapping.of_kind(code) if mapping.kind == ANY_KIND else mapping
            session: Session = db.session()
            try:
                importer = Importer(
                    session,
                    kinds[code],
                    of_kind,
                    opened.rejects,
                    commit=session.commit,
                    file=file.name,
                    who=_caller(),
                    is_trial=is_trial,
                )
                if totals is None:
                    totals = importer.run(opened.source.rows, opened.by_bytes)
                else:
                    totals.include(_again(file, importer, opened))
            except MappingError as error:
                raise click.ClickException(f"{error}.") from None
    if totals is not None:
        _finish(totals, opened.rejects, mapping, as_json=as_json, is_trial=is_trial)


def _again(file: Path, importer: Importer, opened: Opened) -> Totals:
    """Read the file once more, for another kind; what is broken was rejected the first time."""
    with closing(_open(file)) as source:
        rows = (row for row in source.rows if not row.problem)
        return importer.run(rows, lambda _read: opened.told(source.position(), source.size))


def _caller() -> str:
    """Return who runs the command, as the machine knows them."""
    try:
        return getpass.getuser()[:80]
    except (KeyError, OSError):
        return ""


@contextmanager
def opened_file(
    file: Path, rejects_path: Path | None, *, is_trial: bool = False
) -> Iterator[Opened]:
    """Open ``file`` beside an application, the file of its rejected rows, and a progress bar.

    A trial begins no transaction that could write, and has no file of rejected rows.
    """
    with (
        application(),
        read_only() if is_trial else nullcontext(),
        closing(_open(file)) as source,
        Rejects(None if is_trial else _rejects_path(rejects_path, file)) as rejects,
        progress_bar(file.name) as told,
    ):
        yield Opened(source, rejects, told)


def _open(file: Path) -> Source:
    try:
        return open_source(file)
    except UnreadableFile as error:
        raise click.ClickException(f"{file}: {error}.") from None


def _mapping(kind: str, source: Source, path: Path | None) -> Mapping:
    try:
        mapping = load_mapping(path) if path else detect_mapping(kind, source.columns)
    except MappingError as error:
        raise click.ClickException(str(error)) from None
    if mapping is None:
        raise click.ClickException(
            f"none of the shipped mappings fits the columns ({', '.join(source.columns[:12])}…). "
            "Write one (docs/import.md) and give it with --mapping."
        )
    if kind == ANY_KIND != mapping.kind:
        raise click.ClickException(f"the mapping {mapping.name} is for kind {mapping.kind}.")
    mapping = mapping.fitted(source.columns)
    known = {*source.columns, ROW_NUMBER}
    for field in ("external_id", "title"):
        names = mapping.names_of(field)
        if names and not any(name in known or name.partition(".")[0] in known for name in names):
            raise click.ClickException(
                f"the file has no column {', '.join(sorted(names))}, which the mapping "
                f"{mapping.name} needs."
            )
    return mapping


def _rejects_path(given: Path | None, file: Path) -> Path:
    if given is not None:
        if given.resolve() == file.resolve():
            raise click.BadParameter("that is the file to read", param_hint="--rejects")
        return given
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return Settings.from_environment().rejects_dir / f"{file.name}-{stamp}.csv"


def _finish(
    totals: Totals, rejects: Rejects, mapping: Mapping, *, as_json: bool, is_trial: bool
) -> None:
    summary = (
        f"{totals.read} rows read with the mapping {mapping.name}: {totals.added} added, "
        f"{totals.updated} updated, {totals.known} there already, {totals.changed_since} changed "
        f"since by people here, {totals.rejected} rejected."
    ) + f" {totals.left_out} are not of those that are meant." * bool(totals.left_out)
    lines = [f"Nothing was written. It would be: {summary}" if is_trial else summary]
    remarks = totals.remarks.most_common()
    lines += [f"  {number:>8}  {what}" for what, number in remarks[:MOST_REMARKS]]
    if len(remarks) > MOST_REMARKS:
        lines.append(f"  … and {len(remarks) - MOST_REMARKS} other remarks: --json has them all")
    values = totals.as_dict() | {"mapping": mapping.name, "examples": rejects.examples}
    if is_trial:
        values["shown"] = totals.shown
        lines += [_shown(row) for row in totals.shown]
    if totals.rejected:
        values["rejects"] = str(rejects.path) if rejects.path else None
        lines += rejected_lines(rejects)
    answer(values, as_json=as_json, text="\n".join(lines))
    if totals.rejected or totals.changed_since:
        sys.exit(SOME_REJECTED)


def _shown(row: dict[str, Any]) -> str:
    """Return one row of a trial as it would be, in the order that a person reads it."""
    told = [
        f"{name}: {str(value)[:120]}"
        for name, value in row.items()
        if name != "line" and value not in (None, "", [])
    ]
    return f"line {row['line']}\n" + "\n".join(f"    {text}" for text in told)


def rejected_lines(rejects: Rejects) -> list[str]:
    """Return what is said of rejected rows: how many of each kind, with an example."""
    lines = [
        f"  {number:>8}  rejected: {why} ({rejects.examples[why]})"
        for why, number in rejects.reasons.most_common()
    ]
    if rejects.path is None:
        return lines
    return [*lines, f"The rejected rows, each with its reason: {rejects.path}"]
