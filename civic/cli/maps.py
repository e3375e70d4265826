"""``civic map``, ``civic areas`` and ``civic search``: what is derived."""

import sys
from collections.abc import Sequence
from dataclasses import asdict

import click

from civic.cli.context import answer, application, json_option, progress_bar
from civic.contributions.indexing import rebuild_index
from civic.counting import counts
from civic.extensions import db
from civic.places.areas import reassign

DIFFERENT = 3
MOST_TOLD = 20


@click.group("map")
def map_() -> None:
    """The counts that the map is made of."""


@map_.command("rebuild")
def map_rebuild() -> None:
    """Make all counts anew from what is stored."""
    with application(), progress_bar("Counting") as told:
        number = counts.rebuild(db.session(), told)
        db.session.commit()
    click.echo(f"{number} counts made anew.")


@map_.command("verify")
@json_option
def map_verify(as_json: bool) -> None:  # noqa: FBT001 (a flag)
    """Compare every count with counting anew, and name any difference."""
    with application(), progress_bar("Comparing") as told:
        differences = counts.verify(db.session(), told)
        db.session.rollback()
    values = {"differences": [asdict(difference) for difference in differences]}
    answer(values, as_json=as_json, text=_told(differences))
    if differences:
        sys.exit(DIFFERENT)


def _told(differences: Sequence[counts.Difference]) -> str:
    if not differences:
        return "Every count is exact."
    lines = [
        f"{one.grouping}, level {one.level}, cell {one.cell}, {' '.join(map(str, one.key))}: "
        f"{one.kept[0]} kept, {one.counted[0]} counted"
        for one in differences[:MOST_TOLD]
    ]
    if len(differences) > MOST_TOLD:
        lines.append(f"… and {len(differences) - MOST_TOLD} more: --json names them all.")
    return "\n".join([*lines, "`civic map rebuild` makes the counts anew."])


@click.group()
def areas() -> None:
    """The outlines of the town."""


@areas.command("reassign")
def areas_reassign() -> None:
    """Find the area of every contribution anew, after outlines have changed."""
    with application(), progress_bar("Assigning") as told:
        number = reassign(db.session(), told)
        db.session.commit()
    click.echo(f"{number} contributions are in another area now.")


@click.group()
def search() -> None:
    """The index of the full text."""


@search.command("rebuild")
def search_rebuild() -> None:
    """Index everything public anew."""
    with application(), progress_bar("Indexing") as told:
        number = rebuild_index(db.session(), told)
        db.session.commit()
    click.echo(f"{number} contributions indexed.")
