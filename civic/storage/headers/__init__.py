"""What the first bytes of a photo say: format, size and place, without decoding anything.

The files are strangers': every reader takes a bounded number of small reads and never recurses.
What does not add up is a :class:`DamagedError`; what is no photo at all is None.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import IO

from civic.storage.headers import boxes, jpeg, png, webp
from civic.storage.headers.exif import read_position
from civic.storage.headers.source import Block, DamagedError, Source

__all__ = ["CONTENT_TYPES", "DamagedError", "PhotoHeader", "read_header"]

_SIGNATURE_BYTES = 12
CONTENT_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "JPEG": "image/jpeg",
        "PNG": "image/png",
        "WEBP": "image/webp",
        "AVIF": "image/avif",
        "HEIF": "image/heic",
    }
)
"""By the name of the format, which is the name of its decoder."""

_Reader = tuple[Callable[[Source], tuple[int, int]], Callable[[Source], Block | None]]
_READERS: Mapping[str, _Reader] = MappingProxyType(
    {
        "JPEG": (jpeg.read_size, jpeg.find_exif),
        "PNG": (png.read_size, png.find_exif),
        "WEBP": (webp.read_size, webp.find_exif),
        "AVIF": (boxes.read_size, boxes.find_exif),
        "HEIF": (boxes.read_size, boxes.find_exif),
    }
)


@dataclass(frozen=True, slots=True)
class PhotoHeader:
    """What a file says of itself. ``gps`` is latitude and longitude in degrees, as written."""

    format: str
    width: int
    height: int
    gps: tuple[float, float] | None


def read_header(file: IO[bytes]) -> PhotoHeader | None:
    """Return what ``file`` says of itself, None for what is no JPEG, PNG, WebP, AVIF or HEIC.

    Raises DamagedError for one that begins like a photo and does not go on like one.
    """
    name = _format_of(Source(file))
    if name is None:
        return None
    read_size, find_exif = _READERS[name]
    width, height = read_size(Source(file))
    if width < 1 or height < 1:
        raise DamagedError
    try:
        exif = find_exif(Source(file))
    except DamagedError:
        exif = None  # a photo without a place is fine
    return PhotoHeader(name, width, height, read_position(exif) if exif else None)


def _format_of(source: Source) -> str | None:
    head = source.read(0, min(_SIGNATURE_BYTES, source.size))
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    return boxes.format_of(source) if head[4:8] == b"ftyp" else None
