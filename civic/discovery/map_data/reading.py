"""How the map reads its tables: which layers, which indexes, which ranges."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, union_all
from sqlalchemy.orm import Session

from civic.contributions.map_layers import Column, MapLayer, map_layers
from civic.discovery.filters import ContributionFilter, category_ids
from civic.discovery.models import MapCount


def is_counted(asked: ContributionFilter) -> bool:
    """Whether nothing but kind, category and status type narrows it: what the counts know."""
    content = asked.content()
    return content == ContributionFilter(
        kinds=content.kinds, categories=content.categories, status_types=content.status_types
    )


def kept_conditions(session: Session, asked: ContributionFilter) -> list[ColumnElement[bool]]:
    """Return what ``asked`` says of the rows of the counts; it must be :func:`is_counted`."""
    categories = category_ids(session, asked.categories) if asked.categories else [0]
    found: list[ColumnElement[bool]] = [
        # One category is by far the most common: an equality leaves the rest of the key usable.
        MapCount.category_id == categories[0]
        if len(categories) == 1
        else MapCount.category_id.in_(categories)
    ]
    if asked.kinds:
        found.append(MapCount.kind.in_(asked.kinds))
    if asked.status_types:
        found.append(MapCount.status_type.in_(asked.status_types))
    return found


def layers_of(asked: ContributionFilter, kinds: Iterable[str] = ()) -> list[MapLayer]:
    """The layers that can hold anything of what is asked."""
    wanted = set(kinds) or set(asked.kinds)
    return [layer for layer in map_layers if not wanted or wanted.intersection(layer.codes())]


def steered(layer: MapLayer, *, by_period: bool = False) -> MapLayer:
    """Return ``layer`` spelt so that only the indexes made for the map answer its conditions.

    Without statistics a planner takes kind or status for rare, and reads a third of the table.
    """
    return replace(
        layer,
        kind=hidden_from_planner(layer.kind),
        status=hidden_from_planner(layer.status),
        status_type=hidden_from_planner(layer.status_type),
        at=layer.at if by_period else hidden_from_planner(layer.at),
    )


def hidden_from_planner(column: Column) -> Column:
    """Return ``column`` spelt so that no index on it is used."""
    return func.coalesce(column, column)


def in_ranges(base: Select[Any], cell: Column, ranges: list[tuple[int, int]]) -> Any:
    """One arm a range: a long OR makes both planners read the whole table.

    Filled up with empty ranges to a power of two, so that few statements have to be prepared.
    """
    arms = 1 << (len(ranges) - 1).bit_length()
    ranges = ranges + [(1, 0)] * (arms - len(ranges))
    parts = [base.where(cell.between(first, last)) for first, last in ranges]
    return parts[0] if len(parts) == 1 else union_all(*parts)


def merged_ranges(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join the ranges that follow one another."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and merged[-1][1] + 1 == first:
            merged[-1] = merged[-1][0], last
        else:
            merged.append((first, last))
    return merged
