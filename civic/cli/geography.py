"""``civic import areas`` and ``civic import addresses``."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from civic.cli.context import answer, json_option
from civic.cli.files import (
    PATH,
    SOME_REJECTED,
    import_,
    opened_file,
    rejected_lines,
    rejects_option,
)
from civic.extensions import db
from civic.imports.readers import Row, Source
from civic.imports.rejects import Rejects
from civic.places.addresses import AddressImport, Missing, import_addresses
from civic.places.areas import AreaImport, import_areas
from civic.places.models import AreaLevel

__all__ = ["import_"]


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
@click.option(
    "--replace", is_flag=True, help="Retire the areas of this level that FILE does not hold."
)
@rejects_option
@json_option
def areas(
    file: Path,
    level: str,
    name_property: str,
    code_property: str,
    population_property: str,
    replace: bool,  # noqa: FBT001 (a flag)
    rejects_path: Path | None,
    as_json: bool,  # noqa: FBT001 (a flag)
) -> None:
    """Take in outlines from the GeoJSON FILE; contributions are then assigned anew."""
    names: dict[int, dict[str, Any]] = {}
    with opened_file(file, rejects_path) as opened:
        report = import_areas(
            db.session(),
            _features(opened.source, names),
            level=AreaLevel(level),
            name_property=name_property,
            code_property=code_property,
            population_property=population_property,
            progress=opened.told,
            replace=replace,
            commit=db.session.commit,
        )
        db.session.commit()
        for number, reason in report.rejects:
            opened.rejects.add(number, reason, names[number])
    _finish(report, opened.rejects, as_json=as_json)


@import_.command("addresses")
@click.argument("file", type=PATH)
@click.option(
    "--keep-missing",
    is_flag=True,
    help="The file is not whole: keep the addresses that it does not hold.",
)
@click.option(
    "--replace",
    is_flag=True,
    help="Retire what the file does not hold, also when that is more than half.",
)
@rejects_option
@json_option
def addresses(
    file: Path,
    keep_missing: bool,  # noqa: FBT001 (a flag)
    replace: bool,  # noqa: FBT001 (a flag)
    rejects_path: Path | None,
    as_json: bool,  # noqa: FBT001 (a flag)
) -> None:
    """Take in the addresses of the town: a Base Adresse Nationale or Locale CSV, or a list."""
    if keep_missing and replace:
        raise click.UsageError("--keep-missing and --replace say opposite things.")
    last = _Last()

    def missing() -> Missing:
        if keep_missing or last.was_broken:
            return Missing.KEEP
        return Missing.RETIRE_ALL if replace else Missing.RETIRE

    with opened_file(file, rejects_path) as opened:
        report = import_addresses(
            db.session(),
            last.of(opened.source),
            progress=opened.by_bytes,
            reject=lambda reason, _: opened.rejects.add(
                last.row.line, last.row.problem or reason, last.row.values
            ),
            commit=db.session.commit,
            missing=missing,
        )
    if report.kept and not as_json:
        click.echo(
            f"{report.kept} addresses that are not in this file were kept: they are more than half "
            "of what is known. Run it again with --replace if the file is whole.",
            err=True,
        )
    _finish(report, opened.rejects, as_json=as_json)


class _Last:
    """The row that was read last: a rejected one is told with its line."""

    row = Row(0, {})
    was_broken = False
    """Whether a row could not be read: then nobody knows what the file does not hold."""

    def of(self, source: Source) -> Iterator[dict[str, Any]]:
        """Yield the values of all rows; those of a broken row are none that can be taken."""
        for self.row in source.every_row:
            self.was_broken |= bool(self.row.problem)
            yield {} if self.row.problem else self.row.values


def _features(source: Source, names: dict[int, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the outlines; ``names`` keeps the rest of each, by its number."""
    for number, row in enumerate(source.rows, start=1):
        names[number] = {name: value for name, value in row.values.items() if name != "geometry"}
        yield row.values


def _finish(report: AreaImport | AddressImport, rejects: Rejects, *, as_json: bool) -> None:
    values: dict[str, Any] = report.as_dict()
    lines = [", ".join(f"{name}: {value}" for name, value in values.items())]
    if isinstance(report, AreaImport):
        lines += _remarks(report)
        values |= {"outside": report.partly_outside, "mended_names": report.mended}
    if rejects.total:
        lines += rejected_lines(rejects)
        values |= {
            "reasons": dict(rejects.reasons),
            "examples": rejects.examples,
            "rejects": str(rejects.path),
        }
    answer(values, as_json=as_json, text="\n".join(lines))
    if rejects.total:
        sys.exit(SOME_REJECTED)


def _remarks(report: AreaImport) -> list[str]:
    """What is taken, and yet has to be known."""
    outside = report.partly_outside.items()
    return [
        *(f"  {name}: {percent} % of it is outside the town" for name, percent in outside),
        *(f"  {name}: its outline crossed itself, and was mended" for name in report.mended),
    ]
