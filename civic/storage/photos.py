"""Photos from strangers, made safe to publish.

A photo is decoded and written anew, so that nothing of the file that came reaches the public: no
metadata, no hidden part, no trick of one decoder. The position a phone wrote into it is read first,
to be offered as the place of the report.
"""

import hashlib
import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

import pillow_heif
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

from civic.i18n import N_

_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")
_SIZES = {"large": 1600, "medium": 800, "small": 320}
_SIGNATURE_BYTES = 16
_CONTENT_TYPE = "image/jpeg"
_SRGB = ImageCms.createProfile("sRGB")

pillow_heif.register_heif_opener()


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """What is accepted, and how well it is kept."""

    max_bytes: int = 15_000_000
    max_pixels: int = 60_000_000
    quality: int = 80
    """Of the JPEG written, 1 to 95."""


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
    """`large`, `medium` and `small`: at most 1600, 800 and 320 pixels, never enlarged."""
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


def decode_photo(source: bytes | BinaryIO, limits: PhotoLimits | None = None) -> DecodedPhoto:
    """Return a JPEG, PNG, WebP, AVIF or HEIC photo upright, small and without metadata.

    Of an animation, the first image. PhotoError, with the code `empty`, `too_heavy` (bytes),
    `too_large` (pixels, checked before decoding), `format` or `unreadable`. Takes up to a second of
    processor time: decode before the first statement of a transaction.
    """
    limits = limits or PhotoLimits()
    data = _read(source, limits)
    picture = _opened(data, limits)
    try:
        gps = _gps(picture)
        upright = _upright(picture)
    except Exception as error:  # decoders of broken files raise anything
        raise _unreadable() from error
    variants = {}
    current = upright
    # From the largest down: each is made from the one before.
    for name, side in _SIZES.items():
        current = current.copy()
        current.thumbnail((side, side), Image.Resampling.LANCZOS)
        variants[name] = PhotoVariant(current.width, current.height, _as_jpeg(current, limits))
    return DecodedPhoto(
        variants=variants,
        sha256=hashlib.sha256(data).hexdigest(),
        gps=gps,
        colour=_dominant_colour(current),
    )


def _read(source: bytes | BinaryIO, limits: PhotoLimits) -> bytes:
    # One byte more than allowed is enough to know; a stream may have no end.
    data = source if isinstance(source, bytes) else source.read(limits.max_bytes + 1)
    if not data:
        raise PhotoError("empty", N_("Ce fichier est vide. Choisissez une autre photo."))
    if len(data) > limits.max_bytes:
        raise PhotoError(
            "too_heavy",
            N_("Cette photo dépasse %(limit)d\u00a0Mo. Choisissez-en une plus légère."),
            limit=limits.max_bytes // 1_000_000,
        )
    return data


