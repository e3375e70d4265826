"""JPEG: segments, each with its length, up to the first that holds compressed data."""

from collections.abc import Iterator

from civic.storage.headers.source import Block, DamagedError, Source

_APP1 = 0xE1
_EXIF = b"Exif\0\0"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN, _END = 0xDA, 0xD9
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a length."""


def read_size(source: Source) -> tuple[int, int]:
    """Return width and height, as the first frame says."""
    for marker, at, length in _segments(source):
        if marker in _FRAMES and length >= 5:
            return source.number(at + 3, 2), source.number(at + 1, 2)
    raise DamagedError


def find_exif(source: Source) -> Block | None:
    """Return the metadata of the camera."""
    for marker, at, length in _segments(source):
        if marker == _APP1 and length > len(_EXIF) and source.read(at, len(_EXIF)) == _EXIF:
            return source.read(at + len(_EXIF), length - len(_EXIF))
        if marker in _FRAMES:
            return None
    return None


def _segments(source: Source) -> Iterator[tuple[int, int, int]]:
    """Yield marker, position and length of what each segment holds."""
    at = 2
    while True:
        first, marker = source.read(at, 2)
        if first != 0xFF:
            raise DamagedError
        if marker == 0xFF:
            at += 1
        elif marker in _ALONE:
            at += 2
        elif marker in {_SCAN, _END}:
            return
        else:
            length = source.number(at + 2, 2)
            if length < 2:
                raise DamagedError
            yield marker, at + 4, length - 2
            at += 2 + length
