"""WebP: a RIFF file; plain, lossless, or extended by metadata and animation."""

from civic.storage.headers.source import Block, DamagedError, Source

_FIRST = 12
_EXIF = b"Exif\0\0"


def read_size(source: Source) -> tuple[int, int]:
    """Return width and height: of the canvas, when the file is extended."""
    name = source.read(_FIRST, 4)
    at = _FIRST + 8
    if name == b"VP8X":
        return 1 + _little(source, at + 4, 3), 1 + _little(source, at + 7, 3)
    if name == b"VP8L" and source.read(at, 1) == b"\x2f":
        bits = _little(source, at + 1, 4)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if name == b"VP8 " and source.read(at + 3, 3) == b"\x9d\x01\x2a":
        return _little(source, at + 6, 2) & 0x3FFF, _little(source, at + 8, 2) & 0x3FFF
    raise DamagedError


def find_exif(source: Source) -> Block | None:
    """Return the metadata of the camera, which stand behind the pixels."""
    at = _FIRST
    while at + 8 <= source.size:
        length = _little(source, at + 4, 4)
        if source.read(at, 4) == b"EXIF":
            return source.read(at + 8, length).removeprefix(_EXIF)
        at += 8 + length + length % 2
    return None


def _little(source: Source, at: int, length: int) -> int:
    return int.from_bytes(source.read(at, length), "little")
