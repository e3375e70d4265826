"""How densely things lie around a point."""

from civic.counting.queries import Found
from civic.places.geometry import (
    CELL_LEVEL,
    Position,
    cell_to_tile,
    haversine_m,
    morton_cell,
    parent_cell,
    tile_bounds,
    tile_to_cell,
)

LEVELS = (20, 18, 16, 14, 12, 10)
"""The zooms at which the neighbourhood of a point is counted, the closest first."""


def radius_of(found: Found, position: Position, wanted: int) -> float:
    """Return a radius (metres) that should hold ``wanted`` things; the widest known at most."""
    cell = morton_cell(position.lat, position.lon)
    for level in LEVELS:
        if sum(found.count_in(code, level) for code in _neighbourhood(cell, level)) >= wanted:
            return _width_m(cell, level)
    return _width_m(cell, LEVELS[-1])


def _neighbourhood(cell: int, level: int) -> list[int]:
    """The tile and its eight neighbours, those beyond the edge of the map left out."""
    _, x, y = cell_to_tile(parent_cell(cell, level), level)
    size = 1 << level
    return [
        tile_to_cell(level, (x + dx) % size, y + dy)
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
        if 0 <= y + dy < size
    ]


def _width_m(cell: int, level: int) -> float:
    box = tile_bounds(cell_to_tile(cell >> 2 * (CELL_LEVEL - level), level))
    middle = (box.south + box.north) / 2
    return haversine_m(Position(middle, box.west), Position(middle, box.east))
