"""Cells with what is in them, from the counts where they know, from the tables where not."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from civic.contributions.map_layers import grouping
from civic.contributions.workflow import StatusType
from civic.counting.counts import UNITS_A_DEGREE, cell_at
from civic.counting.map_data.found import Found
from civic.counting.map_data.reading import (
    Kept,
    Moments,
    conditions_within,
    in_ranges,
    known_to_counts,
    layers_of,
    merged_ranges,
    steered,
    way_to,
)
from civic.counting.map_data.shapes import Cluster
from civic.database.tables import hidden_from_planner
from civic.finding.filters import ContributionFilter
from civic.places.geometry import CELL_LEVEL, Tile, cell_range, tile_to_cell

CELLS_ACROSS = 3
"""A tile is 2**3 cells wide."""


def pyramid(
    session: Session,
    asked: ContributionFilter,
    tiles: Sequence[Tile],
    found: Found | None = None,
) -> list[Cluster]:
    """Return the clusters of several tiles of one zoom, the single things as clusters of one.

    For the picture that is drawn without script. ``found`` as for the tiles.
    """
    if not tiles:
        return []
    level = min(tiles[0].z + CELLS_ACROSS, CELL_LEVEL)
    codes = [tile_to_cell(*tile) for tile in tiles]
    return list(find_clusters(session, asked.content(), codes, tiles[0].z, level, found).values())


def find_clusters(
    session: Session,
    asked: ContributionFilter,
    codes: Sequence[int],
    z: int,
    level: int,
    found: Found | None = None,
) -> dict[int, Cluster]:
    """Return the cells of zoom ``level`` in tiles of zoom ``z``, by their codes.

    ``found`` are the places of what is asked, where they are known already.
    """
    clusters: dict[int, Cluster] = {}
    for cell, kind, status_type, n, sum_lat, sum_lon in (
        _rows(session, asked, codes, z, level) if found is None else found.clusters(codes, z, level)
    ):
        cluster = clusters.setdefault(cell, Cluster(cell, level))
        cluster.add((kind, StatusType(status_type)), n, sum_lat, sum_lon)
    return clusters


def _rows(
    session: Session, asked: ContributionFilter, codes: Sequence[int], z: int, level: int
) -> Iterable[tuple[Any, ...]]:
    known = known_to_counts(session, asked)
    here = known.at(level) if known else None
    if here is None:
        yield from _live_rows(session, asked, codes, z, level)
        return
    for part in here.parts:
        yield from _kept_rows(session, part, codes, z, level)
    for moments in here.rest:
        yield from _live_rows(session, asked, codes, z, level, moments)


def _kept_rows(
    session: Session, part: Kept, codes: Sequence[int], z: int, level: int
) -> Iterable[tuple[Any, ...]]:
    stored = part.level_for(level)
    if stored is None:
        raise ValueError(f"the counts by {part.grouping.name} end before zoom {level}")
    row: Any = part.grouping.model
    cell = row.cell.op(">>")(literal_column(str(2 * (stored - level))))
    base: Any = (
        select(
            cell,
            row.kind,
            row.status_type,
            func.sum(row.n),
            func.sum(row.sum_lat),
            func.sum(row.sum_lon),
        )
        .where(row.level == stored, *part.conditions)
        .group_by(cell, row.kind, row.status_type)
        .having(func.sum(row.n) > 0)
    )
    ranges = merged_ranges(
        (code << 2 * (stored - z), (code + 1 << 2 * (stored - z)) - 1) for code in codes
    )
    statement = in_ranges(base, row.cell, ranges)
    for cell_, kind, status_type, n, sum_lat, sum_lon in session.execute(statement):
        degrees = int(sum_lat) / UNITS_A_DEGREE, int(sum_lon) / UNITS_A_DEGREE
        yield (cell_, kind, status_type, int(n), *degrees)


def _live_rows(
    session: Session,
    asked: ContributionFilter,
    codes: Sequence[int],
    z: int,
    level: int,
    moments: Moments | None = None,
) -> Iterable[tuple[Any, ...]]:
    ranges = merged_ranges(cell_range(code, z) for code in codes)
    way = way_to(asked, moments, z)
    for layer in layers_of(asked):
        cell = cell_at(layer, level)
        found = conditions_within(session, asked, moments, steered(layer, to=way))
        base = (
            select(
                cell,
                layer.kind,
                layer.status_type,
                func.count(),
                func.sum(layer.lat),
                func.sum(layer.lon),
            )
            .where(*found)
            .group_by(*grouping(cell, layer.kind, layer.status_type))
        )
        place = layer.cell if way == "cell" else hidden_from_planner(layer.cell)
        for row in session.execute(in_ranges(base, place, ranges)):
            yield tuple(row)
