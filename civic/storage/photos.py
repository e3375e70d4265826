"""Photos from strangers, made safe to publish.

A photo is decoded and written anew, so that nothing of the file that came reaches the public: no
metadata, no hidden part, no trick of one decoder. Its header alone says whether that is tried, and
where the photo was taken, to be offered as the place of the report: no decoder runs for that.
"""

import hashlib
import io
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from civic.i18n import N_
from civic.storage.child import Bounds, BusyError, DecodingError, decode
from civic.storage.headers import DamagedError, PhotoHeader, read_header

SIZES: Mapping[str, int] = {"large": 1600, "medium": 800, "card": 480, "small": 320, "tiny": 160}
"""Pixels of the longer side, by the name that addresses and files carry; the largest first."""
LONGEST_SIDE = 20_000
_WHOLE_PIXELS = 25_000_000
"""Of what has to be decoded whole: a JPEG is read at a fraction of its size."""
_REDUCED = frozenset({"JPEG", "HEIF"})
"""What cameras write may be larger: a JPEG costs little, a HEIC is given more."""
_CONTENT_TYPE = "image/jpeg"
_MEGABYTE = 1 << 20
_CHUNK = 1 << 18


def _machine_lock() -> Path:
    return Path(tempfile.gettempdir()) / f"civic-photos-{os.getuid()}.lock"


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """What is accepted, how well it is kept, and what decoding one photo may take."""

    max_bytes: int = 15_000_000
    max_pixels: int = 60_000_000
    quality: int = 80
    """Of the JPEG written, 1 to 95."""
    lock: Path = field(default_factory=_machine_lock)
    """The file that whoever decodes holds: one photo at a time on a machine."""
    memory: int = 512 * _MEGABYTE
    """Address space of the decoder in bytes; a HEIC or AVIF is given a quarter more."""
    cpu_s: int = 5
    """Seconds of processor time; a HEIC or AVIF is given twice that."""
    wall_s: int = 40
    wait_s: float = 20.0
    """How long to wait for one's turn."""

    def bounds(self, format_: str) -> Bounds:
        """Return what the decoder of ``format_`` may take."""
        is_film = format_ in {"HEIF", "AVIF"}
        memory = self.memory * 5 // 4 if is_film else self.memory
        cpu_s = self.cpu_s * 2 if is_film else self.cpu_s
        return Bounds(memory, cpu_s, self.wall_s, self.wait_s, self.lock)


@dataclass(frozen=True, slots=True)
class PhotoVariant:
    """The photo in one size, as a JPEG without any metadata."""

    width: int
    height: int
    data: bytes
    content_type: str = _CONTENT_TYPE


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """A photo ready to be kept."""

    variants: Mapping[str, PhotoVariant]
    """By the names of SIZES: at most so many pixels on the longer side, never enlarged."""
    sha256: str
    """Of the file that came, in hexadecimal: the same file sent twice is known."""
    gps: tuple[float, float] | None
    """Latitude and longitude in degrees, as the camera wrote them."""
    colour: str
    """The most frequent colour, `#rrggbb`, to show while the photo loads."""

    @property
    def width(self) -> int:
        """Of the large variant, in pixels."""
        return self.variants["large"].width

    @property
    def height(self) -> int:
        """Of the large variant, in pixels."""
        return self.variants["large"].height


class PhotoError(Exception):
    """A file that is not taken. `message` is French, to be translated and filled with `params`."""

    def __init__(self, code: str, message: str, **params: object) -> None:
        self.code = code
        self.message = message
        self.params = params
        super().__init__(message % params)


