"""``civic import``: files in."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click
from sqlalchemy.orm import Session

from civic.cli.context import Told, answer, application, json_option, progress_bar
from civic.contributions.kinds import kinds
from civic.extensions import db
from civic.imports.comments import import_comments
from civic.imports.load import Importer, Totals
from civic.imports.mapping import Mapping, MappingError, detect_mapping, load_mapping
from civic.imports.readers import Row, Source, UnreadableFile, open_source
from civic.imports.rejects import Rejects
from civic.places.addresses import AddressImport, import_addresses
from civic.places.areas import AreaImport, import_areas
from civic.places.models import AreaLevel
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


@click.group("import")
def import_() -> None:
    """Take in files: CSV, GeoJSON or JSON lines, gzipped or not.

    Running an import again adds only what is new.
    """


@import_.command("incidents")
@click.argument("file", type=PATH)
@mapping_option
@rejects_option
@json_option
def incidents(
    file: Path,
    mapping_path: Path | None,
    rejects_path: Path | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Take in incidents from FILE."""
    _import_contributions("incident", file, mapping_path, rejects_path, as_json=as_json)


@import_.command("ideas")
@click.argument("file", type=PATH)
@mapping_option
@rejects_option
@json_option
def ideas(
    file: Path,
    mapping_path: Path | None,
    rejects_path: Path | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Take in ideas from FILE."""
    _import_contributions("idea", file, mapping_path, rejects_path, as_json=as_json)


@import_.command("comments")
@click.argument("file", type=PATH)
@mapping_option
@rejects_option
@json_option
def comments(
    file: Path,
    mapping_path: Path | None,
    rejects_path: Path | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Take in comments on ideas that were imported before."""
    with _opened(file, rejects_path) as opened:
        mapping = _mapping("comment", opened.source, mapping_path)
        totals = import_comments(
            db.session(),
            opened.source.rows,
            mapping,
            opened.rejects,
            commit=db.session.commit,
            progress=opened.by_bytes,
        )
    _finish(totals, opened.rejects, mapping, as_json=as_json)


@import_.command("areas")
@click.argument("file", type=PATH)
@click.option(
    "--level",
    type=click.Choice([level.value for level in AreaLevel]),
    default=AreaLevel.NEIGHBOURHOOD.value,
    show_default=True,
    help="What the outlines are.",
)
@click.option("--name-property", default="", help="The property that names an area.")
@click.option("--code-property", default="", help="The property with its official code.")
@click.option("--population-property", default="", help="The property with its population.")
@rejects_option
@json_option
def areas(
    file: Path,
    level: str,
    name_property: str,
    code_property: str,
    population_property: str,
    rejects_path: Path | None,
    as_json: bool,  # noqa: FBT001 (a flag)
) -> None:
    """Take in outlines from the GeoJSON FILE; contributions are then assigned anew."""
    names: dict[int, dict[str, Any]] = {}
    with _opened(file, rejects_path) as opened:
        report = import_areas(
            db.session(),
            _features(opened.source, names),
            level=AreaLevel(level),
            name_property=name_property,
            code_property=code_property,
            population_property=population_property,
            progress=opened.told,
        )
        db.session.commit()
        for number, reason in report.rejects:
            opened.rejects.add(number, reason, names[number])
    _finish_report(report, opened.rejects, as_json=as_json)


@import_.command("addresses")
@click.argument("file", type=PATH)
@rejects_option
@json_option
def addresses(file: Path, rejects_path: Path | None, as_json: bool) -> None:  # noqa: FBT001
    """Take in the addresses of the town from a Base Adresse Nationale CSV."""
    last = _Last()
    with _opened(file, rejects_path) as opened:
        report = import_addresses(
            db.session(),
            last.of(opened.source),
            progress=opened.by_bytes,
            reject=lambda reason, row: opened.rejects.add(
                last.row.line, last.row.problem or reason, dict(row)
            ),
        )
        db.session.commit()
    _finish_report(report, opened.rejects, as_json=as_json)


def _import_contributions(
    kind: str,
    file: Path,
    mapping_path: Path | None,
    rejects_path: Path | None,
    *,
    as_json: bool,
) -> None:
    with _opened(file, rejects_path) as opened:
        mapping = _mapping(kind, opened.source, mapping_path)
        session: Session = db.session()
        try:
            importer = Importer(
                session, kinds[kind], mapping, opened.rejects, commit=session.commit
            )
        except MappingError as error:
            raise click.ClickException(f"{error}.") from None
        totals = importer.run(opened.source.rows, opened.by_bytes)
    _finish(totals, opened.rejects, mapping, as_json=as_json)


class _Opened(NamedTuple):
    """A file that is taken in: its rows, where rejected ones go, and what draws the progress."""

    source: Source
    rejects: Rejects
    told: Told

    def by_bytes(self, _done: int, _of: int | None = None, /) -> None:
        """Draw how much of the file has been read, whatever was counted."""
        self.told(self.source.position(), self.source.size)


@contextmanager
def _opened(file: Path, rejects_path: Path | None) -> Iterator[_Opened]:
    """Open ``file`` beside an application, the file of its rejected rows, and a progress bar."""
    with (
        application(),
        closing(_open(file)) as source,
        Rejects(_rejects_path(rejects_path, file)) as rejects,
        progress_bar(file.name) as told,
    ):
        yield _Opened(source, rejects, told)


def _open(file: Path) -> Source:
    try:
        return open_source(file)
    except UnreadableFile as error:
        raise click.ClickException(f"{file}: {error}.") from None


def _features(source: Source, names: dict[int, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the outlines; ``names`` keeps the rest of each, by its number."""
    for number, row in enumerate(source.rows, start=1):
        names[number] = {name: value for name, value in row.values.items() if name != "geometry"}
        yield row.values


class _Last:
    """The row that was read last: a rejected one is told with its line."""

    row = Row(0, {})

    def of(self, source: Source) -> Iterator[dict[str, Any]]:
        """Yield the values of all rows; those of a broken row are none that can be taken."""
        for self.row in source.rows:
            yield {} if self.row.problem else self.row.values


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
    missing = mapping.needed - set(source.columns)
    required = {
        mapping.columns[name] for name in ("external_id", "title") if name in mapping.columns
    }
    if missing & required:
        raise click.ClickException(
            f"the file has no column {', '.join(sorted(missing & required))}, which the mapping "
            f"{mapping.name} needs."
        )
    return mapping


def _rejects_path(given: Path | None, file: Path) -> Path:
    if given is not None:
        if given.resolve() == file.resolve():
            raise click.BadParameter("that is the file to read", param_hint="--rejects")
        return given
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return Settings.from_environment().data_dir / "rejects" / f"{file.name}-{stamp}.csv"


def _finish(totals: Totals, rejects: Rejects, mapping: Mapping, *, as_json: bool) -> None:
    summary = (
        f"{totals.read} rows read with the mapping {mapping.name}: {totals.added} added, "
        f"{totals.known} there already, {totals.rejected} rejected."
    )
    lines = [summary]
    lines += [f"  {number:>8}  {what}" for what, number in totals.remarks.most_common()]
    values = totals.as_dict() | {"mapping": mapping.name}
    if totals.rejected:
        values["rejects"] = str(rejects.path)
        lines += _rejected(rejects)
    answer(values, as_json=as_json, text="\n".join(lines))
    if totals.rejected:
        sys.exit(SOME_REJECTED)


def _finish_report(report: AreaImport | AddressImport, rejects: Rejects, *, as_json: bool) -> None:
    values: dict[str, Any] = report.as_dict()
    lines = [", ".join(f"{name}: {value}" for name, value in values.items())]
    if rejects.total:
        lines += _rejected(rejects)
        values |= {"reasons": dict(rejects.reasons), "rejects": str(rejects.path)}
    answer(values, as_json=as_json, text="\n".join(lines))
    if rejects.total:
        sys.exit(SOME_REJECTED)


def _rejected(rejects: Rejects) -> list[str]:
    lines = [f"  {number:>8}  rejected: {why}" for why, number in rejects.reasons.most_common()]
    return [*lines, f"The rejected rows, each with its reason: {rejects.path}"]
