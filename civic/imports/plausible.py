"""Whether the positions of a file can be those of the town: asked before any row is stored."""

import math
from collections.abc import Sequence

from civic.imports.convert import NOT_OF_SYSTEM, Record, Rejected, to_record
from civic.imports.mapping import Mapping, MappingError
from civic.imports.readers import Row
from civic.places.geometry import Bounds, Position

NEAR_KM = 50.0
_KM_OF_A_DEGREE = 111.2
FAR_AWAY = f"no position of the first rows is within {NEAR_KM:.0f} km of the town"


def check_positions(rows: Sequence[Row], mapping: Mapping, bounds: Bounds) -> bool:
    """Say whether ``rows``, the first of a file, have no position or one that is near the town.

    Raises MappingError where none is and the mapping names a projection: it is probably another.
    """
    wanted = [row for row in rows if mapping.wants(row.values)]
    found = [_understood(row, mapping, bounds) for row in wanted]
    positions = [one.position for one in found if isinstance(one, Record) and one.position]
    around = _around(bounds)
    if any(around.holds(position.lat, position.lon) for position in positions):
        return True
    is_other = bool(found) and all(str(one).startswith(NOT_OF_SYSTEM) for one in found)
    if mapping.crs is not None and (positions or is_other):
        raise MappingError(_sentence(positions))
    return not positions


def _understood(row: Row, mapping: Mapping, bounds: Bounds) -> Record | Rejected:
    try:
        return to_record(row, mapping, bounds)
    except Rejected as reason:
        return reason


def _sentence(positions: Sequence[Position]) -> str:
    example = (
        f" (the first one: {positions[0].lat:.4f}, {positions[0].lon:.4f})" if positions else ""
    )
    return (
        f"{FAR_AWAY}{example}: the « crs » of the mapping is probably not the projection of the "
        "file. Nothing was stored"
    )


def _around(bounds: Bounds) -> Bounds:
    high = NEAR_KM / _KM_OF_A_DEGREE
    wide = high / max(0.1, math.cos(math.radians(bounds.north)))
    return Bounds(
        west=bounds.west - wide,
        south=bounds.south - high,
        east=bounds.east + wide,
        north=bounds.north + high,
    )