def check_photo(file: IO[bytes], limits: PhotoLimits | None = None) -> PhotoHeader:
    """Return what the header of a JPEG, PNG, WebP, AVIF or HEIC photo says. Decodes nothing.

    PhotoError, with the code `empty`, `too_heavy` (bytes), `too_large` (pixels), `format` or
    `unreadable`.
    """
    limits = limits or PhotoLimits()
    size = file.seek(0, os.SEEK_END)
    if not size:
        raise PhotoError("empty", N_("Ce fichier est vide. Choisissez une autre photo."))
    if size > limits.max_bytes:
        raise PhotoError(
            "too_heavy",
            N_("Cette photo dépasse %(limit)d\u00a0Mo. Choisissez-en une plus légère."),
            limit=limits.max_bytes // 1_000_000,
        )
    try:
        header = read_header(file)
    except DamagedError as error:
        raise _unreadable() from error
    if header is None:
        raise PhotoError(
            "format",
            N_(
                "Ce fichier n’est pas une photo que nous savons lire. "
                "Envoyez une image JPEG, PNG, WebP, AVIF ou HEIC."
            ),
        )
    _check_size(header, limits)
    return header


def _check_size(header: PhotoHeader, limits: PhotoLimits) -> None:
    pixels = header.width * header.height
    if pixels > limits.max_pixels:
        raise PhotoError(
            "too_large",
            N_("Cette photo dépasse %(limit)d millions de pixels. Choisissez-en une plus petite."),
            limit=limits.max_pixels // 1_000_000,
        )
    if pixels > _WHOLE_PIXELS and header.format not in _REDUCED:
        raise PhotoError(
            "too_large",
            N_(
                "Cette image dépasse %(limit)d millions de pixels. Enregistrez-la en JPEG, ou "
                "réduisez-la."
            ),
            limit=_WHOLE_PIXELS // 1_000_000,
        )
    if max(header.width, header.height) > LONGEST_SIDE:
        raise PhotoError(
            "too_large",
            N_("Un côté de cette image dépasse %(limit)d pixels. Recadrez-la ou réduisez-la."),
            limit=LONGEST_SIDE,
        )


def decode_photo(source: bytes | IO[bytes], limits: PhotoLimits | None = None) -> DecodedPhoto:
    """Return a JPEG, PNG, WebP, AVIF or HEIC photo upright, small and without metadata.

    Of an animation, the first image. PhotoError as check_photo, and with the code `unreadable`,
    `too_complex` or `busy` (it may be tried again). OSError when no decoder can be started. Takes
    up to half a minute: decode before the first statement of a transaction.
    """
    limits = limits or PhotoLimits()
    file = _seekable(source, limits)
    header = check_photo(file, limits)
    order = {
        "make": "photo",
        "format": header.format,
        "sides": list(SIZES.values()),
        "quality": limits.quality,
        "pixels": limits.max_pixels,
    }
    try:
        decoded = decode(file, order, limits.bounds(header.format))
    except BusyError as error:
        raise _busy() from error
    except DecodingError as error:
        raise (_unreadable() if error.is_damaged else _too_complex()) from error
    variants = {
        name: PhotoVariant(*image) for name, image in zip(SIZES, decoded.images, strict=True)
    }
    return DecodedPhoto(variants, fingerprint(file), header.gps, decoded.colour)


def _seekable(source: bytes | IO[bytes], limits: PhotoLimits) -> IO[bytes]:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    # One byte more than allowed is enough to know; a stream may have no end.
    return source if source.seekable() else io.BytesIO(source.read(limits.max_bytes + 1))


def fingerprint(file: IO[bytes]) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _unreadable() -> PhotoError:
    return PhotoError(
        "unreadable",
        N_("Cette photo est abîmée et n’a pas pu être lue. Essayez d’en envoyer une autre."),
    )


def _too_complex() -> PhotoError:
    return PhotoError(
        "too_complex",
        N_(
            "Cette photo demande trop de mémoire ou de temps pour être lue. Enregistrez-la en "
            "JPEG, en plus petit, puis envoyez-la de nouveau."
        ),
    )


def _busy() -> PhotoError:
    return PhotoError(
        "busy",
        N_(
            "Beaucoup de photos arrivent en ce moment. Celle-ci est gardée : envoyez de nouveau "
            "dans une minute."
        ),
    )
