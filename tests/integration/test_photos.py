"""A photo is taken whatever phone made it, and comes out with nothing but its picture."""

import io
import struct
import zlib
from collections.abc import Callable

import pillow_heif
import pytest
from PIL import ExifTags, Image, ImageDraw
from PIL.TiffImagePlugin import IFDRational

from civic.storage.photos import DecodedPhoto, PhotoError, PhotoLimits, decode_photo

pillow_heif.register_heif_opener()
SECRET = "SECRET-OWNER-NAME"


def picture(width: int = 60, height: int = 40, mode: str = "RGB") -> Image.Image:
    """Blue, with a red block in the upper left corner."""
    image = Image.new("RGB", (width, height), (20, 40, 200))
    ImageDraw.Draw(image).rectangle((0, 0, width // 4, height // 4), fill=(220, 10, 10))
    return image.convert(mode)


def exif(
    orientation: int = 1,
    gps: tuple[object, object, object, object] | None = ("N", (48, 51, 24.0), "E", (2, 21, 8.0)),
) -> Image.Exif:
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    tags[ExifTags.Base.Artist] = SECRET
    if gps is not None:
        lat_ref, lat, lon_ref, lon = gps
        tags[ExifTags.IFD.GPSInfo] = {
            ExifTags.GPS.GPSLatitudeRef: lat_ref,
            ExifTags.GPS.GPSLatitude: lat,
            ExifTags.GPS.GPSLongitudeRef: lon_ref,
            ExifTags.GPS.GPSLongitude: lon,
        }
    return tags


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(photo: DecodedPhoto, name: str = "large") -> Image.Image:
    return Image.open(io.BytesIO(photo.variants[name].data))


def is_red(pixel: object) -> bool:
    assert isinstance(pixel, tuple)
    red, _, blue = pixel
    return bool(red > 120 > blue)


def error_of(data: bytes, limits: PhotoLimits | None = None) -> PhotoError:
    with pytest.raises(PhotoError) as caught:
        decode_photo(data, limits)
    return caught.value


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_every_format_comes_out_as_jpeg_with_its_place_read(kind: str) -> None:
    photo = decode_photo(encoded(picture(), kind, exif=exif()))
    assert opened(photo).format == "JPEG"
    assert (photo.width, photo.height) == (60, 40)
    assert photo.gps == pytest.approx((48.856667, 2.352222), abs=1e-6)
    assert photo.variants["large"].content_type == "image/jpeg"


def test_the_photo_of_an_iphone() -> None:
    try:
        data = encoded(picture(200, 100), "HEIF", exif=exif())
    except (OSError, RuntimeError, KeyError):
        pytest.skip("this build of pillow-heif reads only")
    photo = decode_photo(data)
    assert opened(photo).format == "JPEG"
    assert (photo.width, photo.height) == (200, 100)
    assert is_red(opened(photo).getpixel((10, 10)))
    assert photo.gps is not None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_no_metadata_is_left(kind: str) -> None:
    data = encoded(picture(), kind, exif=exif(), comment=SECRET, xmp=SECRET.encode())
    assert SECRET.encode() in data
    for name, variant in decode_photo(data).variants.items():
        assert SECRET.encode() not in variant.data
        assert b"Exif" not in variant.data
        image = opened(decode_photo(data), name)
        assert not image.getexif()
        assert not {"exif", "comment", "xmp", "icc_profile"} & image.info.keys()


def held(image: Image.Image, orientation: int) -> Image.Image:
    """What the sensor recorded when the phone was held so."""
    method = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)
    return image if method is None else image.transpose(method)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_stands_upright_however_the_phone_was_held(orientation: int) -> None:
    data = encoded(held(picture(), orientation), exif=exif(orientation))
    photo = decode_photo(data)
    assert (photo.width, photo.height) == (60, 40)
    assert is_red(opened(photo).getpixel((4, 4)))
    assert not is_red(opened(photo).getpixel((55, 35)))


def test_it_is_made_smaller_never_larger() -> None:
    photo = decode_photo(encoded(picture(3000, 1500)))
    sizes = {name: (v.width, v.height) for name, v in photo.variants.items()}
    assert sizes == {
        "large": (1600, 800),
        "medium": (800, 400),
        "card": (480, 240),
        "small": (320, 160),
        "tiny": (160, 80),
    }
    small = decode_photo(encoded(picture(100, 50)))
    assert {(v.width, v.height) for v in small.variants.values()} == {(100, 50)}


def test_an_extreme_shape_keeps_a_side() -> None:
    photo = decode_photo(encoded(picture(4000, 2), "PNG"))
    assert photo.width == 1600
    assert photo.variants["small"].height == 1


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "I;16"])
def test_every_way_to_write_a_png(mode: str) -> None:
    if mode == "I;16":
        image = Image.new("I;16", (60, 40), 40_000)
    else:
        image = picture().convert("RGBA").convert(mode)
    assert opened(decode_photo(encoded(image, "PNG"))).mode == "RGB"


