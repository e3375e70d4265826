"""PNG: chunks, each with its length; the first says how large it is."""

from civic.storage.headers.source import Block, DamagedError, Source

_SIGNATURE = 8
_AROUND = 12
"""Length, name and checksum of a chunk."""


def read_size(source: Source) -> tuple[int, int]:
    """Return width and height."""
    if source.read(_SIGNATURE + 4, 4) != b"IHDR":
        raise DamagedError
    return source.number(_SIGNATURE + 8, 4), source.number(_SIGNATURE + 12, 4)


def find_exif(source: Source) -> Block | None:
    """Return the metadata of the camera, which may stand behind the pixels."""
    at = _SIGNATURE
    while True:
        length, name = source.number(at, 4), source.read(at + 4, 4)
        if name == b"eXIf":
            return source.read(at + 8, length)
        if name == b"IEND":
            return None
        at += _AROUND + length