def _opened(data: bytes, limits: PhotoLimits) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Our own limit, below, is the stricter and the clearer one.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)
            picture = Image.open(io.BytesIO(data), formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_large(limits) from error
    except UnidentifiedImageError as error:
        if _has_photo_signature(data):
            raise _unreadable() from error
        raise PhotoError(
            "format",
            N_(
                "Ce fichier n’est pas une photo que nous savons lire. "
                "Envoyez une image JPEG, PNG, WebP, AVIF ou HEIC."
            ),
        ) from error
    except Exception as error:  # decoders of broken files raise anything
        raise _unreadable() from error
    if picture.width * picture.height > limits.max_pixels:
        raise _too_large(limits)
    return picture


def _has_photo_signature(data: bytes) -> bool:
    """Say whether a file that could not be read at least begins like a photo."""
    head = data[:_SIGNATURE_BYTES]
    return (
        head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
        or (head.startswith(b"RIFF") and head[8:12] == b"WEBP")
        or (head[4:8] == b"ftyp" and head[8:12] in {b"avif", b"heic", b"heix", b"mif1"})
    )


def _upright(picture: Image.Image) -> Image.Image:
    """Return the photo at the largest size kept, turned as it was held, in plain sRGB."""
    orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
    profile = picture.info.get("icc_profile")
    side = _SIZES["large"]
    # A JPEG is decoded at a fraction of its size where that is enough: quicker, and less memory.
    picture.draft(None, (side, side))
    picture.load()
    if picture.mode.startswith("I"):
        # A grey of 16 bits, as scanners write it.
        flat = picture.convert("I").point(lambda value: value * (1 / 256) + 0).convert("L")
        flat.thumbnail((side, side), Image.Resampling.LANCZOS)
    elif "transparency" in picture.info or picture.mode in {"RGBA", "LA", "PA", "RGBa", "La"}:
        layer = picture.convert("RGBA")
        layer.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        flat = Image.new("RGB", layer.size, "white")
        flat.paste(layer, mask=layer.getchannel("A"))
    else:
        flat = picture if picture.mode in {"RGB", "L", "CMYK"} else picture.convert("RGB")
        flat.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    coloured = _in_srgb(flat, profile)
    # Onto a new image: the old one drags comments and profiles along in its `info`.
    clean = Image.new("RGB", coloured.size)
    clean.paste(coloured)
    clean.getexif()[ExifTags.Base.Orientation] = orientation
    return ImageOps.exif_transpose(clean)


def _in_srgb(picture: Image.Image, profile: object) -> Image.Image:
    """Return the photo in RGB, its colours translated from the profile of the camera."""
    if isinstance(profile, bytes) and picture.mode in {"RGB", "CMYK"}:
        try:
            translated = ImageCms.profileToProfile(
                picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), _SRGB, outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile costs a little colour, not the photo
        else:
            if translated is not None:
                return translated
    return picture.convert("RGB")


def _as_jpeg(picture: Image.Image, limits: PhotoLimits) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=limits.quality, optimize=True, progressive=True)
    return buffer.getvalue()


def _dominant_colour(picture: Image.Image) -> str:
    sample = picture.resize((48, 48), Image.Resampling.BOX).quantize(colors=6)
    counts = sample.histogram()
    palette = sample.getpalette() or []
    most = 3 * counts.index(max(counts))
    red, green, blue = palette[most : most + 3]
    return f"#{red:02x}{green:02x}{blue:02x}"


def _gps(picture: Image.Image) -> tuple[float, float] | None:
    """Return the position the camera wrote, or None when it wrote none or a nonsense."""
    try:
        tags = picture.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        lat = _degrees(tags[ExifTags.GPS.GPSLatitude], tags[ExifTags.GPS.GPSLatitudeRef], "N", "S")
        lon = _degrees(
            tags[ExifTags.GPS.GPSLongitude], tags[ExifTags.GPS.GPSLongitudeRef], "E", "W"
        )
    except Exception:  # noqa: BLE001 - written by any device in any way; a photo without place is fine
        return None
    is_on_earth = abs(lat) <= 90 and abs(lon) <= 180
    # Phones without a fix write zeros: nobody reports from the Gulf of Guinea.
    return (lat, lon) if is_on_earth and (lat, lon) != (0, 0) else None


def _degrees(
    parts: tuple[float, float, float], letter: str | bytes, positive: str, negative: str
) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    sign = letter.decode() if isinstance(letter, bytes) else letter
    direction = {positive: 1, negative: -1}[sign.strip("\0 ").upper()]
    return round(direction * (degrees + minutes / 60 + seconds / 3600), 7)


def _too_large(limits: PhotoLimits) -> PhotoError:
    return PhotoError(
        "too_large",
        N_("Cette photo dépasse %(limit)d millions de pixels. Choisissez-en une plus petite."),
        limit=limits.max_pixels // 1_000_000,
    )


def _unreadable() -> PhotoError:
    return PhotoError(
        "unreadable",
        N_("Cette photo est abîmée et n’a pas pu être lue. Essayez d’en envoyer une autre."),
    )