def test_what_is_transparent_becomes_white() -> None:
    photo = decode_photo(encoded(Image.new("RGBA", (40, 40), (255, 0, 0, 0)), "PNG"))
    assert opened(photo).getpixel((20, 20)) == (255, 255, 255)


def test_a_printers_jpeg() -> None:
    assert is_red(opened(decode_photo(encoded(picture(mode="CMYK")))).getpixel((4, 4)))


def test_of_an_animation_the_first_image() -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert is_red(opened(decode_photo(data)).getpixel((20, 20)))


def test_its_colour_and_fingerprint() -> None:
    data = encoded(picture())
    photo = decode_photo(data)
    red, green, blue = (int(photo.colour[at : at + 2], 16) for at in (1, 3, 5))
    assert blue > 150 > max(red, green)
    assert photo.sha256 == decode_photo(io.BytesIO(data)).sha256


@pytest.mark.parametrize(
    "gps",
    [
        None,
        ("N", (0, 0, 0), "E", (0, 0, 0)),
        ("N", (95, 0, 0), "E", (2, 0, 0)),
        ("X", (48, 0, 0), "E", (2, 0, 0)),
        ("N", (48, 0, 0), "E", (2,)),
        ("N", (IFDRational(1, 0), 0, 0), "E", (2, 0, 0)),
    ],
)
def test_no_place_or_a_nonsense_is_no_place(gps: tuple[object, ...] | None) -> None:
    assert decode_photo(encoded(picture(), exif=exif(gps=gps))).gps is None  # type: ignore[arg-type]


def test_south_and_west_are_negative() -> None:
    gps = ("S", (21, 6, 0.0), "W", (55, 30, 0.0))
    photo = decode_photo(encoded(picture(), exif=exif(gps=gps)))
    assert photo.gps == pytest.approx((-21.1, -55.5))


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 10_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: b"", "empty"),
        (lambda: png_that_claims(9000, 9000), "too_large"),
        (lambda: png_that_claims(60_000, 60_000), "too_large"),
        (lambda: png_that_claims(1000, 1000), "unreadable"),
        (lambda: encoded(picture(600, 400))[:-2000], "unreadable"),
        (lambda: b"\xff\xd8\xff" + b"\0" * 100, "unreadable"),
        (lambda: encoded(picture(), "GIF"), "format"),
        (lambda: encoded(picture(), "TIFF"), "format"),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "format"),
        (lambda: b"%PDF-1.7", "format"),
        (lambda: b"PK\x03\x04", "format"),
    ],
)
def test_what_is_refused(make: Callable[[], bytes], code: str) -> None:
    assert error_of(make()).code == code


def test_the_limits_are_said_in_the_message() -> None:
    error = error_of(encoded(picture()), PhotoLimits(max_bytes=100))
    assert error.code == "too_heavy"
    assert "dépasse 0\u00a0Mo" in str(error)
    assert error.message % error.params == str(error)
    assert error_of(encoded(picture()), PhotoLimits(max_pixels=100)).code == "too_large"


def test_an_endless_stream_is_read_no_further_than_the_limit() -> None:
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size: int = -1) -> bytes:
            assert size > 0
            self.asked += size
            return b"\0" * size

    stream = Endless()
    with pytest.raises(PhotoError, match="Mo"):
        decode_photo(stream, PhotoLimits(max_bytes=1000))  # type: ignore[arg-type]
    assert stream.asked <= 1001
