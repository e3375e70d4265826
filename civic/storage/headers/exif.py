"""The place that a camera wrote into its metadata."""

import struct
from dataclasses import dataclass

from civic.storage.headers.source import Block

_GPS = 0x8825
_LAT_REF, _LAT, _LON_REF, _LON = 1, 2, 3, 4
_RATIONALS = {5: "2I", 10: "2i"}


@dataclass(frozen=True, slots=True)
class _Entry:
    type: int
    count: int
    at: int
    """Position of the four bytes that hold the value, or say where it is."""


def read_position(block: Block) -> tuple[float, float] | None:
    """Return latitude and longitude in degrees, None when there are none or they are a nonsense."""
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return None
    try:
        first = _entries(block, order, _number(block, order, 4))
        gps = _entries(block, order, _number(block, order, first[_GPS].at))
        lat = _degrees(block, order, gps[_LAT], _letter(block, gps[_LAT_REF], "NS"))
        lon = _degrees(block, order, gps[_LON], _letter(block, gps[_LON_REF], "EW"))
    except (KeyError, IndexError, ValueError, ZeroDivisionError, struct.error):
        return None  # written by any device in any way
    is_on_earth = abs(lat) <= 90 and abs(lon) <= 180
    # Phones without a fix write zeros: nobody reports from the Gulf of Guinea.
    return (lat, lon) if is_on_earth and (lat, lon) != (0, 0) else None


def _entries(block: Block, order: str, at: int) -> dict[int, _Entry]:
    (count,) = struct.unpack_from(order + "H", block, at)
    found = {}
    for start in range(at + 2, at + 2 + 12 * count, 12):
        tag, type_, number = struct.unpack_from(order + "HHI", block, start)
        found[tag] = _Entry(type_, number, start + 8)
    return found


def _number(block: Block, order: str, at: int) -> int:
    return int(struct.unpack_from(order + "I", block, at)[0])


def _letter(block: Block, entry: _Entry, known: str) -> int:
    """Return 1 for the first letter of ``known``, -1 for the second."""
    return (1, -1)[known.index(chr(block[entry.at]).upper())]


def _degrees(block: Block, order: str, entry: _Entry, sign: int) -> float:
    if entry.count != 3:
        raise ValueError(entry.count)
    pair = order + _RATIONALS[entry.type]
    start = _number(block, order, entry.at)
    parts = [struct.unpack_from(pair, block, start + 8 * place) for place in range(3)]
    degrees, minutes, seconds = (above / below for above, below in parts)
    return float(round(sign * (degrees + minutes / 60 + seconds / 3600), 7))
