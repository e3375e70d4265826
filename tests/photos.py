"""Photos for tests, made on the spot: plain ones, those of telephones, and those of attackers."""

import io
import struct
import zlib

import pillow_heif
from PIL import ExifTags, Image

pillow_heif.register_heif_opener()


def written(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """The image as a file of one format."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif_of(gps: tuple[float, float] | None = None, orientation: int = 1) -> Image.Exif:
    """What a telephone writes; ``gps`` in degrees north and east."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    if gps is not None:
        lat, lon = gps
        exif[ExifTags.IFD.GPSInfo] = {
            1: "N" if lat >= 0 else "S",
            2: (abs(lat), 0.0, 0.0),
            3: "E" if lon >= 0 else "W",
            4: (abs(lon), 0.0, 0.0),
        }
    return exif


def jpeg(
    width: int = 640,
    height: int = 480,
    colour: str = "#3b6e8f",
    gps: tuple[float, float] | None = None,
) -> bytes:
    """A plain JPEG; ``gps`` is written as a phone does, in degrees north and east."""
    return written(Image.new("RGB", (width, height), colour), exif=exif_of(gps))


def heic(
    width: int = 640,
    height: int = 480,
    colour: str = "#3b6e8f",
    gps: tuple[float, float] | None = None,
) -> bytes:
    """What an iPhone writes."""
    return written(Image.new("RGB", (width, height), colour), "HEIF", exif=exif_of(gps))


def telephone(width: int, height: int, kind: str, **options: object) -> bytes:
    """A photo with something on it everywhere, as large as a telephone makes it."""
    seed = bytes((x * 7 + y * 13 + x * y) % 256 for y in range(48) for x in range(64 * 3))
    small = Image.frombytes("RGB", (64, 48), seed)
    return written(small.resize((width, height), Image.Resampling.BILINEAR), kind, **options)


def png_chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a PNG, with its checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_that_claims(width: int, height: int, pixels: bytes = b"\0" * 10_000) -> bytes:
    """A PNG whose header says so, whatever is in it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def bomb(side: int = 7_700) -> bytes:
    """A black square of a few hundred kilobytes that takes gigabytes to decode and write anew."""
    row = bytes(1 + 4 * side)
    packer = zlib.compressobj(9)
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def jpeg_of_segments(number: int = 500_000) -> bytes:
    """A JPEG with so many empty comments before its picture."""
    plain = jpeg(64, 48)
    return plain[:2] + b"\xff\xfe\x00\x02" * number + plain[2:]


def jpeg_of_scans(scans: int = 20_000, side: int = 6_000) -> bytes:
    """A progressive JPEG that refines the same large, empty picture again and again."""
    image = written(Image.new("L", (side, side)), progressive=True)
    last = image[image.rindex(b"\xff\xda") : -2]
    return image[:-2] + last * scans + image[-2:]
